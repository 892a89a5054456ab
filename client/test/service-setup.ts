/** Starts the built service once for all specs that ask it, and gets its OpenAPI document. */
import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { newDataFolder } from '../../test/data-folder.js';
import { startService } from '../../test/e2e/service.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of a service, and its data folder, with whose key tokens are made. */
    service: { readonly url: string; readonly dataDir: string; readonly publicUrl: string };
    /** The OpenAPI document of the service, as JSON. */
    openapi: string;
  }
}

/** What proofs name: the port of the service is free, and not known before. */
const PUBLIC_URL = 'https://assent.example/consent';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await newDataFolder(undefined, project.getProvidedContext().prepared);
  const { url, stop } = await startService({ DATA_DIR: dataDir, PUBLIC_URL });
  const response = await fetch(`${url}/openapi.json`);
  if (!response.ok) throw new Error(`the service has no OpenAPI document: ${response.status}`);
  project.provide('service', { url, dataDir, publicUrl: PUBLIC_URL });
  project.provide('openapi', await response.text());
  return async () => {
    await stop();
    await rm(dataDir, { recursive: true });
  };
}
