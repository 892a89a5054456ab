/** What a request is about, by its head: nothing of its body is known when it is admitted. */
import type { IncomingMessage } from 'node:http';
import { MOST_WEIGHT } from './fair-queue.js';

/**
 * `said`: what people say of themselves, as opt-outs, and whether the process is well; `decision`; and everything else.
 * Which of the first are opt-outs stands in their bodies, so all are treated as such.
 */
export type Kind = 'said' | 'decision' | 'other';

const DECISIONS = '/access/v1/';
const HEALTH = '/health/';
/** Choices, visibility, signals, erasures. */
const SAYS = /^\/v1\/users\/[^/?]+(\/(choices|visibility|signals)\b|$)/;

export function kindOf({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): Kind {
  if (url.startsWith(DECISIONS)) return 'decision';
  if (method === 'GET' || method === 'HEAD') return url.startsWith(HEALTH) ? 'said' : 'other';
  return SAYS.test(url) ? 'said' : 'other';
}

/** Bytes of a body that take about as long as a decision. */
const BYTES_OF_ONE = 1_024;
/** What a request takes besides its body, in decisions: one is answered before the router, the others pass it. */
const ALONE: Readonly<Record<Kind, number>> = { said: 4, decision: 1, other: 4 };
/** Of a body whose length is not said. */
const UNKNOWN = 16;

/** About how many decisions a request takes as long as. */
export function weightOf({ headers }: Pick<IncomingMessage, 'headers'>, kind: Kind): number {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  const body = coding === undefined ? Math.floor(Number(length ?? 0) / BYTES_OF_ONE) : UNKNOWN;
  const weight = ALONE[kind] + body;
  return weight < MOST_WEIGHT ? weight : MOST_WEIGHT;
}
