/**
 * Sets of cells as boxes. A cell has one value on each axis (a regime, an age band, how a choice stands, …); a box
 * holds every combination of the values that it names on each. A policy's permits fit into few boxes, however many
 * cells they hold, so two policies are compared without a list of cells. The boxes of a list never overlap.
 */
import type { Steps } from '../steps.js';

/** Per axis the indexes of values, as bits: the lowest stands for the first value. */
export type Box = readonly bigint[];

/** The bits of these places. */
export function bitsOf(places: readonly number[]): bigint {
  return places.reduce((bits, place) => bits | (1n << BigInt(place)), 0n);
}

/** The bits of all values of an axis. */
export function allOf(count: number): bigint {
  return (1n << BigInt(count)) - 1n;
}

/** The places whose bits are set, the lowest first. */
export function placesIn(bits: bigint): number[] {
  const digits = bits.toString(2).split('').reverse();
  return digits.flatMap((bit, place) => (bit === '1' ? [place] : []));
}

/** The entries whose places have their bits set. */
export function chosen<T>(list: readonly T[], bits: bigint): T[] {
  return list.filter((_, place) => ((bits >> BigInt(place)) & 1n) === 1n);
}

/** How many cells are in the boxes. */
export function sizeOf(boxes: readonly Box[]): number {
  const size = (box: Box) => box.reduce((product, bits) => product * placesIn(bits).length, 1);
  return boxes.reduce((sum, box) => sum + size(box), 0);
}

/**
 * The cells that hold a value, in boxes.
 *
 * @param cells a byte per cell; the last axis changes fastest
 * @param counts of values, per axis
 */
export function* boxesOf(cells: Uint8Array, counts: readonly number[], value: number): Steps<Box[]> {
  const [count, ...others] = counts;
  if (count === undefined) return cells[0] === value ? [[]] : [];
  const width = cells.length / count;
  // values of this axis with the same cells behind them are computed once
  const kinds: { readonly slice: Uint8Array; readonly places: number[] }[] = [];
  for (let place = 0; place < count; place++) {
    const slice = cells.subarray(place * width, (place + 1) * width);
    const kind = kinds.find((known) => isAlike(known.slice, slice, value));
    if (kind === undefined) kinds.push({ slice, places: [place] });
    else kind.places.push(place);
    yield;
  }
  const boxes: Box[] = [];
  for (const { slice, places } of kinds)
    for (const box of yield* boxesOf(slice, others, value)) boxes.push([bitsOf(places), ...box]);
  return boxes;
}

/** The cells that are in the first boxes and not in the others. */
export function* without(boxes: readonly Box[], others: readonly Box[]): Steps<Box[]> {
  let left = [...boxes];
  for (const other of others) {
    left = left.flatMap((box) => cut(box, other));
    yield;
  }
  return joined(left);
}

/** The cells that are in both. */
export function* inBoth(boxes: readonly Box[], others: readonly Box[]): Steps<Box[]> {
  const shared: Box[] = [];
  for (const other of others) {
    for (const box of boxes) {
      const both = overlap(box, other);
      if (both.every((bits) => bits !== 0n)) shared.push(both);
    }
    yield;
  }
  return joined(shared);
}

/** The same cells in fewer boxes: those that differ on one axis become one. */
export function joined(boxes: readonly Box[]): Box[] {
  let list = [...boxes];
  for (let before = Infinity; list.length < before;) {
    before = list.length;
    for (const axis of list[0]?.keys() ?? []) list = joinedOn(axis, list);
  }
  return list;
}

function joinedOn(axis: number, boxes: readonly Box[]): Box[] {
  const byOthers = new Map<string, Box>();
  for (const box of boxes) {
    const key = box.with(axis, 0n).join();
    const known = byOthers.get(key);
    byOthers.set(key, known === undefined ? box : box.with(axis, at(box, axis) | at(known, axis)));
  }
  return [...byOthers.values()];
}

/** The rest of a box: axis by axis, the part outside the other. */
function cut(box: Box, other: Box): Box[] {
  const shared = overlap(box, other);
  if (shared.includes(0n)) return [box];
  return box.flatMap((bits, axis) => {
    const outside = bits & ~at(other, axis);
    return outside === 0n ? [] : [[...shared.slice(0, axis), outside, ...box.slice(axis + 1)]];
  });
}

function overlap(box: Box, other: Box): Box {
  return box.map((bits, axis) => bits & at(other, axis));
}

function at(box: Box, axis: number): bigint {
  return box[axis] ?? 0n;
}

/** Whether both hold the value in the same places. */
function isAlike(one: Uint8Array, other: Uint8Array, value: number): boolean {
  for (let place = 0; place < one.length; place++)
    if ((one[place] === value) !== (other[place] === value)) return false;
  return true;
}
