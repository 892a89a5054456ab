import { DomainError, StorageUnavailable } from '../../errors.js';
import type { PolicyService } from '../../policy/policy.service.js';
import type { ConsentStore } from '../log/consent.store.js';
import type { StateInForce } from '../log/state-in-force.js';
import { Ends } from '../log/settlement/ends.js';
import { type UserHistory, historyIn } from './history.js';
import { type Prompts, promptsOf } from './prompts/prompts.js';
import { type UserSettings, settingsOn } from './settings.js';
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

/** What stands after choices. */
export type Outcome = {
  /** Absent: it cannot be read now. */
  readonly explained: ExplainedSettings | undefined;
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
    const record = this.state.recordOf(user);
    if (record === 'unavailable') throw new DomainError('consent_unavailable', 'try again shortly');
    return settingsOn(this.policies.current, record, this.state.revision);
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
    const { policy, record, revision } = settings;
    const silent = settings.purposes.flatMap(({ purpose, setting, choice }) =>
      setting === 'opt_in' && choice === null && purpose.lapses_after !== undefined ? [purpose.id] : [],
    );
    const history = await historyIn(this.store, user, record, revision, silent);
    const ends = canEnd(record) ? Ends.in(await this.store.deadlinesOf([user])).get(user) : undefined;
    return { settings, history, mark: markOf(policy, record, ends ?? Ends.NONE), at: this.now() };
  }

  /**
   * What became of choices that were confirmed: whatever cannot be read now does not undo them.
   *
   * @param at when the log took in those that changed something, in milliseconds since the Unix epoch
   * @param unchanged the purposes for which the record said so already
   */
  async outcomeOf(user: string, at: number | undefined, unchanged: readonly string[]): Promise<Outcome> {
    try {
      const before =
        unchanged.length === 0
          ? []
          : await this.store.lastChoices(unchanged.map((purpose) => ({ user, purpose })));
      const since = new Map(before.map((event) => [event.change.purpose, event.at]));
      return {
        explained: await this.explained(user),
        since: (purpose) => (unchanged.includes(purpose) ? since.get(purpose) : at),
      };
    } catch (error) {
      const isForNow = error instanceof StorageUnavailable || error instanceof DomainError;
      if (!isForNow) throw error;
      return { explained: undefined, since: (purpose) => (unchanged.includes(purpose) ? undefined : at) };
    }
  }

  /** What to ask the user for now, and the settings. @throws DomainError `consent_unavailable` */
  async promptsFor(
    user: string,
  ): Promise<Pick<ExplainedSettings, 'settings' | 'mark'> & { readonly prompts: Prompts }> {
    const { settings, history, mark, at } = await this.explained(user);
    return { settings, mark, prompts: promptsOf(settings, history, at) };
  }
}
