/**
 * How keys lie in the arena of the key index: which bytes an entry is, and what its address means.
 *
 * An entry is the length of its key in two bytes, the key, and zeros up to a whole number of units, so that two entries
 * are compared unit by unit. An address counts units: 32 bits of it reach 16 GiB. The arena is in chunks, and no entry
 * crosses the end of one. In the arena of numbered keys, the unit before an entry is the number of its key.
 */
import { setWord } from './dump-format.js';

/** Maximum bytes of a key. */
export const KEY_BYTES = 4096;
/** Bytes of an entry before its key. */
export const HEAD = 2;
export const UNIT_BYTES = 4;
const CHUNK_BITS = 20;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;
export const CHUNK_UNITS = 1 << CHUNK_BITS;
export const CHUNK_BYTES = CHUNK_UNITS * UNIT_BYTES;
/** Most units of an arena: each has an address of 32 bits. */
export const MOST_UNITS = 2 ** 32;
/** Units of the longest entry. */
export const LONGEST = unitsOf(KEY_BYTES);

/** Units of the entry of a key with this many bytes. */
export function unitsOf(length: number): number {
  return (length + HEAD + UNIT_BYTES - 1) >>> 2;
}

/** The chunk that an entry lies in. */
export function chunkOf(address: number): number {
  return address >>> CHUNK_BITS;
}

/** The unit of its chunk that an entry begins at. */
export function unitOf(address: number): number {
  return address & CHUNK_MASK;
}

/**
 * Where what follows an entry begins, by the place at which that one ends. A chunk ends as soon as a number and the
 * longest entry would no longer fit, so that a walk knows it without reading.
 *
 * @param end at most `MOST_UNITS`
 */
export function entryFrom(end: number): number {
  const used = end & CHUNK_MASK;
  return CHUNK_UNITS - used <= LONGEST ? end - used + CHUNK_UNITS : end;
}

/** How many bytes of a chunk lie before a place. */
export function bytesBefore(end: number, chunk: number): number {
  return Math.max(0, Math.min(CHUNK_UNITS, end - chunk * CHUNK_UNITS)) * UNIT_BYTES;
}

/**
 * Makes a key an entry: writes its length before it, and zeros behind it. A key that is too long gets an impossible
 * length, so that it is not found.
 *
 * @param start where the key begins, `HEAD` bytes after the begin of a unit
 */
export function frame(bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  setWord(bytes, start - HEAD, length > KEY_BYTES ? 0 : length);
  for (let at = end; at < end + UNIT_BYTES - 1; at++) bytes[at] = 0;
}
