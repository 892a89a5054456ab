/**
 * The list of erasures: who was erased, and when, as keyed hashes (HMAC-SHA-256, FIPS 198-1), in a folder of its own. It lies
 * outside the database, so that a database that is put back to an older copy does not put it back too.
 *
 * Each process appends to files of its own, so the list is all files of the folder together, and two folders of one list are
 * joined by copying their files into one.
 */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { type FileHandle, link, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { codeOf, diskFaultOf, isMissing, makeFolder, syncFolder, whereMissing } from '../../../disk.js';
import { DAY_MS } from '../../../time.js';
import type { ListedErasure } from './erasure-marks.store.js';

const KEY = 'key';
const KEY_BYTES = 32;
/** Names the lists that this one stands in for. */
const INSTEAD = 'instead-of';
const ENDING = '.erasures';
const HASH_BYTES = 16;
const NONCE_BYTES = 6;
const CODE_BYTES = 12;
/** The month in the name of a file. */
const MONTH = /^(\d{4})-(\d{2})\./;
/** A file is deleted as a whole, so an entry may stay for this much longer. */
export const MONTH_MS = 31 * DAY_MS;

export type ListSettings = {
  readonly folder: string;
  /** After how many days an entry is deleted; 0: never. */
  readonly days: number;
  /** Whether a list is begun where there is none. */
  readonly mayBegin: boolean;
};

export class ErasureList {
  /** Tells the list, and its key, from any other. */
  readonly name: string;
  /** When users were erased last, by their hashes. */
  private readonly times = new Map<string, number>();
  /** How much of each file was read. */
  private readonly read = new Map<string, number>();
  private readonly listed: (ListedErasure & { readonly hash: string })[] = [];
  private readonly oneAtATime = pLimit(1);
  private file: { readonly name: string; readonly handle: FileHandle } | undefined;

  private constructor(
    private readonly folder: string,
    private readonly key: Buffer,
    /** The names of lists that were lost, and that this one stands in for. */
    readonly insteadOf: ReadonlySet<string>,
  ) {
    this.name = this.codeOf('name').toString('base64url');
  }

  /**
   * Opens a list, and deletes what is too old of it.
   *
   * @param now milliseconds since the Unix epoch
   * @returns `undefined` when there is none, and none may be begun
   * @throws Error with a message for people when it cannot be read, or an entry is not as it was written
   */
  static async open({ folder, days, mayBegin }: ListSettings, now: number): Promise<ErasureList | undefined> {
    try {
      let key = await keyIn(folder);
      if (key === undefined && !mayBegin) return undefined;
      key ??= await newKey(folder);
      const instead = await readFile(join(folder, INSTEAD), 'utf8').catch(whereMissing(''));
      const list = new ErasureList(folder, key, new Set(instead.split('\n').filter(Boolean)));
      if (days > 0) await list.deleteOld(now - days * DAY_MS);
      await list.refresh();
      return list;
    } catch (cause) {
      if (cause instanceof ListFault) throw cause;
      throw new ListFault(
        `cannot use the list of erasures in \`${folder}\`: ${diskFaultOf(cause) ?? 'make it readable and writable'}; or set ERASURES_DIR`,
        { cause },
      );
    }
  }

  /** The hash of a user id, in base64url. */
  hashOf(user: string): string {
    return this.codeOf(`user ${user}`).subarray(0, HASH_BYTES).toString('base64url');
  }

  /** When a user was erased last, in milliseconds since the Unix epoch, as far as it was read; `undefined`: never. */
  erasedAt(user: string): number | undefined {
    return this.times.size === 0 ? undefined : this.times.get(this.hashOf(user));
  }

  /** All that was read. */
  get entries(): readonly (ListedErasure & { readonly hash: string })[] {
    return this.listed;
  }

  /**
   * Enters that a user is erased, durably. To be called before it is done: what is on the list and was not done is done at
   * the next start, and not the other way round.
   *
   * @param at milliseconds since the Unix epoch
   * @throws Error when it could not be written
   */
  enter(user: string, at: number): Promise<ListedErasure> {
    return this.oneAtATime(async () => {
      const said = `${randomBytes(NONCE_BYTES).toString('base64url')} ${this.hashOf(user)} ${at}`;
      const id = this.idOf(said);
      const { name, handle } = await this.fileOf(at);
      try {
        const line = Buffer.from(`${said} ${id}\n`);
        await handle.appendFile(line);
        await handle.sync();
        this.read.set(name, (this.read.get(name) ?? 0) + line.length);
      } catch (error) {
        // half a line may be at its end: nothing may follow it
        this.file = undefined;
        await handle.close().catch(() => undefined);
        throw error;
      }
      this.take(said, id);
      return { id, at };
    });
  }

  /** Reads what other processes have entered since. @throws Error when an entry is not as it was written */
  refresh(): Promise<void> {
    return this.oneAtATime(async () => {
      for (const name of (await readdir(this.folder)).filter((one) => one.endsWith(ENDING)).toSorted())
        await this.readOn(name);
    });
  }

  async close(): Promise<void> {
    await this.oneAtATime(async () => {
      await this.file?.handle.close();
      this.file = undefined;
    });
  }

  private async readOn(name: string): Promise<void> {
    const path = join(this.folder, name);
    const from = this.read.get(name) ?? 0;
    if ((await stat(path)).size === from) return;
    const bytes = await readFile(path);
    // a line without its end was being written when its process ended: nobody was told that it is done
    const end = bytes.lastIndexOf('\n') + 1;
    for (const line of bytes
      .subarray(from, Math.max(from, end))
      .toString('latin1')
      .split('\n')
      .slice(0, -1)) {
      const place = line.lastIndexOf(' ');
      const [said, id] = [line.slice(0, place), line.slice(place + 1)];
      if (!isSame(id, this.idOf(said)))
        throw new ListFault(
          `the list of erasures in \`${this.folder}\` is not as it was written: a line of \`${name}\` was altered, or is of another list; restore the file from a copy of it`,
        );
      this.take(said, id);
    }
    this.read.set(name, Math.max(from, end));
  }

  private take(said: string, id: string): void {
    const [, hash = '', time] = said.split(' ');
    const at = Number(time);
    this.listed.push({ id, hash, at });
    this.times.set(hash, Math.max(at, this.times.get(hash) ?? -Infinity));
  }

  private async fileOf(at: number): Promise<{ readonly name: string; readonly handle: FileHandle }> {
    const month = new Date(at).toISOString().slice(0, 7);
    if (this.file?.name.startsWith(month) === true) return this.file;
    await this.file?.handle.close();
    this.file = undefined;
    const name = `${month}.${randomUUID()}${ENDING}`;
    const handle = await open(join(this.folder, name), 'ax', 0o600);
    await syncFolder(this.folder);
    this.file = { name, handle };
    return this.file;
  }

  /** Deletes the files of months that ended before then. */
  private async deleteOld(before: number): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const [, year, month] = MONTH.exec(name) ?? [];
      if (month === undefined || !name.endsWith(ENDING)) continue;
      if (Date.UTC(Number(year), Number(month) - 1) + MONTH_MS < before)
        await rm(join(this.folder, name), { force: true });
    }
  }

  private idOf(said: string): string {
    return this.codeOf(`entry ${said}`).subarray(0, CODE_BYTES).toString('base64url');
  }

  private codeOf(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}

/** The list cannot be used; the message is for people. */
export class ListFault extends Error {}

async function keyIn(folder: string): Promise<Buffer | undefined> {
  const text = await readFile(join(folder, KEY), 'latin1').catch(whereMissing(undefined));
  if (text === undefined) return undefined;
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new ListFault(
    `\`${join(folder, KEY)}\` does not hold the key of a list of erasures: restore the file`,
  );
}

/** A new key in a file, or the one that another process was faster with. */
async function newKey(folder: string): Promise<Buffer> {
  makeFolder(folder, 0o700);
  const others = (await readdir(folder)).filter((name) => name.endsWith(ENDING));
  if (others.length > 0)
    throw new ListFault(
      `the list of erasures in \`${folder}\` has entries and no key: restore the file \`${KEY}\` that lay beside them`,
    );
  const fresh = join(folder, `${KEY}.${randomUUID()}`);
  await writeFile(fresh, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flush: true });
  // a link fails where there is a file: no key is ever replaced, and nobody reads half of one
  await link(fresh, join(folder, KEY)).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  await rm(fresh).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
  await syncFolder(folder);
  const key = await keyIn(folder);
  if (key === undefined) throw new ListFault(`\`${join(folder, KEY)}\` was taken away while it was written`);
  return key;
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
