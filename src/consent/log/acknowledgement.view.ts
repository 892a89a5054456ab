import { TEXT, TIME, YES_OR_NO, named, objectOf, orNull, said } from '../../http/contract/shapes.js';
import { timeText } from '../../time.js';
import type { Acknowledgement } from './log-writer.js';
import type { Tokens } from './consistency-token.js';

export const HOLDS_FROM = said(
  'the time of its entry in the log; null: it stood so already, and the log does not say since when',
  orNull(TIME),
);
export const ACKNOWLEDGED_MEMBERS = {
  consistency_token: said(
    'a decision that carries it as `context.consistency_token` rests on the change',
    TEXT,
  ),
  changed: said('false: it stood so already, and nothing was written', YES_OR_NO),
  holds_from: HOLDS_FROM,
};
/** Answer to a change. */
export const ACKNOWLEDGED = named('Acknowledged', objectOf(ACKNOWLEDGED_MEMBERS));

export function acknowledged({ revision, changed, at }: Acknowledgement, tokens: Tokens) {
  return { consistency_token: tokens.of(revision), changed, holds_from: momentView(at) };
}

/** @param at in milliseconds since the Unix epoch; absent: not known */
export function momentView(at: number | undefined): string | null {
  return at === undefined ? null : timeText(at);
}
