import { DomainError } from '../../errors.js';
import type { PolicyService } from '../../policy/policy.service.js';
import type { ConsentStore } from '../log/consent.store.js';
import type { StateInForce } from '../log/state-in-force.js';
import { type UserHistory, historyIn } from './history.js';
import { type Prompts, promptsOf } from './prompts/prompts.js';
import { type UserSettings, settingsOn } from './settings.js';

/** Settings, and the origin of each entry of the user's record. */
export type ExplainedSettings = {
  readonly settings: UserSettings;
  readonly history: UserHistory;
  /** When they were read, in milliseconds since the Unix epoch. */
  readonly at: number;
};

/** Reads the settings of users. */
export class SettingsService {
  constructor(
    private readonly state: StateInForce,
    private readonly policies: PolicyService,
    /** Source of a user's history; decisions do not use it. */
    private readonly store: Pick<ConsentStore, 'readUserBack'>,
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
    const silent = settings.purposes.flatMap(({ purpose, setting, choice }) =>
      setting === 'opt_in' && choice === null && purpose.lapses_after !== undefined ? [purpose.id] : [],
    );
    const history = await historyIn(this.store, user, settings.record, settings.revision, silent);
    return { settings, history, at: this.now() };
  }

  /** What to ask the user for now, and the settings. @throws DomainError `consent_unavailable` */
  async promptsFor(user: string): Promise<{ readonly settings: UserSettings; readonly prompts: Prompts }> {
    const { settings, history, at } = await this.explained(user);
    return { settings, prompts: promptsOf(settings, history, at) };
  }
}
