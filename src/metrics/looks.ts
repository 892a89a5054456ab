/** What is asked of the database and the disks when metrics are read, each within a moment. */
import { stat, statfs } from 'node:fs/promises';

/** Who collects metrics waits some seconds, and what hangs must be seen rather than hang them. */
const PATIENCE_MS = 1_000;

/** Asks one thing again and again, never twice at once. */
export class Look<T> {
  private asking: Promise<T | undefined> | undefined;

  constructor(private readonly ask: () => Promise<T>) {}

  /** @returns `undefined` when it failed, or was not answered in time; an answer that is late counts for the next call */
  async now(): Promise<T | undefined> {
    this.asking ??= this.ask()
      .catch(() => undefined)
      .finally(() => (this.asking = undefined));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
    });
    const found = await Promise.race([this.asking, late]);
    clearTimeout(timer);
    return found;
  }
}

/** How long something takes, in seconds, and what it gives. */
export async function timed<T>(
  ask: () => Promise<T>,
): Promise<{ readonly value: T; readonly seconds: number }> {
  const since = performance.now();
  const value = await ask();
  return { value, seconds: (performance.now() - since) / 1_000 };
}

/** Of several questions that are asked as one: the answers to the others count. */
export function ifKnown<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch(() => undefined);
}

export type Room = { readonly free: number; readonly size: number };

/** Room on the disk of a folder, in bytes: what is free for a user without privileges. */
export async function roomOn(folder: string): Promise<Room> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, size: blocks * bsize };
}

/** When a file was written last, in seconds since the Unix epoch. */
export async function writtenAt(file: string): Promise<number> {
  return (await stat(file)).mtimeMs / 1_000;
}
