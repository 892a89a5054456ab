/** What a request is about, by its head: nothing of its body is known when it is admitted. */
import type { IncomingMessage } from 'node:http';
import { MOST_WEIGHT } from './fair-queue.js';

/**
 * `critical`: what people say of themselves, as opt-outs, the page that they say it on, what a confirmation waits for, and
 * whether the process is well; `decision`; and everything else. Which choices are opt-outs stands in their bodies, so all
 * are treated as such.
 */
export type Kind = 'critical' | 'decision' | 'other';

const DECISIONS = '/access/v1/';
/** What people say by whatever method: signed in, of themselves. No change is confirmed before caches have acknowledged it. */
const BY_PEOPLE = /^\/(health\/|session\/|v1\/users\/me\b|v1\/caches\b)/;
/** Choices, visibility, signals, erasures. */
const SAYS = /^\/v1\/users\/[^/?]+(\/(choices|visibility|signals)\b|$)/;
/** What only reads, and hears Global Privacy Control with it. */
const HEARS = /^\/v1\/users\/[^/?]+\/(settings|choices|prompts)\b/;

/** A request, as far as its kind depends on it. */
type Head = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

export function kindOf({ method, url = '', headers }: Head): Kind {
  if (url.startsWith(DECISIONS)) return 'decision';
  if (BY_PEOPLE.test(url)) return 'critical';
  if (headers['sec-gpc'] === '1' && HEARS.test(url)) return 'critical';
  return method !== 'GET' && method !== 'HEAD' && SAYS.test(url) ? 'critical' : 'other';
}

/** Bytes of a body that take about as long as a decision. */
const BYTES_OF_ONE = 1_024;
/** What a request takes besides its body, in decisions: one is answered before the router, the others pass it. */
const ALONE: Readonly<Record<Kind, number>> = { critical: 4, decision: 1, other: 4 };
/** Of a body whose length is not said. */
const UNKNOWN = 16;

/** About how many decisions a request takes as long as. */
export function weightOf({ headers }: Pick<IncomingMessage, 'headers'>, kind: Kind): number {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  const body = coding === undefined ? Math.floor(Number(length ?? 0) / BYTES_OF_ONE) : UNKNOWN;
  const weight = ALONE[kind] + body;
  return weight < MOST_WEIGHT ? weight : MOST_WEIGHT;
}
