/** Commands of this project, run as they are, with a folder for the files that they make. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

export const ROOT = new URL('../..', import.meta.url).pathname;

export type Script = {
  readonly child: ChildProcess;
  /** What it has written until now. */
  readonly output: () => string;
  /** Resolves to how it ended. */
  readonly ended: Promise<number | null>;
};

/** Runs one script in each test of a file. */
export class ScriptOfTests {
  /** Where the command puts its files. */
  folder = '';

  constructor(private readonly script: string) {
    beforeEach(async () => {
      this.folder = await mkdtemp(join(tmpdir(), 'assent-'));
      // PostgreSQL must reach its own below it
      await chmod(this.folder, 0o711);
    });
    afterEach(() => rm(this.folder, { recursive: true }));
  }

  start(...args: readonly string[]): Script {
    const child = spawn(process.execPath, [this.script, ...args], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: this.folder },
    });
    let written = '';
    child.stdout.on('data', (chunk) => (written += String(chunk)));
    child.stderr.on('data', (chunk) => (written += String(chunk)));
    return {
      child,
      output: () => written,
      ended: new Promise((resolve) => child.once('close', resolve)),
    };
  }
}
