/**
 * A block: what was taken down between two writes. It stands by itself, so that it can be read, proved and moved alone.
 *
 * Its head: kind, number, first and last time, how many decisions. Then operations, each a varint: texts and terms are
 * numbered where they first occur, so that a decision is a few bytes.
 */

/** The first byte of what a frame holds. */
export const FRAME_KINDS = { header: 0, block: 1, end: 2 } as const;

/** Where the numbers of the head are; times and the number of the block in 48 bits, the lowest byte first. */
export const HEAD = { number: 1, first: 7, last: 13, decisions: 19 } as const;
export const HEAD_BYTES = 23;
export const HEAD_NUMBER_BYTES = 6;

export const OPERATIONS = {
  /** Ends the decisions of a question. */
  end: 0,
  /** Numbers a text, from 0. */
  text: 1,
  /** Numbers the terms of a decision: all but the person. From 1. */
  terms: 2,
  decisions: 3,
  users: 4,
  /** A report. A build that does not know it says so, and leaves the writer to a newer one. */
  discharge: 5,
} as const;

/** Of whom a decision is: what is above the lowest two bits numbers its terms. */
export const PERSONS = { none: 0, number: 1, stranger: 2, sameAsBefore: 3 } as const;

/** What of `Asked` is there. */
export const ASKED = {
  human: 1,
  case: 2,
  item: 4,
  reader: 8,
  legalReference: 16,
  onBehalfOfNumber: 32,
  onBehalfOfStranger: 64,
} as const;

export const WAYS = ['audience', 'search', 'permits'] as const;
export const STRANGER_BYTES = 16;
/** Of the name of an answer. */
export const ANSWER_BYTES = 12;
