import { DomainError } from '../../errors.js';
import type { PolicyService } from '../../policy/policy.service.js';
import type { ConsentStore } from '../log/consent.store.js';
import type { StateInForce } from '../log/state-in-force.js';
import { type UserHistory, historyIn } from './history.js';
import { type Prompts, promptsOf } from './prompts.js';
import { type UserSettings, settingsOn } from './settings.js';

/** Settings, and how what the user's record says came about. */
export type ExplainedSettings = {
  readonly settings: UserSettings;
  readonly history: UserHistory;
  /** When they were read, in milliseconds since the Unix epoch. */
  readonly at: number;
};

/** Reads what stands for users. */
export class SettingsService {
  constructor(
    private readonly state: StateInForce,
    private readonly policies: PolicyService,
    /** Where the history of a user is read; nothing that decides looks there. */
    private readonly store: Pick<ConsentStore, 'readUserBack'>,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
  ) {}

  /**
   * Every purpose as it stands for the user now, by the same rules that decide.
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
   * The record is taken first and the history is read back from its revision: the log holds an event before the state does,
   * so that it has all that the record rests on, and what it has beyond that is left out.
   *
   * @throws DomainError `consent_unavailable`
   */
  async explained(user: string, settings = this.settingsOf(user)): Promise<ExplainedSettings> {
    const history = await historyIn(this.store, user, settings.record, settings.revision);
    return { settings, history, at: this.now() };
  }

  /** What the user is to be asked now, and the settings by which. @throws DomainError `consent_unavailable` */
  async promptsFor(user: string): Promise<{ readonly settings: UserSettings; readonly prompts: Prompts }> {
    const { settings, history, at } = await this.explained(user);
    return { settings, prompts: promptsOf(settings, history, at) };
  }
}
