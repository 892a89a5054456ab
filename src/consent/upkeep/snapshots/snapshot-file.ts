/**
 * A snapshot of the consent state in a file: written beside the old one and put in its place only when it is complete
 * on disk; read in one go, and used only if every byte is as it was written.
 *
 * The file: magic, format version, byte order; the output of `ConsentState.dump`; the last revision it may hold and the
 * seal of the log; the SHA-256 of all that.
 */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, makeFolder, syncFolder } from '../../../disk.js';
import { FORMATS, KINDS } from '../../log/chain.js';
import { ConsentState } from '../../../decision/state/consent-state.js';
import type { Source } from '../../../decision/state/dump-format.js';

const NAME = 'consent-state.snapshot';
const MAGIC = Buffer.from('assent consent\n\0');
/** Raise it with every change of the file's content, `ConsentState.dump` included. */
const LAYOUT = 5;
/**
 * `LAYOUT` plus the entry formats this build knows, so that no build starts from a snapshot that covers entries it
 * cannot read.
 */
export const FORMAT = LAYOUT + 10 * (KINDS.length + FORMATS.length);
const HEAD_BYTES = MAGIC.length + 8;
const SEAL_BYTES = 32;
const DIGEST_BYTES = 32;
/** Smaller reads are served from a read-ahead buffer; larger ones go directly to their destination. */
const AHEAD_BYTES = 1 << 14;
const CHUNK_BYTES = 1 << 18;
/** Numbers are written in the machine's byte order; this one shows which. */
const BYTE_ORDER = new Uint8Array(Uint32Array.of(0x01020304).buffer);

