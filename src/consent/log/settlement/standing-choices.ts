/**
 * When the current choices were made, for imports: of two rows of one user and purpose the later one wins, and a choice
 * that was made here wins over both. Why: decision 021.
 */
import type { ChoiceEvent } from './event-rules.js';

/** What is known about a choice beyond the record. */
export type StandingChoice = {
  /** Whether it was made or caused here, and not by an import. */
  readonly isHere: boolean;
  /**
   * In milliseconds since the Unix epoch. An imported choice of unknown time counts as the latest of all if it denies,
   * and as the earliest if it grants.
   */
  readonly saidAt: number;
  /** When a grant ends, in milliseconds since the Unix epoch. */
  readonly until?: number;
};

/** A choice of which only the record is known: treated as made here at an unknown time. */
export const UNKNOWN_CHOICE: StandingChoice = { isHere: true, saidAt: -Infinity };

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
export function importedAt(choice: 'granted' | 'denied', saidAt: number | undefined, now: number): number {
  if (choice === 'denied') return saidAt ?? Infinity;
  return saidAt === undefined ? -Infinity : Math.min(saidAt, now);
}
