import type { ConsentChange, ConsentEvent } from '../../decision/consent-event.js';
import { timeText } from '../../time.js';
import type { Tokens } from '../log/consistency-token.js';

/**
 * An event as a user reads it.
 *
 * @param policy id of the policy version that was in force
 */
export function eventView(
  { revision, at, by, via, saidAt, language, change }: ConsentEvent,
  policy: string | null,
  tokens: Tokens,
) {
  return {
    id: tokens.of(revision),
    at: timeText(at),
    said_at: saidAt === undefined ? null : timeText(saidAt),
    by,
    via,
    ...changeView(change),
    language: language ?? null,
    policy,
  };
}

function changeView(change: ConsentChange) {
  switch (change.kind) {
    case 'profile': {
      const { kind, region, ageBand, adultFrom } = change;
      return {
        kind,
        region: region ?? 'unknown',
        age_band: ageBand,
        adult_from: adultFrom === undefined ? null : timeText(adultFrom),
      };
    }
    case 'choice': {
      const { kind, purpose, choice, notice, signal, until } = change;
      return {
        kind,
        purpose,
        choice,
        notice: notice === 0 ? null : notice,
        signal,
        until: until === undefined ? null : timeText(until),
      };
    }
    case 'signal':
      return { kind: change.kind, signal: change.signal };
  }
}
