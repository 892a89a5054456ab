/**
 * What a user has said, as events and as the record that their fold gives.
 *
 * The consent log is the truth: events in revision order. A record is never stored; it is the fold of its events.
 */

export const AGE_BANDS = ['adult', 'minor', 'unknown'] as const;
/** How old a user is, as far as decisions care. `unknown` is treated as `minor`. */
export type AgeBand = (typeof AGE_BANDS)[number];

export const CHOICES = ['granted', 'denied'] as const;
/** What a user said for a purpose. Nothing said is the absence of a choice. */
export type Choice = (typeof CHOICES)[number];

export const SIGNALS = ['gpc'] as const;
/** A choice that came from outside the settings page. `gpc`: Global Privacy Control. */
export type Signal = (typeof SIGNALS)[number];

/**
 * The notice a grant carries when no opt-in notice was shown for it: it was given where the purpose needed no opt-in,
 * so it never counts as one.
 */
export const NO_NOTICE = 0;

/** One thing that a consent event changes. */
export type ConsentChange =
  /** `region`: ISO 3166-1 alpha-2 or ISO 3166-2, upper case; `null` when unknown. */
  | { readonly kind: 'profile'; readonly region: string | null; readonly ageBand: AgeBand }
  /** `notice`: version of the purpose's notice that the user was shown, or {@link NO_NOTICE}. */
  | { readonly kind: 'choice'; readonly purpose: string; readonly choice: Choice; readonly notice: number }
  | { readonly kind: 'signal'; readonly signal: Signal };

/** Who made a change: the user, or a service on the user's behalf. */
export type ChangedBy = { readonly kind: 'user' | 'service'; readonly id: string };

/** A change that has not been given its place in the log yet. */
export type NewConsentEvent = {
  /** Id of the user whose record changes. */
  readonly user: string;
  readonly by: ChangedBy;
  /** Milliseconds since the Unix epoch, whole. For the history and replay: no decision depends on it. */
  readonly at: number;
  readonly change: ConsentChange;
};

/** A change in the one ordered log. `revision` counts from 1 without gaps, in commit order. */
export type ConsentEvent = NewConsentEvent & { readonly revision: number };

/** A choice as the record keeps it. */
export type RecordedChoice = { readonly choice: Choice; readonly notice: number };

/** The fold of a user's events. */
export type UserRecord = {
  /** Whether a profile was ever given. Without one the user decides as unknown; what they chose is kept and waits. */
  readonly registered: boolean;
  readonly region: string | null;
  readonly ageBand: AgeBand;
  /** Last choice per purpose id. */
  readonly choices: ReadonlyMap<string, RecordedChoice>;
  readonly signals: ReadonlySet<Signal>;
};

/** The record of a user about whom the log says nothing. */
export const EMPTY_RECORD: UserRecord = {
  registered: false,
  region: null,
  ageBand: 'unknown',
  choices: new Map(),
  signals: new Set(),
};

/** The record after one more change. */
export function applyChange(record: UserRecord, change: ConsentChange): UserRecord {
  switch (change.kind) {
    case 'profile':
      return { ...record, registered: true, region: change.region, ageBand: change.ageBand };
    case 'choice': {
      const choices = new Map(record.choices);
      choices.set(change.purpose, { choice: change.choice, notice: change.notice });
      return { ...record, choices };
    }
    case 'signal':
      return { ...record, signals: new Set([...record.signals, change.signal]) };
  }
}
