import { TEXT, YES_OR_NO, named, objectOf, said } from '../../http/contract/shapes.js';
import type { Acknowledgement } from './consent-log.js';
import type { Tokens } from './consistency-token.js';

export const ACKNOWLEDGED_MEMBERS = {
  consistency_token: said(
    'a decision that carries it as `context.consistency_token` rests on the change',
    TEXT,
  ),
  changed: said('false: it stood so already, and nothing was written', YES_OR_NO),
};
/** Answer to a change. */
export const ACKNOWLEDGED = named('Acknowledged', objectOf(ACKNOWLEDGED_MEMBERS));

export function acknowledged({ revision, changed }: Acknowledgement, tokens: Tokens) {
  return { consistency_token: tokens.of(revision), changed };
}
