/**
 * A set of users' numbers in few bytes: gaps as varints where it is sparse, a bit for each number from its first to its
 * last where it is dense, whichever is smaller.
 */
import { type ByteReader, Unreadable } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';

const GAPS = 0;
const BITS = 1;
const LARGEST = 0xffff_ffff;

/** @param gapBytes of these users, see {@link bytesOfGaps} */
export function writeUsers(out: ByteWriter, users: Uint32Array, gapBytes: number): void {
  const first = users[0];
  const last = users.at(-1);
  out.varint(users.length);
  if (first === undefined || last === undefined) return;
  const bitBytes = ((last - first) >>> 3) + 1;
  out.varint(first);
  if (gapBytes <= bitBytes) {
    out.byte(GAPS);
    writeGaps(out.room(gapBytes), users);
    return;
  }
  out.byte(BITS);
  out.varint(last - first);
  const bits = out.room(bitBytes).fill(0);
  for (let index = 0; index < users.length; index++) {
    const place = (users[index] ?? 0) - first;
    bits[place >>> 3] = (bits[place >>> 3] ?? 0) | (1 << (place & 7));
  }
}

/** As varints. In a loop of its own: there may be millions, and the event loop waits. */
function writeGaps(bytes: Uint8Array, users: Uint32Array): void {
  let at = 0;
  let before = users[0] ?? 0;
  for (let index = 1; index < users.length; index++) {
    const user = users[index] ?? 0;
    let gap = user - before - 1;
    before = user;
    while (gap > 0x7f) {
      bytes[at++] = (gap & 0x7f) | 0x80;
      gap >>>= 7;
    }
    bytes[at++] = gap;
  }
}

/** How many bytes the gaps take. @throws RangeError when the numbers do not ascend */
export function bytesOfGaps(users: Uint32Array): number {
  let bytes = 0;
  for (let index = 1; index < users.length; index++) {
    const gap = (users[index] ?? 0) - (users[index - 1] ?? 0) - 1;
    if (gap < 0) throw new RangeError('the users of a set must ascend: sort them, and name each once');
    bytes += gap < 0x80 ? 1 : gap < 0x4000 ? 2 : gap < 0x20_0000 ? 3 : gap < 0x1000_0000 ? 4 : 5;
  }
  return bytes;
}

export function readUsers(from: ByteReader): Uint32Array {
  const length = from.varint();
  if (length === 0) return new Uint32Array();
  const first = from.varint();
  const form = from.byte();
  if (form === GAPS) return readGaps(from, first, length);
  if (form === BITS) return readBits(from, first, length);
  throw new Unreadable('a set of users has an unknown form');
}

function readGaps(from: ByteReader, first: number, length: number): Uint32Array {
  const users: number[] = [first];
  for (let before = first; users.length < length;) {
    before += from.varint() + 1;
    users.push(before);
  }
  if ((users.at(-1) ?? 0) > LARGEST) throw new Unreadable('a user has no such number');
  return Uint32Array.from(users);
}

function readBits(from: ByteReader, first: number, length: number): Uint32Array {
  const span = from.varint();
  if (first + span > LARGEST || length > span + 1) throw new Unreadable('a user has no such number');
  const bits = from.raw((span >>> 3) + 1);
  const users = new Uint32Array(length);
  let at = 0;
  for (let index = 0; index < bits.length; index++) {
    for (let byte = bits[index] ?? 0; byte !== 0; byte &= byte - 1)
      users[at++] = first + 8 * index + (31 - Math.clz32(byte & -byte));
  }
  if (at !== length) throw new Unreadable('a set does not have as many users as it says');
  return users;
}
