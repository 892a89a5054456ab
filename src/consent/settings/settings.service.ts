import type { ChangedBy, Choice, UserRecord } from '../../decision/consent-event.js';
import { DomainError, StorageUnavailable } from '../../errors.js';
import type { PolicyService } from '../../policy/policy.service.js';
import type { ConsentStore } from '../log/consent.store.js';
import type { StateInForce } from '../log/state-in-force.js';
import { Ends } from '../log/settlement/ends.js';
import { type Cause, causeOf } from './causes/cause.js';
import { type UserHistory, historyIn } from './history.js';
import { type Prompts, promptsOf } from './prompts/prompts.js';
import { type PurposeSetting, type PurposesOn, type UserSettings, settingsOn, someOn } from './settings.js';
import { canEnd, markOf } from './changes/settings-mark.js';

/** Settings, and the origin of each entry of the user's record. */
export type ExplainedSettings = {
  readonly settings: UserSettings;
  readonly history: UserHistory;
  /** Names what they rest on, see `markOf`. */
  readonly mark: string;
  /** When they were read, in milliseconds since the Unix epoch. */
  readonly at: number;
};

/** A choice that was confirmed just now. */
export type ConfirmedChoice = {
  readonly purpose: string;
  /** Null: it was taken back. */
  readonly choice: Choice | null;
  /** Whether anything was written; false: the record said so already. */
  readonly changed: boolean;
};

/** What stands after choices. */
export type Outcome = {
  /** Absent: it cannot be read now. May be of the purposes alone that the choices are for. */
  readonly explained: { readonly settings: PurposesOn; readonly history: UserHistory } | undefined;
  /** When the log took in what stands for a purpose, in milliseconds since the Unix epoch; `undefined`: not known. */
  readonly since: (purpose: string) => number | undefined;
};

/** Reads the settings of users. */
export class SettingsService {
  constructor(
    private readonly state: StateInForce,
    private readonly policies: PolicyService,
    /** Source of a user's history; decisions do not use it. */
    private readonly store: Pick<ConsentStore, 'readUserBack' | 'deadlinesOf' | 'lastChoices'>,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
  ) {}

  /**
   * The current state of every purpose for the user, by the same rules that decide.
   *
   * @throws DomainError `consent_unavailable`
   */
  settingsOf(user: string): UserSettings {
    return settingsOn(this.policies.current, this.recordOf(user), this.state.revision);
  }

  /**
   * The settings with their history.
   *
   * The record is taken first and the history is read back from its revision: an event is in the log before it is in
   * the state, so the history covers the record; later events are left out.
   *
   * @throws DomainError `consent_unavailable`
   */
  async explained(user: string, settings = this.settingsOf(user)): Promise<ExplainedSettings> {
    const { policy, record, revision, purposes } = settings;
    const silent = purposes.filter(mayHaveLapsed).map(({ purpose }) => purpose.id);
    const history = await historyIn(this.store, user, record, revision, silent);
    const ends = canEnd(record) ? Ends.in(await this.store.deadlinesOf([user])).get(user) : undefined;
    return { settings, history, mark: markOf(policy, record, ends ?? Ends.NONE), at: this.now() };
  }

  /**
   * What became of choices that were confirmed: whatever cannot be read now does not undo them. The log is read only for
   * what was said before them.
   *
   * @param at when the log took in those that changed something, in milliseconds since the Unix epoch
   */
  async outcomeOf(
    user: string,
    by: ChangedBy,
    at: number | undefined,
    choices: readonly ConfirmedChoice[],
  ): Promise<Outcome> {
    const unchanged = choices.flatMap(({ purpose, changed }) => (changed ? [] : [purpose]));
    const found = await ifReadable(async () => {
      const before =
        unchanged.length === 0
          ? []
          : await this.store.lastChoices(unchanged.map((purpose) => ({ user, purpose })));
      const since = new Map(before.map((event) => [event.change.purpose, event.at]));
      const asked = new Set(choices.map(({ purpose }) => purpose));
      const settings = someOn(this.policies.current, this.recordOf(user), [...asked]);
      const history = historyOfNow(settings, by, at, choices);
      const isKnown = settings.purposes.every(
        (one) => !asked.has(one.purpose.id) || isExplained(causeOf(settings, one, history), one, unchanged),
      );
      return { since, explained: isKnown ? { settings, history } : await this.explained(user) };
    });
    return {
      explained: found?.explained,
      since: (purpose) => (unchanged.includes(purpose) ? found?.since.get(purpose) : at),
    };
  }

  /** The settings with their history after a change that is confirmed; `undefined`: they cannot be read now. */
  explainedNow(user: string): Promise<ExplainedSettings | undefined> {
    return ifReadable(() => this.explained(user));
  }

  /** What to ask the user for now, and the settings. @throws DomainError `consent_unavailable` */
  async promptsFor(
    user: string,
  ): Promise<Pick<ExplainedSettings, 'settings' | 'mark'> & { readonly prompts: Prompts }> {
    const { settings, history, mark, at } = await this.explained(user);
    return { settings, mark, prompts: promptsOf(settings, history, at) };
  }

  /** @throws DomainError `consent_unavailable` */
  private recordOf(user: string): UserRecord {
    const record = this.state.recordOf(user);
    if (record === 'unavailable') throw new DomainError('consent_unavailable', 'try again shortly');
    return record;
  }
}

/** Reads what a change needs no more, so it is left out where it cannot be read now. */
async function ifReadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StorageUnavailable || error instanceof DomainError) return undefined;
    throw error;
  }
}

/** Whether nothing is said for a purpose, of which a grant may have lapsed. */
function mayHaveLapsed({ purpose, setting, choice }: PurposeSetting): boolean {
  return setting === 'opt_in' && choice === null && purpose.lapses_after !== undefined;
}

/** The history of the choices that changed the record just now, as far as it still says what they said. */
function historyOfNow(
  { record }: PurposesOn,
  by: ChangedBy,
  at: number | undefined,
  choices: readonly ConfirmedChoice[],
): UserHistory {
  const stand = choices.filter(({ purpose, choice, changed }) => {
    const recorded = record.choices.get(purpose);
    // a denial that is the word of a signal is not the one that was said now
    return changed && recorded?.choice === choice && !(choice === 'denied' && recorded.signal);
  });
  return {
    choices: new Map(
      at === undefined ? [] : stand.map(({ purpose }) => [purpose, { by, via: 'settings', at }]),
    ),
    signals: new Map(),
    levels: new Map(),
  };
}

/** Whether a cause that was found in the history of now is the whole of it. */
function isExplained(cause: Cause, one: PurposeSetting, unchanged: readonly string[]): boolean {
  if ('origin' in cause) return cause.origin !== undefined;
  return !(cause.because === 'default' && mayHaveLapsed(one) && unchanged.includes(one.purpose.id));
}
