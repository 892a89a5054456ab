/**
 * The leaf of a block in the log of a record, as `tlog/tree/block-leaf.ts` has it. Its head, which everybody sees: writer
 * (8 bytes), number of the block, first and last time of its records in milliseconds since the Unix epoch (48 bits each,
 * big-endian). Its records are the texts of `record-texts.ts`.
 *
 * The secret of block n is HMAC-SHA256(secret of its segment, n in 48 bits, big-endian). Who the people of set s of record
 * r are is committed to by HMAC-SHA256(HMAC-SHA256(secret of the block, r ‖ s, 32 bits each, big-endian), numbers of the
 * users, ascending, 32 bits each, little-endian ‖ names of the strangers).
 */
import { createHmac } from 'node:crypto';
import { endianness } from 'node:os';
import {
  type BlockLeaf,
  type RecordProof,
  blockLeafOf,
  proveRecord,
  readBlockLeaf,
} from '../../tlog/tree/block-leaf.js';
import type { BlockHead } from '../block/block-decoder.js';
import type { RecordedSet } from '../record-entry.js';
import { WRITER_BYTES } from '../segment/segment-format.js';
import type { ReadBlock } from '../segment/segment-reader.js';
import { textsOf } from './record-texts.js';

const NUMBER_BYTES = 6;
const HEAD_BYTES = WRITER_BYTES + 3 * NUMBER_BYTES;

/** What a leaf says of its block. */
export type LeafOfBlock = Omit<BlockHead, 'decisions'> & {
  readonly writer: string;
  readonly leaf: BlockLeaf;
};

/** @throws RecordDamage when the block cannot be read */
export function leafOf(block: ReadBlock): Generator<undefined, Uint8Array, undefined> {
  const { writer, number, first, last } = block;
  const head = Buffer.alloc(HEAD_BYTES);
  let at = head.write(writer, 'hex');
  for (const value of [number, first, last]) at = head.writeUIntBE(value, at, NUMBER_BYTES);
  const secret = secretOf(block);
  return blockLeafOf(head, recordsOf(block, secret), secret);
}

/** What the leaf of a block says; `undefined` when it is none. */
export function readLeaf(entry: Uint8Array): LeafOfBlock | undefined {
  const leaf = readBlockLeaf(entry);
  if (leaf?.head.length !== HEAD_BYTES) return undefined;
  const head = Buffer.from(leaf.head);
  const value = (place: number) => head.readUIntBE(WRITER_BYTES + place * NUMBER_BYTES, NUMBER_BYTES);
  return {
    writer: head.toString('hex', 0, WRITER_BYTES),
    number: value(0),
    first: value(1),
    last: value(2),
    leaf,
  };
}

/** A record of a block and its proof. @throws Error when the block has no such record */
export function proofIn(
  block: ReadBlock,
  index: number,
): { readonly record: string; readonly proof: RecordProof } {
  const secret = secretOf(block);
  const records = [...recordsOf(block, secret)];
  const proof = proveRecord(records, secret, index);
  return { record: String(records[index]), proof };
}

function secretOf({ secret, number }: ReadBlock): Buffer {
  const place = Buffer.alloc(NUMBER_BYTES);
  place.writeUIntBE(number, 0, NUMBER_BYTES);
  return createHmac('sha256', secret).update(place).digest();
}

function* recordsOf(block: ReadBlock, secret: Buffer): Generator<Buffer, void> {
  for (const { index, entry } of block.entries())
    for (const text of textsOf(entry, (set, place) => peopleOf(set, secret, index, place)))
      yield Buffer.from(text);
}

function peopleOf({ users, strangers }: RecordedSet, secret: Buffer, index: number, place: number): string {
  const which = Buffer.alloc(8);
  which.writeUInt32BE(place, which.writeUInt32BE(index));
  const key = createHmac('sha256', secret).update(which).digest();
  const numbers = Buffer.from(Uint32Array.from(users).buffer);
  if (endianness() === 'BE') numbers.swap32();
  const people = createHmac('sha256', key).update(numbers);
  for (const stranger of strangers) people.update(stranger);
  return people.digest('base64');
}
