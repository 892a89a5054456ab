/**
 * When the choices that stand were said, as far as imports ask: of two rows of one user and purpose the later one stands,
 * and what was said here stands against both. Why: decision 021.
 */
import type { ChoiceEvent } from './event-rules.js';

/** What is known of a choice beyond the record. */
export type StandingChoice = {
  /** Whether it was said here, or brought about here, and not by an import. */
  readonly isHere: boolean;
  /**
   * In milliseconds since the Unix epoch. An imported choice of which nobody knows when it was said counts as the latest of
   * all if it denies, and as the first of all if it grants.
   */
  readonly saidAt: number;
  /** When a grant ends, in milliseconds since the Unix epoch. */
  readonly until?: number;
};

/** A choice of which nothing is known but the record: taken for one that was said here at an unknown time. */
export const UNKNOWN_CHOICE: StandingChoice = { isHere: true, saidAt: -Infinity };

/** By user and purpose, in the same words everywhere. */
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
 * When an imported choice counts as said.
 *
 * @param now when it is imported: a clock that is ahead makes no grant later than that, and no denial earlier
 */
export function importedAt(choice: 'granted' | 'denied', saidAt: number | undefined, now: number): number {
  if (choice === 'denied') return saidAt ?? Infinity;
  return saidAt === undefined ? -Infinity : Math.min(saidAt, now);
}
