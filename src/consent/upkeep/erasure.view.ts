import { TEXT, TIME, WHOLE, named, objectOf, said } from '../../http/contract/shapes.js';
import { CHANGED_BY_KIND } from '../log/change.shape.js';
import { timeText } from '../../time.js';
import type { Erasure } from '../log/consent.store.js';
import type { Tokens } from '../log/consistency-token.js';

const ERASED_BY = objectOf({ kind: CHANGED_BY_KIND }, { id: said('absent: the user themselves', TEXT) });
export const ERASURE = named('Erasure', objectOf({ id: TEXT, revision: WHOLE, at: TIME, by: ERASED_BY }));

/** The record that somebody was erased. */
export function erasureView({ revision, at, by }: Erasure, tokens: Tokens) {
  return { id: tokens.of(revision), revision, at: timeText(at), by };
}
