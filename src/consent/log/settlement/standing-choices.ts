/**
 * When the current choices and levels were said, for imports: of two rows of one user and purpose the later one wins, and
 * a choice that was made here wins over both. Why: decision 021.
 */
import type { ChoiceOrNone } from '../../../decision/consent-event.js';
import { type ChoiceEvent, type LevelEvent, visibilityTopic } from './event-rules.js';

/** What is known about a choice beyond the record. */
export type StandingChoice = {
  /** Whether it was made or caused here, and not by an import. */
  readonly isHere: boolean;
  /** When it was recorded, in milliseconds since the Unix epoch. */
  readonly at: number;
  /**
   * In milliseconds since the Unix epoch. An imported choice of unknown time counts as the latest of all if it denies,
   * and as the earliest if it grants.
   */
  readonly saidAt: number;
  /** When a grant ends, in milliseconds since the Unix epoch. */
  readonly until?: number;
};

/** A choice of which only the record is known: treated as made here at an unknown time. */
export const UNKNOWN_CHOICE: StandingChoice = { isHere: true, at: -Infinity, saidAt: -Infinity };

/** The key of a user and purpose, the same everywhere. */
export function choiceKeyOf(user: string, purpose: string): string {
  return `${purpose} ${user}`;
}

/** By user and purpose, see `choiceKeyOf`. */
export function standingChoices(lasts: readonly ChoiceEvent[]): Map<string, StandingChoice> {
  return new Map(
    lasts.map(({ user, via, at, saidAt, change: { choice, purpose, until } }) => [
      choiceKeyOf(user, purpose),
      {
        isHere: via !== 'import',
        at,
        saidAt: via === 'import' ? importedAt(choice, saidAt, at) : (saidAt ?? at),
        ...(until === undefined ? {} : { until }),
      },
    ]),
  );
}

/**
 * The time at which an imported choice counts as made.
 *
 * @param now when it is imported: a clock that is ahead cannot make a grant later than that, or a denial earlier
 */
export function importedAt(choice: ChoiceOrNone, saidAt: number | undefined, now: number): number {
  if (choice === 'denied') return saidAt ?? Infinity;
  return saidAt === undefined ? -Infinity : Math.min(saidAt, now);
}

/** What is known about a level beyond the record. */
export type StandingLevel = {
  /** Whether it was set here, and not by an import. */
  readonly isHere: boolean;
  /** When it was said, in milliseconds since the Unix epoch; absent: not known. */
  readonly saidAt?: number | undefined;
  /** When it was recorded, in milliseconds since the Unix epoch. */
  readonly at: number;
};

/** The key of a user and visibility group. */
export function levelKeyOf(user: string, group: string): string {
  return choiceKeyOf(user, visibilityTopic(group));
}

/** By user and visibility group, see `levelKeyOf`. */
export function standingLevels(lasts: readonly LevelEvent[]): Map<string, StandingLevel> {
  return new Map(
    lasts.map(({ user, via, at, saidAt, change: { group } }) => [
      levelKeyOf(user, group),
      { isHere: via !== 'import', saidAt, at },
    ]),
  );
}
