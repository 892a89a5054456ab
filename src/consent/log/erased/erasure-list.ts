/**
 * The list of erasures: who was erased, and when, as keyed hashes (HMAC-SHA-256, FIPS 198-1), in a folder of its own. It lies
 * outside the database, so that a database that is put back to an older copy does not put it back too.
 *
 * Each process appends to files of its own, so the list is all files of the folder together, and two folders of one list are
 * joined by copying their files into one.
 */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { type FileHandle, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFaultOf, makeFolder, syncFolder, whereMissing } from '../../../disk.js';
import { makeOnce } from '../../../durable.js';
import { DAY_MS } from '../../../time.js';
import type { ListedErasure } from './erasure-marks.store.js';
import { PatientDisk } from './patient-disk.js';

/** Names the file of its key. */
export const KEY = 'key';
const KEY_BYTES = 32;
/** Names the lists that this one stands in for. */
const INSTEAD = 'instead-of';
/** Names the file with the month before which a database may be older than all that the list has. */
export const ALSO_BEFORE = 'also-before';
/** Ends the name of a file of entries, to which one process appends. */
export const ENDING = '.erasures';
/** Ends the name of a file that says: from the month in its name on, the list has all entries. */
const KEPT_FROM = '.kept-from';
const HASH_BYTES = 16;
const NONCE_BYTES = 6;
const CODE_BYTES = 12;
/** The month in the name of a file. */
const MONTH = /^(\d{4})-(\d{2})\./;
/** A file is deleted as a whole, so an entry may stay for this much longer. */
export const MONTH_MS = 31 * DAY_MS;
/** The changes of all processes wait while somebody is entered: less than decisions go on without an answer. */
const PATIENCE_MS = 3_000;

export type ListSettings = {
  readonly folder: string;
  /** Whether a list is begun where there is none. */
  readonly mayBegin: boolean;
};

type Listed = ListedErasure & {
  readonly hash: string;
  /** The consistency token of the place in the log that it follows; empty: not known. */
  readonly place: string;
  readonly file: string;
};

export class ErasureList {
  /** Tells the list, and its key, from any other. */
  readonly name: string;
  /** From when on it has all entries, in milliseconds since the Unix epoch: what is older was deleted. */
  keptFrom = -Infinity;
  /** When users were erased last, by their hashes. */
  private readonly times = new Map<string, number>();
  /** How much of each file was read. */
  private readonly read = new Map<string, number>();
  private listed: Listed[] = [];
  private readonly disk = new PatientDisk(PATIENCE_MS);
  private file: { readonly name: string; readonly handle: FileHandle } | undefined;

  private constructor(
    private readonly folder: string,
    private readonly key: Buffer,
    /** The names of lists that were lost, and that this one stands in for. */
    readonly insteadOf: ReadonlySet<string>,
    private readonly alsoBefore: string,
  ) {
    this.name = this.codeOf('name').toString('base64url');
  }

