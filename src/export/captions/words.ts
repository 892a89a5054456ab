import type { AgeBand, ChangedBy, Choice, ChoiceOrNone, Way } from '../../decision/consent-event.js';

/** The texts of the page itself; the compiler sees to it that no language lacks one. */
export type Captions = {
  readonly title: string;
  readonly exported: string;
  readonly you: string;
  readonly id: string;
  readonly region: string;
  readonly law: string;
  readonly age: string;
  readonly signals: string;
  readonly none: string;
  readonly settings: string;
  readonly on: string;
  readonly off: string;
  readonly opens: string;
  readonly history: string;
  readonly when: string;
  readonly what: string;
  readonly by: string;
  readonly notice: string;
  readonly policy: string;
  readonly uses: string;
  /** Of uses, before the time until when they are complete. */
  readonly complete: string;
  readonly day: string;
  readonly service: string;
  readonly purpose: string;
  readonly outcome: string;
  readonly permitted: string;
  readonly times: string;
  readonly extracts: string;
  readonly taken: string;
  readonly mayNot: string;
  readonly leftOut: string;
  /** Heads what services registered for the consent balance. */
  readonly attributes: string;
  readonly lookups: string;
  readonly why: string;
  /** Of a region. */
  readonly unknown: string;
  readonly ages: Readonly<Record<AgeBand, string>>;
  readonly choices: Readonly<Record<ChoiceOrNone, string>>;
  /** Of a choice, what a signal had to do with it. */
  readonly bySignal: Readonly<Record<Choice, string>>;
  /** Of a signal. */
  readonly withdrawn: string;
  readonly until: string;
  readonly adultFrom: string;
  readonly visibility: string;
  /** Before a level that was set. */
  readonly visibleTo: string;
  readonly said: string;
  readonly language: string;
  readonly callers: Readonly<Record<ChangedBy['kind'], string>>;
  readonly ways: Readonly<Record<Way, string>>;
};
