/** Reads segment files, a block at a time, and checks every byte on the way: what does not hold is named with its place. */
import { type Hash, createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { type BlockHead, type PlacedEntry, entriesOf, headOf } from '../block/block-decoder.js';
import { FRAME_KINDS } from '../block/block-format.js';
import { Unreadable } from '../block/byte-reader.js';
import { FRAME_BYTES } from '../block/frame.js';
import {
  END_BYTES,
  LEAST_CONTENT,
  MAGIC,
  type SegmentEnd,
  type SegmentHeader,
  type SegmentTally,
  endOf,
  headerOf,
} from './segment-format.js';
import { type Intact, tallied } from './segment-writer.js';

/** Bytes looked through before other work has its turn. */
const TURN_BYTES = 1 << 20;
const CHUNK_BYTES = 1 << 18;
/** How often what follows a torn frame may be summed up: a block that was being written has hardly a place that looks like one. */
const MOST_SUMS = 16;

/** A record is not as it was written. */
export class RecordDamage extends Error {
  /**
   * @param file that is damaged, or that is missing
   * @param at the first byte of the frame, or of the file, that does not hold
   * @param fault to follow "it"
   */
  constructor(
    readonly file: string,
    readonly at: number,
    readonly fault: string,
  ) {
    super(`the record \`${file}\` is damaged at byte ${at}: ${fault}; restore it from a copy`);
    this.name = 'RecordDamage';
  }
}

export type ReadBlock = BlockHead & {
  /** The consent log that its users and revisions are of. */
  readonly log: string;
  readonly writer: string;
  readonly sequence: number;
  /** Where its frame begins, and where the next one does. */
  readonly at: number;
  readonly end: number;
  /** The content of its frame. */
  readonly bytes: Buffer;
  /** That of its segment. */
  readonly secret: Buffer;
  /** @throws RecordDamage */
  entries(): Generator<PlacedEntry, void>;
};

/** What was found at the end of a segment. */
export type SegmentRead = Intact & {
  readonly header: SegmentHeader;
  /** Absent: it was not closed. */
  readonly end?: SegmentEnd;
  /** SHA-256 of what is intact. */
  readonly digest: Buffer;
  /** Bytes after what is intact: of a block that was being written. */
  readonly torn: number;
};

/** The id of a decision. @param index in its block */
export function idOf({ writer, sequence, number }: ReadBlock, index: number): string {
  return `${writer}.${sequence}.${number}.${index}`;
}

/** What the header of a segment must say, by its name. */
export type NamedHeader = Pick<SegmentHeader, 'writer' | 'sequence'>;

/** By its name and the segment before. */
export type ExpectedHeader = NamedHeader & Pick<SegmentHeader, 'firstBlock' | 'previous'>;

/**
 * The blocks of a segment, in their order.
 *
 * @param mayBeOpen whether it may lack its end, and then end with a block that was being written
 * @throws RecordDamage at the first frame that does not hold
 */
export async function* readSegment(
  path: string,
  mayBeOpen: boolean,
  expected?: ExpectedHeader,
): AsyncGenerator<ReadBlock, SegmentRead, undefined> {
  const handle = await open(path, 'r');
  try {
    return yield* new SegmentReading(path, handle, (await handle.stat()).size).read(mayBeOpen, expected);
  } finally {
    await handle.close();
  }
}

/**
 * The blocks of a segment from a place on, without what is before.
 *
 * @param at where a frame begins; 0: the first block
 * @param nextBlock number of the first block there, if `at` is not 0
 * @param mayBeOpen whether it may end with a block that is being written
 * @throws RecordDamage at the first frame that does not hold, if it is not what is being written, and for a copy under
 *   another name
 */
export async function* readSegmentFrom(
  path: string,
  named: NamedHeader,
  at: number,
  nextBlock: number,
  mayBeOpen: boolean,
): AsyncGenerator<ReadBlock, void> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    // what can be read may not be on the disk yet
    await handle.datasync();
    yield* new SegmentReading(path, handle, size).readFrom(named, at, nextBlock, mayBeOpen);
  } finally {
    await handle.close();
  }
}

/** What a segment says at its end; `undefined` when it is not closed, or not intact. @throws the system's error */
export async function endOfFile(path: string): Promise<SegmentEnd | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const frame = Buffer.alloc(END_BYTES);
    if (size < END_BYTES) return undefined;
    await file.read(frame, 0, END_BYTES, size - END_BYTES);
    const content = frame.subarray(FRAME_BYTES);
    const isIntact = frame.readUInt32LE(0) === content.length && frame.readUInt32LE(4) === crc32(content);
    return isIntact && content[0] === FRAME_KINDS.end ? endOf(content) : undefined;
  } finally {
    await file.close();
  }
}

