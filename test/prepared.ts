/** Folders that take long to make and are always the same: made once in a run of the tests, and copied from then on. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where they are, as `prepared-setup.ts` made it. */
    prepared: string;
  }
}

/**
 * Makes a new folder, with owners and rights as they were made.
 *
 * @param make makes the first one of that name
 */
export async function copyPrepared(
  name: string,
  into: string,
  make: (folder: string) => Promise<void>,
): Promise<void> {
  const made = join(inject('prepared'), name);
  if (!existsSync(made)) {
    const own = `${made}.${randomUUID()}`;
    await make(own);
    await rename(own, made).catch((error: unknown) => {
      // a test beside this one was faster
      if (!existsSync(made)) throw error;
    });
  }
  await promisify(execFile)('cp', ['-a', made, into]);
}
