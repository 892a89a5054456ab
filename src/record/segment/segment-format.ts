/**
 * A segment file: a magic with the format's version, the frame of its header, the frames of its blocks and, once it is
 * closed, the frame of its end. A writer's segments are a chain: each header has the SHA-256 of the whole segment before.
 *
 * `<folder of the record>/<writer>/<sequence>.rec`; a writer is one start of one process.
 */
import { FRAME_KINDS } from '../block/block-format.js';
import { Unreadable } from '../block/byte-reader.js';
import { FRAME_BYTES, sealFrame } from '../block/frame.js';

/** The format's version is the last byte: what a build writes, the one before it reads. */
export const MAGIC = Buffer.from('assent record\n\0\u0001', 'latin1');
export const HASH_BYTES = 32;
/** What the first segment of a writer has as the hash of the one before. */
export const NOTHING_BEFORE = Buffer.alloc(HASH_BYTES);

export type SegmentHeader = {
  /** 16 hexadecimal digits. */
  readonly writer: string;
  /** From 1. */
  readonly sequence: number;
  /** Number of its first block. */
  readonly firstBlock: number;
  /** Milliseconds since the Unix epoch. */
  readonly openedAt: number;
  readonly previous: Buffer;
  /** 32 random bytes, which hide what signed heads say of its records; gone with the file. */
  readonly secret: Buffer;
  /** Which consent log its users and revisions are of. */
  readonly log: string;
};

/** What a closed segment says at its end of all that is before. */
export type SegmentEnd = SegmentTally & {
  /** Whether the writer ended with it. */
  readonly isLast: boolean;
  /** SHA-256 of the bytes before this frame. */
  readonly digest: Buffer;
};

export type SegmentTally = {
  readonly blocks: number;
  readonly decisions: number;
  /** First and last time of a record, in milliseconds since the Unix epoch; 0 where there is none. */
  readonly first: number;
  readonly last: number;
};

export const WRITER_BYTES = 8;
export const SECRET_BYTES = 32;
const NUMBER_BYTES = 6;
const PREVIOUS = 1 + WRITER_BYTES + 3 * NUMBER_BYTES;
const SECRET = PREVIOUS + HASH_BYTES;
const HEADER_FIXED = SECRET + SECRET_BYTES;
const END_CONTENT = 1 + 4 * NUMBER_BYTES + 1 + HASH_BYTES;
/** Bytes of the last frame of a closed segment. */
export const END_BYTES = FRAME_BYTES + END_CONTENT;
/** No frame has fewer bytes of content. */
export const LEAST_CONTENT = 23;

const NAME = /^(\d{8,15})\.rec$/;
const WRITER = /^[0-9a-f]{16}$/;

export function segmentName(sequence: number): string {
  return `${String(sequence).padStart(8, '0')}.rec`;
}

/** The sequence in the name of a segment file; `undefined` for another name. */
export function sequenceOf(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function isWriter(name: string): boolean {
  return WRITER.test(name);
}

/** The bytes that a segment begins with. */
export function headerBytes(header: SegmentHeader): Buffer {
  const log = Buffer.from(header.log);
  const frame = Buffer.alloc(FRAME_BYTES + HEADER_FIXED + log.length);
  let at = FRAME_BYTES;
  at = frame.writeUInt8(FRAME_KINDS.header, at);
  at += frame.write(header.writer, at, 'hex');
  for (const number of [header.sequence, header.firstBlock, header.openedAt])
    at = frame.writeUIntLE(number, at, NUMBER_BYTES);
  at += header.previous.copy(frame, at);
  at += header.secret.copy(frame, at);
  log.copy(frame, at);
  return Buffer.concat([MAGIC, sealFrame(frame)]);
}

/** @throws Unreadable when this is not the content of a header */
export function headerOf(content: Buffer): SegmentHeader {
  if (content.length < HEADER_FIXED || content[0] !== FRAME_KINDS.header)
    throw new Unreadable('it begins with no header');
  const number = (place: number) => content.readUIntLE(1 + WRITER_BYTES + place * NUMBER_BYTES, NUMBER_BYTES);
  return {
    writer: content.toString('hex', 1, 1 + WRITER_BYTES),
    sequence: number(0),
    firstBlock: number(1),
    openedAt: number(2),
    previous: Buffer.from(content.subarray(PREVIOUS, SECRET)),
    secret: Buffer.from(content.subarray(SECRET, HEADER_FIXED)),
    log: content.toString('utf8', HEADER_FIXED),
  };
}

export function endFrame({ blocks, decisions, first, last, isLast, digest }: SegmentEnd): Buffer {
  const frame = Buffer.alloc(END_BYTES);
  let at = frame.writeUInt8(FRAME_KINDS.end, FRAME_BYTES);
  for (const number of [blocks, decisions, first, last]) at = frame.writeUIntLE(number, at, NUMBER_BYTES);
  at = frame.writeUInt8(isLast ? 1 : 0, at);
  digest.copy(frame, at);
  return sealFrame(frame);
}

/** @throws Unreadable when this is not the content of an end */
export function endOf(content: Buffer): SegmentEnd {
  if (content.length !== END_CONTENT || content[0] !== FRAME_KINDS.end) throw new Unreadable('it is no end');
  const number = (place: number) => content.readUIntLE(1 + place * NUMBER_BYTES, NUMBER_BYTES);
  return {
    blocks: number(0),
    decisions: number(1),
    first: number(2),
    last: number(3),
    isLast: content[END_CONTENT - HASH_BYTES - 1] === 1,
    digest: Buffer.from(content.subarray(END_CONTENT - HASH_BYTES)),
  };
}