  /**
   * Opens a list.
   *
   * @returns `undefined` when there is none, and none may be begun
   * @throws Error with a message for people when it cannot be read, or an entry is not as it was written
   */
  static async open({ folder, mayBegin }: ListSettings): Promise<ErasureList | undefined> {
    try {
      let key = await keyIn(folder);
      if (key === undefined && !mayBegin) return undefined;
      key ??= await newKey(folder);
      const instead = await readFile(join(folder, INSTEAD), 'utf8').catch(whereMissing(''));
      const alsoBefore = await readFile(join(folder, ALSO_BEFORE), 'utf8').catch(whereMissing(''));
      const list = new ErasureList(
        folder,
        key,
        new Set(instead.split('\n').filter(Boolean)),
        alsoBefore.trim(),
      );
      await list.readAll();
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

  /** The month from which on it has all entries, as in the names of its files; `undefined`: nothing was deleted. */
  get keptFromMonth(): string | undefined {
    return Number.isFinite(this.keptFrom) ? monthText(this.keptFrom) : undefined;
  }

  /** Whether a person has said that a copy from before that month, which is named so, may go on with it. */
  takesOlder(copy: string): boolean {
    return this.alsoBefore === copy;
  }

  /** When a user was erased last, in milliseconds since the Unix epoch, as far as it was read; `undefined`: never. */
  erasedAt(user: string): number | undefined {
    return this.times.size === 0 ? undefined : this.times.get(this.hashOf(user));
  }

  /** All that was read. */
  get entries(): readonly Listed[] {
    return this.listed;
  }

  /**
   * Enters that a user is erased, durably. To be called before it is done: what is on the list and was not done is done at
   * the next start, and not the other way round.
   *
   * @param at milliseconds since the Unix epoch, not before anything that the log has
   * @param place the consistency token of the end of the log
   * @param within how long whoever asked can wait, in milliseconds
   * @throws Error when it could not be written, or not in time: then it may come to be there
   */
  enter(user: string, at: number, place: string, within?: number): Promise<ListedErasure> {
    return this.disk.does(async () => {
      const said = `${randomBytes(NONCE_BYTES).toString('base64url')} ${this.hashOf(user)} ${at} ${place}`;
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
      this.take(said, id, name);
      return { id, at };
    }, within);
  }

  /**
   * Reads what other processes have entered since.
   *
   * @param within how long whoever asked can wait, in milliseconds
   * @throws Error when an entry is not as it was written, or the folder does not answer in time
   */
  refresh(within?: number): Promise<void> {
    return this.disk.does(() => this.readAll(), within);
  }

  /**
   * Deletes the months that ended before then.
   *
   * @param before milliseconds since the Unix epoch, by a clock that can be believed: they are lost for good
   * @throws Error when they could not be deleted, or not in time
   */
  deleteOld(before: number): Promise<void> {
    return this.disk.does(async () => {
      const from = firstMonthSince(before - MONTH_MS);
      const names = (await readdir(this.folder)).filter((name) => monthOf(name) < from);
      if (names.some((name) => name.endsWith(ENDING))) {
        // what says that they are gone is there before they are
        const name = `${monthText(from)}${KEPT_FROM}`;
        await writeFile(join(this.folder, name), this.saidIn(name), { mode: 0o600, flush: true });
        await syncFolder(this.folder);
      }
      await this.readAll();
      for (const name of names)
        if (monthOf(name) < this.keptFrom && (name.endsWith(ENDING) || name.endsWith(KEPT_FROM)))
          await rm(join(this.folder, name), { force: true });
    });
  }

  async close(): Promise<void> {
    await this.disk.does(async () => {
      await this.file?.handle.close();
      this.file = undefined;
    });
  }

  private async readAll(): Promise<void> {
    const names = (await readdir(this.folder)).toSorted();
    for (const name of names.filter((one) => one.endsWith(KEPT_FROM))) {
      const said = await readFile(join(this.folder, name), 'latin1').catch(whereMissing(''));
      // one of which a half was written has deleted nothing
      if (isSame(said, this.saidIn(name))) this.keptFrom = Math.max(this.keptFrom, monthOf(name));
    }
    this.leaveOutOld();
    for (const name of names)
      if (name.endsWith(ENDING) && monthOf(name) >= this.keptFrom) await this.readOn(name);
  }

  private leaveOutOld(): void {
    const isOld = (file: string) => monthOf(file) < this.keptFrom;
    const old = [...this.read.keys()].filter(isOld);
    if (old.length === 0) return;
    for (const name of old) this.read.delete(name);
    this.listed = this.listed.filter(({ file }) => !isOld(file));
    this.times.clear();
    for (const { hash, at } of this.listed) this.note(hash, at);
  }

  private async readOn(name: string): Promise<void> {
    const path = join(this.folder, name);
    const from = this.read.get(name) ?? 0;
    // another process may have deleted it
    const size = await stat(path).then((file) => file.size, whereMissing(from));
    if (size === from) return;
    const bytes = await readFile(path).catch(whereMissing(Buffer.alloc(0)));
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
      this.take(said, id, name);
    }
    this.read.set(name, Math.max(from, end));
  }

  private take(said: string, id: string, file: string): void {
    const [, hash = '', time, place = ''] = said.split(' ');
    const at = Number(time);
    this.listed.push({ id, hash, at, place, file });
    this.note(hash, at);
  }

  private note(hash: string, at: number): void {
    this.times.set(hash, Math.max(at, this.times.get(hash) ?? -Infinity));
  }

  private async fileOf(at: number): Promise<{ readonly name: string; readonly handle: FileHandle }> {
    // a clock may have been set back to a month that is no part of the list any more
    const month = monthText(Math.max(at, this.keptFrom));
    if (this.file?.name.startsWith(month) === true) return this.file;
    await this.file?.handle.close();
    this.file = undefined;
    const name = `${month}.${randomUUID()}${ENDING}`;
    const handle = await open(join(this.folder, name), 'ax', 0o600);
    await syncFolder(this.folder);
    this.file = { name, handle };
    return this.file;
  }

  /** What a file says that has this name, and no entries. */
  private saidIn(name: string): string {
    return `${this.codeOf(`file ${name}`).toString('base64url')}\n`;
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
  await makeOnce(join(folder, KEY), `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  const key = await keyIn(folder);
  if (key === undefined) throw new ListFault(`\`${join(folder, KEY)}\` was taken away while it was written`);
  return key;
}

/** When the month in the name of a file began, in milliseconds since the Unix epoch; Infinity: it has none. */
function monthOf(name: string): number {
  const [, year, month] = MONTH.exec(name) ?? [];
  return month === undefined ? Infinity : Date.UTC(Number(year), Number(month) - 1);
}

/** When the first month began that did so at this time or later. */
function firstMonthSince(time: number): number {
  const at = new Date(time);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  const its = Date.UTC(year, month);
  return its === time ? its : Date.UTC(year, month + 1);
}

function monthText(time: number): string {
  return new Date(time).toISOString().slice(0, 7);
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
