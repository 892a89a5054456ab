/**
 * One segment of the key index: slots of three words each, the hash of a key, its address in the arena and its value. A
 * slot whose value is 0 is free. Only the index knows which key a slot holds, because only it reads the arena.
 */

/** Words of a slot. */
export const STRIDE = 3;
/** Value of a slot whose key was deleted: a search continues past it, and the next growth drops it. */
export const DELETED = 0xffff_ffff;
/** The part of its slots that a segment fills before it grows: beyond it, searches get long. */
export const FULLEST = 0.8;
const GROWTH = 1.3;

/**
 * The word at which the search for a key begins. The highest bits of a hash choose the segment, so the lowest choose
 * the slot, by a multiplication, which is faster than a remainder.
 *
 * Snapshots hold slots as they are: a change here must raise `LAYOUT` in `src/consent/upkeep/snapshot-file.ts`.
 */
export function firstSlot(hash: number, words: number): number {
  return Math.floor(((hash & LOW_BITS) * (words / STRIDE)) / (LOW_BITS + 1)) * STRIDE;
}

const LOW_BITS = 0x3f_ffff;

/** Whether a slot with this value holds a key. */
export function isKey(value: number | undefined): boolean {
  return value !== undefined && value !== 0 && value !== DELETED;
}

/**
 * The word at which the first key of this hash is; −1 when none has it. INVARIANT: one slot is free.
 *
 * @param first what `firstSlot` gives
 */
export function slotOfHash(segment: Uint32Array, hash: number, first: number): number {
  const end = segment.length;
  for (let slot = first; ;) {
    const value = segment[slot + 2];
    if (value === 0 || value === undefined) return -1;
    if (segment[slot] === hash && value !== DELETED) return slot;
    slot += STRIDE;
    if (slot === end) slot = 0;
  }
}

/** Calls back with the value and the address of every key. */
export function forEachKey(slots: Uint32Array, take: (value: number, address: number) => void): void {
  for (let slot = 0; slot < slots.length; slot += STRIDE) {
    const value = slots[slot + 2] ?? 0;
    if (isKey(value)) take(value, slots[slot + 1] ?? 0);
  }
}

/** Puts a key that is not there into the next free slot. INVARIANT: there is one. */
export function insert(segment: Uint32Array, hash: number, address: number, value: number): void {
  const end = segment.length;
  let slot = firstSlot(hash, end);
  while (segment[slot + 2] !== 0) {
    slot += STRIDE;
    if (slot === end) slot = 0;
  }
  segment[slot] = hash;
  segment[slot + 1] = address;
  segment[slot + 2] = value;
}

/** How many slots hold keys, and how many held one that was deleted. */
export function countOf(slots: Uint32Array): { readonly keys: number; readonly deleted: number } {
  let keys = 0;
  let deleted = 0;
  for (let slot = 2; slot < slots.length; slot += STRIDE)
    if (isKey(slots[slot])) keys++;
    else if (slots[slot] === DELETED) deleted++;
  return { keys, deleted };
}

/** Deletes the keys that lie at an address or behind it. Their slots stay: other keys are found past them. */
export function deleteFrom(slots: Uint32Array, address: number): void {
  for (let slot = 0; slot < slots.length; slot += STRIDE)
    if (slots[slot + 2] !== 0 && (slots[slot + 1] ?? 0) >= address) slots[slot + 2] = DELETED;
}

/**
 * A larger segment with the same keys. It is sized only by its keys, so that deleted ones do not make it grow for ever,
 * and has room for one more.
 *
 * @returns the slots, and how many keys are in them
 */
export function regrown(slots: Uint32Array): { readonly slots: Uint32Array; readonly keys: number } {
  const { keys } = countOf(slots);
  const grown = new Uint32Array(Math.ceil(((keys + 1) / FULLEST) * GROWTH + 1) * STRIDE);
  for (let slot = 0; slot < slots.length; slot += STRIDE)
    if (isKey(slots[slot + 2])) insert(grown, slots[slot] ?? 0, slots[slot + 1] ?? 0, slots[slot + 2] ?? 0);
  return { slots: grown, keys };
}
