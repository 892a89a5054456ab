/** Copies folders file by file, and knows what of them has changed meanwhile. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { constants, copyFile, lstat, open, readdir, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { isMissing, makeFolder, syncFolder, whereMissing } from '../../disk.js';

/** A file that was changed this shortly before it was copied may change again without another time. */
const UNSURE_NS = 2_000_000_000n;

/** What a file was when it was copied. */
type Seen = { readonly size: bigint; readonly changed: bigint; readonly isSure: boolean };

/** The files below a folder, as paths in it; those that go away meanwhile are left out. */
export async function filesIn(
  folder: string,
  isWanted: (path: string) => boolean = () => true,
): Promise<string[]> {
  return (await entriesIn(folder, isWanted)).files;
}

/** The same, with the folders. */
export async function entriesIn(
  folder: string,
  isWanted: (path: string) => boolean = () => true,
): Promise<{ readonly files: string[]; readonly folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  const walk = async (at: string): Promise<void> => {
    const entries = await readdir(at, { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    for (const entry of entries) {
      const path = relative(folder, join(at, entry.name));
      if (!isWanted(path)) continue;
      if (entry.isDirectory()) {
        folders.push(path);
        await walk(join(at, entry.name));
      } else if (entry.isFile()) files.push(path);
    }
  };
  await walk(folder);
  return { files: files.toSorted(), folders: folders.toSorted() };
}

/** A copy of a folder that is made while the folder is written to, and brought up to date once it is not. */
export class MovingCopy {
  private readonly seen = new Map<string, Seen>();

  constructor(
    private readonly from: string,
    private readonly into: string,
  ) {}

  /** Copies what is new or was changed since the last time, and removes what is gone. */
  async update(): Promise<void> {
    const { files, folders } = await entriesIn(this.from);
    // PostgreSQL needs its empty ones too
    for (const path of folders) makeFolder(join(this.into, path), 0o700);
    const there = new Set(files);
    for (const path of files) await this.updateFile(path);
    for (const path of [...this.seen.keys()].filter((one) => !there.has(one))) {
      this.seen.delete(path);
      await rm(join(this.into, path), { force: true });
    }
  }

  private async updateFile(path: string): Promise<void> {
    const [from, into] = [join(this.from, path), join(this.into, path)];
    try {
      const now = BigInt(Date.now()) * 1_000_000n;
      const { size, mtimeNs: changed } = await lstat(from, { bigint: true });
      const before = this.seen.get(path);
      if (before?.isSure === true && before.size === size && before.changed === changed) return;
      makeFolder(dirname(into), 0o700);
      // by reference where the file system can: changes may wait for it
      await copyFile(from, into, constants.COPYFILE_FICLONE);
      this.seen.set(path, { size, changed, isSure: changed < now - UNSURE_NS });
    } catch (error) {
      // the next update finds that it is gone
      if (!isMissing(error)) throw error;
    }
  }
}

/** Copies one file, if it is there. */
export async function copyOne(from: string, into: string): Promise<void> {
  makeFolder(dirname(into), 0o700);
  await copyFile(from, into).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** Makes a folder durable, with all files in it that stay. */
export async function syncAll(folder: string): Promise<void> {
  const { files, folders } = await entriesIn(folder);
  for (const path of files) {
    // a database that goes on removes files of its own
    const file = await open(join(folder, path), 'r').catch(whereMissing(undefined));
    if (file === undefined) continue;
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  for (const one of folders) await syncFolder(join(folder, one));
  await syncFolder(folder);
}

/** The SHA-256 (FIPS 180-4) of a file, in base64url. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(Buffer.from(chunk));
  return hash.digest('base64url');
}
