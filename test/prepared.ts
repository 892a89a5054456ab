/** Folders that take long to make and are always the same: made once in a run of the tests, and copied from then on. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where they are, as `prepared-setup.ts` made it. */
    prepared: string;
  }
}

const LOOK_AGAIN_MS = 50;

/**
 * Makes a new folder, with owners and rights as they were made.
 *
 * @param make makes the first one of that name
 * @param prepared where the first ones are; to be given where there is no test
 */
export async function copyPrepared(
  name: string,
  into: string,
  make: (folder: string) => Promise<void>,
  prepared = inject('prepared'),
): Promise<void> {
  const made = join(prepared, name);
  while (!existsSync(made)) {
    // several would make it at once, each with as much work as one
    const isFirst = await mkdir(`${made}.making`).then(
      () => true,
      () => false,
    );
    if (isFirst) await makeOnce(made, make);
    else await pause(LOOK_AGAIN_MS);
  }
  await promisify(execFile)('cp', ['-a', made, into]);
}

async function makeOnce(made: string, make: (folder: string) => Promise<void>): Promise<void> {
  try {
    if (existsSync(made)) return;
    const unfinished = `${made}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await make(unfinished);
    await rename(unfinished, made);
  } finally {
    // after it failed, the next one tries
    await rmdir(`${made}.making`);
  }
}
