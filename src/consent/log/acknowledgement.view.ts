import type { Acknowledgement } from './consent-log.js';
import type { Tokens } from './consistency-token.js';

/** Answer to a change. */
export const ACKNOWLEDGED = {
  type: 'object' as const,
  properties: {
    consistency_token: {
      type: 'string' as const,
      description: 'a decision that carries it as `context.consistency_token` rests on the change',
    },
    changed: { type: 'boolean' as const, description: 'false: it stood so already, and nothing was written' },
  },
};

export function acknowledged({ revision, changed }: Acknowledgement, tokens: Tokens) {
  return { consistency_token: tokens.of(revision), changed };
}
