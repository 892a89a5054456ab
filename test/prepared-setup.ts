/** Gives a run of the tests a folder for what is made once in it, see `prepared.ts`. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  // the projects of a run are set up in turn
  if ('prepared' in project.getProvidedContext()) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'assent-prepared-'));
  // PostgreSQL runs as a user of its own where tests run as root
  await chmod(folder, 0o711);
  project.vitest.provide('prepared', folder);
  return () => rm(folder, { recursive: true, force: true });
}
