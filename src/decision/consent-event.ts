/**
 * What a user has said, as events and as the record folded from them.
 *
 * The consent log is the truth: events in revision order. A record is never stored; it is the fold of its events.
 */

export const AGE_BANDS = ['adult', 'minor', 'unknown'] as const;
/** A user's age, as far as decisions need it. `unknown` is treated as `minor`. */
export type AgeBand = (typeof AGE_BANDS)[number];

export const CHOICES = ['granted', 'denied'] as const;
/** A user's choice for a purpose; absent if the user has said nothing. */
export type Choice = (typeof CHOICES)[number];

export const SAID = [...CHOICES, 'none'] as const;
/** What a change makes of a choice. `none`: it was taken back or lapsed, as if nothing had been said. */
export type ChoiceOrNone = (typeof SAID)[number];

export const SIGNALS = ['gpc'] as const;
/** A choice that came from outside the settings page. `gpc`: Global Privacy Control. */
export type Signal = (typeof SIGNALS)[number];

/**
 * The notice a grant carries when no opt-in notice was shown for it: it was given where the purpose needed no opt-in,
 * so it never counts as one.
 */
export const NO_NOTICE = 0;

/** Where a user lives and how old they are. */
export type ProfileChange = {
  readonly kind: 'profile';
  /** ISO 3166-1 alpha-2 or ISO 3166-2, upper case; `null` when unknown. */
  readonly region: string | null;
  readonly ageBand: AgeBand;
  /** When a minor comes of age, in milliseconds since the Unix epoch: another event at that time says so. */
  readonly adultFrom?: number;
};

/** A user's choice for a purpose. */
export type ChoiceChange = {
  readonly kind: 'choice';
  readonly purpose: string;
  readonly choice: ChoiceOrNone;
  /** Version of the purpose's notice that the user was shown, or {@link NO_NOTICE}. */
  readonly notice: number;
  /**
   * Whether a signal had a part in it: a denial came with one (a TCF string), a grant was given although one stood
   * against it, which the user was shown.
   */
  readonly signal: boolean;
  /** When a grant ends, in milliseconds since the Unix epoch: another event at that time denies. */
  readonly until?: number;
};

export type SignalChange = {
  readonly kind: 'signal';
  readonly signal: Signal;
  /** The user took it back. */
  readonly withdrawn?: true;
};

/** The level of a visibility group that a member sets. */
export type VisibilityChange = {
  readonly kind: 'visibility';
  readonly group: string;
  readonly level: string;
};

/** One thing that a consent event changes. */
export type ConsentChange = ProfileChange | ChoiceChange | SignalChange | VisibilityChange;

/** Who made a change: the user, a service on the user's behalf, or the engine because a time came. */
export type ChangedBy = { readonly kind: 'user' | 'service' | 'engine'; readonly id: string };

export const WAYS = ['settings', 'gpc', 'tcf', 'import', 'expiry', 'lapse', 'birthday'] as const;
/**
 * The origin of a change: a settings page, sent by a browser (Global Privacy Control), read from a TCF string, imported
 * from an earlier system, a grant that ended when the user said, one that lapsed by the policy, a minor who came of age.
 */
export type Way = (typeof WAYS)[number];

/** A change that has not been given its place in the log yet. */
export type NewConsentEvent = {
  /** Id of the user whose record changes. */
  readonly user: string;
  readonly by: ChangedBy;
  /** Milliseconds since the Unix epoch, whole. For the history and replay: no decision depends on it. */
  readonly at: number;
  readonly via: Way;
  /** When the user said it, if earlier than `at`: imported choices were made elsewhere. */
  readonly saidAt?: number;
  /** Language of the texts that the user was shown, as a BCP 47 tag; absent: not known. */
  readonly language?: string;
  readonly change: ConsentChange;
};

/** A change in the one ordered log. */
export type ConsentEvent = NewConsentEvent & {
  /** Counts from 1 without gaps, in commit order. */
  readonly revision: number;
  /**
   * The number by which the log knows the user: counted up from 1, never given twice. Who was erased and comes back gets
   * another one.
   */
  readonly subject: number;
};

/**
 * What remains of an event whose content was deleted, because its user was erased or it was superseded long ago. It
 * changes nobody's record.
 */
export type ForgottenEvent = {
  readonly revision: number;
  readonly at: number;
  readonly forgotten: true;
  /** In the record of an erasure: the user; null when the id is no longer known. */
  readonly erased?: string | null;
};

/** An entry of the log. */
export type LogEntry = ConsentEvent | ForgottenEvent;

/** Whether the content still exists. */
export function isKept(entry: LogEntry): entry is ConsentEvent {
  return !('forgotten' in entry);
}

/** A choice in a record. */
export type RecordedChoice = Pick<ChoiceChange, 'notice' | 'signal'> & { readonly choice: Choice };

/** The fold of a user's events. */
export type UserRecord = {
  /** Whether a profile was ever given. Without one the user counts as unknown; their choices are kept and wait. */
  readonly registered: boolean;
  readonly region: string | null;
  readonly ageBand: AgeBand;
  /** Last choice per purpose id. */
  readonly choices: ReadonlyMap<string, RecordedChoice>;
  readonly signals: ReadonlySet<Signal>;
  /** Level per visibility group; absent: none was ever set. */
  readonly visibility?: ReadonlyMap<string, string>;
};

/** The record of an unknown user. */
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
      const { purpose, choice, notice, signal } = change;
      if (choice === 'none') choices.delete(purpose);
      else choices.set(purpose, { choice, notice, signal });
      return { ...record, choices };
    }
    case 'signal': {
      const signals = new Set(record.signals);
      if (change.withdrawn === true) signals.delete(change.signal);
      else signals.add(change.signal);
      return { ...record, signals };
    }
    case 'visibility':
      return { ...record, visibility: new Map([...(record.visibility ?? []), [change.group, change.level]]) };
  }
}
