/** Settles requested changes on the records as they are at their turn. */
import {
  type ConsentChange,
  type NewConsentEvent,
  type UserRecord,
  type VisibilityChange,
  applyChange,
} from '../../../decision/consent-event.js';
import type { DomainError } from '../../../errors.js';
import { CLOCK_TOLERANCE_MS } from '../../../time.js';
import { Ends } from './ends.js';
import { choiceKeyOf, levelKeyOf } from './standing-choices.js';

/** A requested change. */
export type ChangeRequest = Omit<NewConsentEvent, 'change'> & {
  /** The purposes, or subjects of levels, that it closes or opens for the user; an opt-out wins over a racing opt-in. */
  readonly closes?: readonly string[];
  readonly opens?: readonly string[];
  /** The level that it sets: one that the record has from an import is written anew. */
  readonly sets?: VisibilityChange;
  /** Those of the changes to which `saidAt` does not apply. */
  readonly timeless?: ReadonlySet<ConsentChange>;
  /**
   * Whether the outcome may depend on the end of a grant or of a minority, judged by the record before the block. If
   * so, the ends are read from the store first. Only what the record holds can end.
   */
  readonly mayDependOnEnds?: (record: UserRecord) => boolean;
  /**
   * Decides what to write, from the record as it is at its turn: all of it, or nothing.
   *
   * @param ends of the record, if `mayDependOnEnds` asked for them
   * @returns the changes, none when there is nothing to change
   * @throws DomainError when the change is refused
   */
  readonly settle: (record: UserRecord, ends: Ends) => readonly ConsentChange[];
};

/** What became of one change. */
type Settlement = {
  /** How many of the events it depends on. */
  readonly after: number;
  readonly changed: boolean;
  /** The time of its events, in milliseconds since the Unix epoch. */
  readonly at: number;
};

/** The events to write, and per change what became of it, or why it is refused. */
export type Settled = {
  readonly events: readonly NewConsentEvent[];
  /** Time of the last change that was settled, or of what came before: times never go back. */
  readonly latest: number;
  readonly results: readonly (Error | Settlement)[];
};

/** The state on which changes are settled. */
export type SettledOn = {
  readonly recordOf: (user: string) => UserRecord;
  /** The ends for users whose changes may depend on them. */
  readonly ends: ReadonlyMap<string, Ends>;
  /** Time of the last entry of the log. */
  readonly latest: number;
  /** Refuses a change before it is settled. */
  readonly refusal: (request: ChangeRequest) => DomainError | undefined;
  /** Refuses a new user when the state has no room for them. */
  readonly noRoomFor: (user: string) => DomainError | undefined;
  /** Refuses a new record of somebody who was erased, unless a profile registers them anew. */
  readonly wasErased?: (user: string, at: number) => DomainError | undefined;
  /**
   * Denials and levels that hold, but may go with what comes: they were imported, or said before an erasure that is still
   * due. Said here once more, they are written as events of their own.
   */
  readonly fleeting?: ReadonlySet<string>;
};

/**
 * Settles changes in order, each on the record that the ones before it leave.
 *
 * @param on what they are settled on
 * @returns the events to write, and per change what became of it, or why it is refused
 */
export function settle(requests: readonly ChangeRequest[], on: SettledOn): Settled {
  const records = new Map<string, UserRecord>();
  const endsOf = new Map(on.ends);
  const events: NewConsentEvent[] = [];
  let { latest } = on;
  const results = requests.map((request) => {
    const { user, by, at, via, saidAt, language, timeless } = request;
    const record = records.get(user) ?? on.recordOf(user);
    try {
      const refused = on.refusal(request);
      if (refused !== undefined) return refused;
      let standing = endsOf.get(user) ?? Ends.NONE;
      const settled = request.settle(record, standing);
      const changes = [...settled, ...saidAnew(request, record, settled, on.fleeting)];
      const refusal =
        changes.length === 0
          ? undefined
          : (on.noRoomFor(user) ?? (isRegistered(record, changes) ? undefined : on.wasErased?.(user, at)));
      if (refusal !== undefined) return refusal;
      latest = Math.max(latest, at);
      const shown = language === undefined ? {} : { language };
      for (const change of changes) {
        const said =
          timeless?.has(change) === true ? undefined : (saidAt ?? saidBefore(latest, request, change));
        const event = {
          user,
          by,
          at: latest,
          via,
          ...(said === undefined ? {} : { saidAt: said }),
          ...shown,
          change,
        };
        events.push(event);
        standing = standing.after(event);
      }
      endsOf.set(user, standing);
      if (changes.length > 0) records.set(user, changes.reduce(applyChange, record));
      return { after: events.length, changed: changes.length > 0, at: latest };
    } catch (error) {
      return error instanceof Error ? error : new Error('the change could not be settled');
    }
  });
  return { events, results, latest };
}

/**
 * When a grant was given here, where the log is ahead of that because a clock once was: it lapses by when it was given.
 *
 * @param latest the time of its event
 */
function saidBefore(latest: number, { at, via }: ChangeRequest, change: ConsentChange): number | undefined {
  const isGivenHere = via === 'settings' && change.kind === 'choice' && change.choice === 'granted';
  return isGivenHere && latest - at > CLOCK_TOLERANCE_MS ? at : undefined;
}

function isRegistered(record: UserRecord, changes: readonly ConsentChange[]): boolean {
  return record.registered || changes.some(({ kind }) => kind === 'profile');
}

/** What a request says that leaves the record as it is, but replaces a fleeting denial or level. */
function saidAnew(
  { user, closes = [], sets }: ChangeRequest,
  { choices, visibility }: UserRecord,
  changes: readonly ConsentChange[],
  fleeting: ReadonlySet<string> = new Set(),
): ConsentChange[] {
  if (fleeting.size === 0) return [];
  const isLevelAnew =
    sets !== undefined &&
    changes.length === 0 &&
    visibility?.get(sets.group) === sets.level &&
    fleeting.has(levelKeyOf(user, sets.group));
  const denied = closes.flatMap((purpose): ConsentChange[] => {
    const recorded = choices.get(purpose);
    const isSaid = changes.some((change) => change.kind === 'choice' && change.purpose === purpose);
    return recorded?.choice === 'denied' && fleeting.has(choiceKeyOf(user, purpose)) && !isSaid
      ? [{ kind: 'choice', purpose, ...recorded }]
      : [];
  });
  return isLevelAnew ? [...denied, sets] : denied;
}
