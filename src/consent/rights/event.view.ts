import type { ConsentChange, ConsentEvent } from '../../decision/consent-event.js';
import { timeText } from '../../time.js';
import {
  type Shape,
  TEXT,
  TIME,
  WHOLE,
  YES_OR_NO,
  either,
  just,
  named,
  objectOf,
  orNull,
  said,
} from '../../http/contract/shapes.js';
import { AGE_BAND, CHANGED_BY, CHOICE_OR_NONE, SIGNAL, WAY } from '../log/change.shape.js';
import type { Tokens } from '../log/consistency-token.js';

const EVENT_MEMBERS = {
  id: TEXT,
  at: TIME,
  said_at: orNull(TIME),
  by: CHANGED_BY,
  via: WAY,
  language: orNull(TEXT),
  policy: orNull(TEXT),
};
const CHANGES = [
  { kind: just('profile'), region: TEXT, age_band: AGE_BAND, adult_from: orNull(TIME) },
  {
    kind: just('choice'),
    purpose: TEXT,
    choice: said('`none`: it was taken back, or lapsed', CHOICE_OR_NONE),
    notice: orNull(WHOLE),
    signal: YES_OR_NO,
    until: orNull(TIME),
  },
  { kind: just('signal'), signal: SIGNAL, withdrawn: said('the user took it back', YES_OR_NO) },
  { kind: just('visibility'), group: TEXT, level: TEXT },
];
/** The shape of an event. @param more members that it has besides, and those of them that may be absent */
export function eventShape(
  name: string,
  more: Readonly<Record<string, Shape>> = {},
  optional: Readonly<Record<string, Shape>> = {},
) {
  const shapes = CHANGES.map((members) => objectOf({ ...EVENT_MEMBERS, ...members, ...more }, optional));
  return named(name, either(...shapes));
}
export const EVENT = eventShape('Event');
/** What an event says, apart from how it came about. */
export const CHANGE = named('Change', either(...CHANGES.map((members) => objectOf(members))));

/**
 * An event as the user sees it.
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

/** What an event says, apart from how it came about. */
export function changeView(change: ConsentChange) {
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
      return { kind: change.kind, signal: change.signal, withdrawn: change.withdrawn === true };
    case 'visibility':
      return { kind: change.kind, group: change.group, level: change.level };
  }
}
