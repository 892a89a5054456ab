/** Gets the OpenAPI document once, for all tests of this folder. */
import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { startService, temporaryFolder } from './service.js';

export default async function setup(project: TestProject): Promise<void> {
  const dataDir = await temporaryFolder();
  const service = await startService({ DATA_DIR: dataDir });
  try {
    const response = await fetch(`${service.url}/openapi.json`);
    const document: unknown = await response.json();
    if (!response.ok || typeof document !== 'object' || document === null)
      throw new Error(`the service has no OpenAPI document: ${JSON.stringify(document)}`);
    project.provide('contract', document);
  } finally {
    await service.stop();
    await rm(dataDir, { recursive: true });
  }
}