/**
 * As `endOfFile`, of a segment among those of its writer.
 *
 * @param isFollowed whether there is one after it: then it was closed
 * @throws RecordDamage when it was closed, and its end is not intact
 */
export async function endAmong(path: string, isFollowed: boolean): Promise<SegmentEnd | undefined> {
  const end = await endOfFile(path);
  if (end === undefined && isFollowed) for await (const _block of readSegment(path, false));
  return end;
}

/** Whether the content can be a frame's that follows in `size` bytes: to take the sum of each that cannot takes long. */
function mayFollow(content: Buffer, due: number, size: number): boolean {
  if (content[0] === FRAME_KINDS.end) return content.length === END_BYTES - FRAME_BYTES;
  const { number } = headOf(content);
  return number >= due && number - due <= size / LEAST_CONTENT;
}

class SegmentReading {
  private readonly hash: Hash = createHash('sha256');
  private chunk: Buffer = Buffer.alloc(0);
  private chunkAt = 0;
  /** Bytes that hold. */
  private length = 0;
  private tally: SegmentTally = { blocks: 0, decisions: 0, first: 0, last: 0 };

  constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private readonly size: number,
  ) {}

  async *read(
    mayBeOpen: boolean,
    expected: ExpectedHeader | undefined,
  ): AsyncGenerator<ReadBlock, SegmentRead, undefined> {
    const header = await this.header();
    if (expected !== undefined) this.checkHeader(header, expected);
    for (;;) {
      const { length: at } = this;
      const before = this.hash.copy();
      const content = await this.frame();
      if (content === undefined) {
        if (!mayBeOpen) throw this.damage(at, at === this.size ? 'it has no end' : 'a frame does not hold');
        await this.expectTorn(at, header.firstBlock + this.tally.blocks);
        return this.summary(header);
      }
      if (content[0] === FRAME_KINDS.end) {
        const end = this.parsed(at, () => endOf(content));
        this.checkEnd(at, end, before.digest());
        return { ...this.summary(header), end };
      }
      const block = this.block(header, at, content, header.firstBlock + this.tally.blocks);
      this.tally = tallied(this.tally, block);
      yield block;
    }
  }

  async *readFrom(
    named: NamedHeader,
    start: number,
    nextBlock: number,
    mayBeOpen: boolean,
  ): AsyncGenerator<ReadBlock, void> {
    const header = await this.header();
    this.checkName(header, named);
    let due = start === 0 ? header.firstBlock : nextBlock;
    this.length = Math.max(start, this.length);
    for (;;) {
      const { length: at } = this;
      const frame = await this.frameAt(at);
      const content = frame?.subarray(FRAME_BYTES);
      this.length += frame?.length ?? 0;
      if (content?.[0] === FRAME_KINDS.end) return this.expectNoMore();
      if (content === undefined) {
        if (!mayBeOpen) throw this.damage(at, at === this.size ? 'it has no end' : 'a frame does not hold');
        return this.expectTorn(at, due);
      }
      yield this.block(header, at, content, due++);
    }
  }

  private block(header: SegmentHeader, at: number, bytes: Buffer, due: number): ReadBlock {
    const { log, writer, sequence, secret } = header;
    const head = this.parsed(at, () => headOf(bytes));
    if (head.number !== due)
      throw this.damage(at, `block ${due} is due there, and it has block ${head.number}`);
    const end = at + FRAME_BYTES + bytes.length;
    return { ...head, log, writer, sequence, at, end, bytes, secret, entries: () => this.entries(at, bytes) };
  }

  private async header(): Promise<SegmentHeader> {
    const magic = await this.bytes(0, Math.min(MAGIC.length, this.size));
    const version = MAGIC.length - 1;
    const differs = MAGIC.findIndex((byte, index) => magic[index] !== byte);
    if (differs === version && magic.length > version)
      throw this.damage(version, `it has format ${magic[version]}, which this build does not know`);
    if (differs !== -1) throw this.damage(Math.min(differs, magic.length), 'it does not begin as a record');
    this.hash.update(magic);
    this.length = MAGIC.length;
    const content = await this.frame();
    if (content === undefined) throw this.damage(MAGIC.length, 'its header does not hold');
    return this.parsed(MAGIC.length, () => headerOf(content));
  }

  private checkName(header: SegmentHeader, { writer, sequence }: NamedHeader): void {
    if (header.writer !== writer || header.sequence !== sequence)
      throw this.damage(
        MAGIC.length,
        `it is segment ${header.sequence} of the writer ${header.writer}, under another name`,
      );
  }

  private checkHeader(header: SegmentHeader, expected: ExpectedHeader): void {
    this.checkName(header, expected);
    const { firstBlock, previous } = expected;
    if (!header.previous.equals(previous))
      throw this.damage(MAGIC.length, 'it was written after another segment than the one before it');
    if (header.firstBlock !== firstBlock)
      throw this.damage(
        MAGIC.length,
        `block ${firstBlock} is due, and it begins with block ${header.firstBlock}`,
      );
  }

  private checkEnd(at: number, end: SegmentEnd, digest: Buffer): void {
    const { blocks, decisions, first, last } = this.tally;
    if (!end.digest.equals(digest)) throw this.damage(at, 'its end has another hash of what is before');
    if (end.blocks !== blocks || end.decisions !== decisions || end.first !== first || end.last !== last)
      throw this.damage(at, 'its end counts other blocks');
    this.expectNoMore();
  }

  private expectNoMore(): void {
    if (this.length !== this.size) throw this.damage(this.length, 'something follows its end');
  }

  private summary(header: SegmentHeader): SegmentRead {
    const { hash, length, tally } = this;
    return { header, hash, length, tally, digest: hash.copy().digest(), torn: this.size - length };
  }

  /** The content of the frame that is next; `undefined` when none is there that holds. */
  private async frame(): Promise<Buffer | undefined> {
    const frame = await this.frameAt(this.length);
    if (frame === undefined) return undefined;
    this.hash.update(frame);
    this.length += frame.length;
    return frame.subarray(FRAME_BYTES);
  }

  private async frameAt(at: number): Promise<Buffer | undefined> {
    if (at + FRAME_BYTES > this.size) return undefined;
    const head = await this.bytes(at, FRAME_BYTES);
    const length = head.readUInt32LE(0);
    const sum = head.readUInt32LE(4);
    if (length < LEAST_CONTENT || at + FRAME_BYTES + length > this.size) return undefined;
    const frame = await this.bytes(at, FRAME_BYTES + length);
    return crc32(frame.subarray(FRAME_BYTES)) === sum ? frame : undefined;
  }

  /** One block is written at a time: where something intact follows, nothing was torn, but altered. */
  private async expectTorn(at: number, due: number): Promise<void> {
    if (at > this.size) throw this.damage(this.size, 'it ends before what was read of it');
    const rest = await this.bytes(at, this.size - at);
    let summed = 0;
    let left = TURN_BYTES;
    for (let place = 1; place + FRAME_BYTES + LEAST_CONTENT <= rest.length; place++) {
      if (--left <= 0) {
        await turn();
        left = TURN_BYTES;
      }
      const kind = rest[place + FRAME_BYTES];
      if (kind !== FRAME_KINDS.block && kind !== FRAME_KINDS.end) continue;
      const from = place + FRAME_BYTES;
      const length = rest.readUInt32LE(place);
      if (length < LEAST_CONTENT || length > rest.length - from) continue;
      const content = rest.subarray(from, from + length);
      if (!mayFollow(content, due, rest.length)) continue;
      summed += length;
      left -= length;
      if (summed > MOST_SUMS * rest.length)
        throw this.damage(at, 'a frame does not hold, and what follows it is not what a crash leaves');
      if (crc32(content) === rest.readUInt32LE(place + 4))
        throw this.damage(at, `a frame does not hold, and another follows it at byte ${at + place}`);
    }
  }

  private async bytes(at: number, count: number): Promise<Buffer> {
    const from = at - this.chunkAt;
    if (from >= 0 && from + count <= this.chunk.length) return this.chunk.subarray(from, from + count);
    const chunk = Buffer.allocUnsafe(Math.min(Math.max(count, CHUNK_BYTES), this.size - at));
    for (let read = 0; read < chunk.length;) {
      const { bytesRead } = await this.file.read(chunk, read, chunk.length - read, at + read);
      if (bytesRead === 0) throw this.damage(at + read, 'it ends while it is read');
      read += bytesRead;
    }
    this.chunk = chunk;
    this.chunkAt = at;
    return chunk.subarray(0, count);
  }

  private *entries(at: number, content: Buffer): Generator<PlacedEntry, void> {
    try {
      yield* entriesOf(content);
    } catch (error) {
      throw this.asDamage(at, error);
    }
  }

  private parsed<T>(at: number, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw this.asDamage(at, error);
    }
  }

  private asDamage(at: number, error: unknown): unknown {
    return error instanceof Unreadable ? this.damage(at, error.message) : error;
  }

  private damage(at: number, fault: string): RecordDamage {
    return new RecordDamage(this.path, at, fault);
  }
}
