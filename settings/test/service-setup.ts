/** Starts the built service once for all specs that neither publish a policy nor end it. */
import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { newDataFolder } from '../../test/data-folder.js';
import { startService, temporaryFolder } from '../../test/e2e/service.js';
import { policyIn } from './policy.js';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const policy = await temporaryFolder();
  await policyIn(policy);
  const dataDir = await newDataFolder(undefined, project.getProvidedContext().prepared);
  const { url, stop } = await startService({ DATA_DIR: dataDir, POLICY_DIR: policy });
  project.provide('settings', { url, dataDir });
  return async () => {
    await stop();
    for (const folder of [policy, dataDir]) await rm(folder, { recursive: true });
  };
}