/** The disk operations of writing; a test makes each of them fail. */
export type Disk = {
  readonly mkdir: (folder: string) => Promise<void>;
  readonly list: (folder: string) => Promise<string[]>;
  /** Creates a new file, readable only by its owner. */
  readonly create: (path: string) => Promise<NewFile>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Makes a rename durable. */
  readonly syncFolder: (folder: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
};

export type NewFile = {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Resolves when the written data survives a loss of power. */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export const DISK: Disk = {
  mkdir: async (folder) => {
    makeFolder(folder, 0o700);
  },
  list: (folder) => readdir(folder),
  create: async (path) => newFile(await open(path, 'wx', 0o600)),
  rename,
  syncFolder,
  remove: (path) => rm(path, { force: true }),
};

function newFile(handle: FileHandle): NewFile {
  return {
    write: async (bytes) => {
      for (let written = 0; written < bytes.length;)
        written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

/** Where the snapshot of a data folder is. */
export function snapshotPath(folder: string): string {
  return join(folder, NAME);
}

/** The place of the log that a snapshot holds. */
export type Extent = {
  /** The last revision that it may hold changes of. */
  readonly reach: number;
  /** 32 bytes that identify the log at this revision. */
  readonly seal: Uint8Array;
};

/**
 * Writes a snapshot and puts it in place of the old one. The state may change meanwhile.
 *
 * @param seal gives the seal of what the state holds at the time
 * @param signal aborts the writing
 * @returns the size of the file in bytes
 * @throws Error when it could not be written, in which case the old one stays
 */
export async function writeSnapshot(
  folder: string,
  state: ConsentState,
  seal: () => Uint8Array,
  { disk = DISK, signal, pieceBytes }: { disk?: Disk; signal?: AbortSignal; pieceBytes?: number } = {},
): Promise<number> {
  return replaceSnapshot(folder, disk, (file) => writeTo(file, state.dump(pieceBytes), seal, signal));
}

/** Replaces the current snapshot, or keeps it when writing fails. */
async function replaceSnapshot<T>(
  folder: string,
  disk: Disk,
  write: (file: NewFile) => Promise<T>,
): Promise<T> {
  await disk.mkdir(folder);
  await removeUnfinished(folder, disk);
  const path = join(folder, `${NAME}.${randomUUID()}.unfinished`);
  const file = await disk.create(path);
  try {
    const result = await write(file);
    await file.sync();
    await file.close();
    await disk.rename(path, snapshotPath(folder));
    await disk.syncFolder(folder);
    return result;
  } catch (error) {
    // neither may hide the original error, and closing twice is harmless
    await file.close().catch(() => undefined);
    await disk.remove(path).catch(() => undefined);
    throw error;
  }
}

/** The bytes of the snapshot. @throws Error when there is none, or reading is aborted */
export function bytesOfSnapshot(folder: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
  return createReadStream(snapshotPath(folder), { highWaterMark: CHUNK_BYTES, signal });
}

/**
 * Replaces the current snapshot by these bytes, which are checked when they are read.
 *
 * @throws Error when it could not be written, in which case the old one stays
 */
export async function takeSnapshot(
  folder: string,
  bytes: AsyncIterable<Uint8Array>,
  disk: Disk = DISK,
): Promise<void> {
  await replaceSnapshot(folder, disk, async (file) => {
    for await (const chunk of bytes) await file.write(chunk);
  });
}

/** Removes the snapshot and unfinished files: they are personal data. */
export async function removeSnapshot(folder: string, disk: Disk = DISK): Promise<void> {
  await removeUnfinished(folder, disk);
  await disk.remove(snapshotPath(folder));
}

async function removeUnfinished(folder: string, disk: Disk): Promise<void> {
  const names = await disk.list(folder).catch(() => []);
  for (const name of names)
    if (name.startsWith(`${NAME}.`) && name.endsWith('.unfinished')) await disk.remove(join(folder, name));
}

async function writeTo(
  file: NewFile,
  dump: Generator<Uint8Array, number>,
  seal: () => Uint8Array,
  signal: AbortSignal | undefined,
): Promise<number> {
  const hash = createHash('sha256');
  let size = 0;
  const write = async (bytes: Uint8Array) => {
    signal?.throwIfAborted();
    hash.update(bytes);
    size += bytes.length;
    await file.write(bytes);
  };
  try {
    await write(Buffer.concat([MAGIC, Uint8Array.of(FORMAT, 0, 0, 0), BYTE_ORDER]));
    let piece = dump.next();
    for (; piece.done !== true; piece = dump.next()) await write(piece.value);
    const reach = Buffer.alloc(8);
    reach.writeBigUInt64LE(BigInt(piece.value));
    // before anything is awaited, for the state goes on
    const sealed = seal();
    await write(reach);
    await write(sealed);
    await file.write(hash.digest());
    return size + DIGEST_BYTES;
  } finally {
    // lets the state free the classes that it kept for the dump
    dump.return(0);
  }
}

/** A snapshot that cannot be used; the message says why. */
export class UnusableSnapshot extends Error {}

/**
 * Reads the snapshot of a data folder, without yielding: nobody is served yet.
 *
 * @throws UnusableSnapshot when there is none, when it was damaged, or when another build or machine wrote it
 */
export function readSnapshot(folder: string): Extent & { readonly state: ConsentState } {
  const file = openSnapshot(snapshotPath(folder));
  try {
    return readFrom(file);
  } catch (error) {
    if (error instanceof UnusableSnapshot) throw error;
    throw new UnusableSnapshot('it is damaged', { cause: error });
  } finally {
    closeSync(file);
  }
}

function openSnapshot(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new UnusableSnapshot(isMissing(error) ? 'there is none' : 'it cannot be opened', { cause: error });
  }
}

function readFrom(file: number): Extent & { readonly state: ConsentState } {
  const source = new FileSource(file, fstatSync(file).size - DIGEST_BYTES);
  const head = Buffer.alloc(HEAD_BYTES);
  source.read(head);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new UnusableSnapshot('it is no snapshot');
  const format = head.readUInt32LE(MAGIC.length);
  if (format !== FORMAT)
    throw new UnusableSnapshot(`it has format ${format}, and this build reads format ${FORMAT}`);
  if (!head.subarray(MAGIC.length + 4).equals(BYTE_ORDER))
    throw new UnusableSnapshot('it is of a machine with another order of bytes');
  const state = ConsentState.restore(source);
  const tail = Buffer.alloc(8 + SEAL_BYTES);
  source.read(tail);
  if (source.left !== 0 || !source.isWhole()) throw new UnusableSnapshot('it is damaged');
  return { state, reach: Number(tail.readBigUInt64LE()), seal: tail.subarray(8) };
}

/** The bytes of a file but for the digest at its end. */
class FileSource implements Source {
  private readonly hash = createHash('sha256');
  private readonly buffer = Buffer.alloc(AHEAD_BYTES);
  /** Bytes that were read ahead. */
  private ahead: Uint8Array = Buffer.alloc(0);

  constructor(
    private readonly file: number,
    public left: number,
  ) {}

  read(into: Uint8Array): void {
    if (into.length > this.left) throw new UnusableSnapshot('it is damaged');
    this.readAll(into);
    this.left -= into.length;
    this.hash.update(into);
  }

  /** Whether the digest at the end of the file matches what was read. */
  isWhole(): boolean {
    const digest = Buffer.alloc(DIGEST_BYTES);
    this.readAll(digest);
    return this.hash.digest().equals(digest);
  }

  private readAll(into: Uint8Array): void {
    for (let filled = 0; filled < into.length;) {
      const left = into.length - filled;
      if (this.ahead.length === 0 && left >= AHEAD_BYTES) filled += this.readSome(into.subarray(filled));
      else {
        if (this.ahead.length === 0) this.ahead = this.buffer.subarray(0, this.readSome(this.buffer));
        const taken = this.ahead.subarray(0, left);
        into.set(taken, filled);
        filled += taken.length;
        this.ahead = this.ahead.subarray(taken.length);
      }
    }
  }

  private readSome(into: Uint8Array): number {
    const read = readSync(this.file, into, 0, into.length, null);
    if (read === 0) throw new UnusableSnapshot('it is damaged');
    return read;
  }
}
