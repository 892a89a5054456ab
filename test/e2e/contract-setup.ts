/** Gets the OpenAPI document once, for all tests that hold answers against it. */
import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { newDataFolder } from '../data-folder.js';
import { startService } from './service.js';

export default async function setup(project: TestProject): Promise<void> {
  const known = project.vitest.projects
    .map((other) => other.getProvidedContext().contract)
    .find((document) => document !== undefined);
  if (known === undefined) project.provide('contract', await contractOf(project));
  else project.provide('contract', known);
}

async function contractOf(project: TestProject): Promise<object> {
  const dataDir = await newDataFolder(undefined, project.getProvidedContext().prepared);
  const service = await startService({ DATA_DIR: dataDir });
  try {
    const response = await fetch(`${service.url}/openapi.json`);
    const document: unknown = await response.json();
    if (!response.ok || typeof document !== 'object' || document === null)
      throw new Error(`the service has no OpenAPI document: ${JSON.stringify(document)}`);
    return document;
  } finally {
    await service.stop();
    await rm(dataDir, { recursive: true });
  }
}
