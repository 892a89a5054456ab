import { timeText } from '../../time.js';
import type { Erasure } from '../log/consent.store.js';
import type { Tokens } from '../log/consistency-token.js';

/** The record that somebody was erased. */
export function erasureView({ revision, at, by }: Erasure, tokens: Tokens) {
  return { id: tokens.of(revision), revision, at: timeText(at), by };
}
