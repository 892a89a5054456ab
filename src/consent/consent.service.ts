import type { Acknowledgement, ConsentLog } from './consent-log.js';
import {
  type AgeBand,
  type ChangedBy,
  type Choice,
  NO_NOTICE,
  type UserRecord,
} from '../decision/consent-event.js';
import type { ConsentState, Resolution } from '../decision/consent-state.js';
import type { Key } from '../decision/key-index.js';
import { type Purpose, type Setting, noticeOf } from '../decision/policy.js';
import type { Reason } from '../decision/reasons.js';
import { type DecisionTable, REASON_CODES } from '../decision/table.js';
import { MAX_CHOICES } from '../decision/record-classes.js';
import { DomainError } from '../errors.js';
import { grantsAgainstSignal } from './standing-signal.js';
import type { Steps } from '../decision/steps.js';
import type { PolicyService, PolicyVersion } from '../policy/policy.service.js';
import { inSlices } from '../policy/slices.js';

/** One purpose as it stands for a user now. */
export type PurposeSetting = {
  readonly purpose: Purpose;
  readonly setting: Setting;
  readonly choice: Choice | null;
  /** Whether data may be used for the purpose as far as the user is concerned. */
  readonly on: boolean;
  readonly reason: Reason;
  /** The choices the law the user lives under leaves. */
  readonly offers: readonly Choice[];
};

export type UserSettings = {
  readonly record: UserRecord;
  readonly regime: string;
  readonly policy: PolicyVersion;
  readonly revision: number;
  readonly purposes: readonly PurposeSetting[];
};

/** Long work that began on the version before is not to resolve the state again for every look-up. */
const KEPT_RESOLUTIONS = 2;

/** Holds what users have said, and lets it be changed. */
export class ConsentService {
  /** The state resolved for policy versions; the one that came into force longest ago first. */
  private readonly resolutions = new Map<DecisionTable, Resolution>();

  constructor(
    private readonly log: ConsentLog,
    private readonly policies: PolicyService,
    /** Milliseconds since the Unix epoch; for the history alone. */
    private readonly now: () => number,
  ) {}

  /** Whether decisions may rest on the consent state at all. */
  get available(): boolean {
    return this.log.available;
  }

  /** The revision that the next decision rests on. */
  get revision(): number {
    return this.log.state.revision;
  }

  /**
   * What line 6 answers for a user and a purpose, looked up.
   *
   * @returns the byte of a reason; that of `consent_unavailable` when the state is not known to be that of the log
   */
  answerFor(policy: PolicyVersion, user: Key, purpose: number): number {
    if (!this.log.available) return policy.table.ofUnavailable(purpose);
    const resolution = this.resolutionFor(policy);
    return resolution.of(resolution.classOf(user), purpose);
  }

  /**
   * Resolves the state for a policy version, a slice at a time between other work. From then on decisions on that version
   * are look-ups; without it the first one waits for all of it.
   */
  async prepare(policy: PolicyVersion): Promise<void> {
    this.keep(this.resolutions.get(policy.table) ?? (await this.resolve(policy)));
  }

  /**
   * Compares what two versions make of the consent state, a slice at a time between other work.
   *
   * @param compare is given the state and what each version resolves it to
   */
  async compare<T>(
    one: PolicyVersion,
    other: PolicyVersion,
    compare: (state: ConsentState, one: Resolution, other: Resolution) => Steps<T>,
  ): Promise<T> {
    const { state } = this.log;
    const resolved: Resolution[] = [];
    try {
      for (const version of [one, other]) resolved.push(await this.resolve(version));
      const [before, after] = resolved;
      if (before === undefined || after === undefined) throw new Error('two versions are compared');
      return await inSlices(compare(state, before, after));
    } finally {
      for (const resolution of resolved) state.detach(resolution);
    }
  }

  /** Does work at one place of the log, see `ConsentLog.exclusively`. */
  betweenChanges(work: (at: number) => Promise<void>, settle: () => Promise<void>): Promise<void> {
    return this.log.exclusively(this.now(), work, settle);
  }

  /** Lets a resolution go that `resolve` gave. */
  release(resolution: Resolution): void {
    this.log.state.detach(resolution);
  }

  /**
   * The state resolved for a version, apart from those that decisions rest on: whoever asks for it releases it. It takes
   * in every change until then.
   */
  async resolve(policy: PolicyVersion): Promise<Resolution> {
    const resolution = this.log.state.attach(policy.table);
    try {
      await inSlices(resolution.fill());
      return resolution;
    } catch (error) {
      this.log.state.detach(resolution);
      throw error;
    }
  }

  private resolutionFor(policy: PolicyVersion): Resolution {
    const kept = this.resolutions.get(policy.table);
    if (kept !== undefined) return kept;
    const resolution = this.log.state.attach(policy.table);
    for (const _slice of resolution.fill());
    this.keep(resolution);
    return resolution;
  }

  private keep(resolution: Resolution): void {
    this.resolutions.delete(resolution.table);
    this.resolutions.set(resolution.table, resolution);
    for (const oldest of this.resolutions.values()) {
      if (this.resolutions.size <= KEPT_RESOLUTIONS) return;
      // every decision that begins rests on it, whatever long work still asks for
      if (oldest.table === this.policies.current.table) continue;
      this.resolutions.delete(oldest.table);
      this.log.state.detach(oldest);
    }
  }

  /** A user's record; `unavailable` when it is not known to be that of the log. */
  recordOf(user: string): UserRecord | 'unavailable' {
    return this.log.available ? this.log.state.recordOf(user) : 'unavailable';
  }

  /** Ids of the users the log knows, by lasting place; `undefined` where a user was removed. */
  usersFrom(start: number, count: number): readonly (string | undefined)[] {
    return this.log.state.usersFrom(start, count);
  }

  /** Resolves to whether decisions rest on the revision or a later one, waiting for it at most so many milliseconds. */
  reaches(revision: number, patience: number): Promise<boolean> {
    return this.log.reaches(revision, patience);
  }

  /** Sets where a user lives and how old they are. What they chose stays as it is. */
  setProfile(user: string, by: ChangedBy, region: string | null, ageBand: AgeBand): Promise<Acknowledgement> {
    return this.log.change({
      user,
      by,
      at: this.now(),
      via: 'settings',
      settle: (record) =>
        record.registered && record.region === region && record.ageBand === ageBand
          ? []
          : [{ kind: 'profile', region, ageBand }],
    });
  }

  /**
   * Records what a user says for a purpose.
   *
   * @param signalShown whether the user was shown the signal that stands against a grant
   * @throws DomainError `purpose_not_found`; `choice_not_offered` when the purpose leaves the user no such choice;
   *   `signal_stands` when a signal stands against a grant and was not shown
   */
  choose(
    user: string,
    by: ChangedBy,
    purpose: string,
    choice: Choice,
    signalShown = false,
  ): Promise<Acknowledgement> {
    return this.log.change({
      user,
      by,
      at: this.now(),
      via: 'settings',
      ...(choice === 'denied' ? { closes: [purpose] } : { opens: [purpose] }),
      settle: (record) => {
        const policy = this.policies.current;
        const known = policy.purposes.get(purpose);
        if (known === undefined)
          throw new DomainError(
            'purpose_not_found',
            'correct the purpose in the address; settings list those there are',
          );
        const regime = policy.regimeOf(record.region);
        const setting = settingOf(known, regime);
        if (!offersOf(setting).includes(choice))
          throw new DomainError(
            'choice_not_offered',
            setting === 'always'
              ? `\`${purpose}\` is always on in \`${regime}\`, so it can be neither granted nor denied`
              : `\`${purpose}\` is closed in \`${regime}\`, so it cannot be granted`,
            '/choice',
          );
        if (record.choices.size >= MAX_CHOICES && !record.choices.has(purpose))
          throw new DomainError('choice_not_offered', `a record keeps at most ${MAX_CHOICES} choices`);
        const notice = setting === 'opt_in' && choice === 'granted' ? noticeOf(known) : NO_NOTICE;
        const signal = choice === 'granted' && grantsAgainstSignal(policy, record, purpose, signalShown);
        const recorded = record.choices.get(purpose);
        // what already counts for as much is left as it is: its notice may be the better one, and a denial that came
        // with a signal still wants the signal shown before anything is granted
        const stands =
          recorded?.choice === choice && recorded.notice >= notice && (recorded.signal || !signal);
        return stands ? [] : [{ kind: 'choice', purpose, choice, notice, signal }];
      },
    });
  }

  /**
   * Every purpose as it stands for the user now, by the same rules that decide.
   *
   * @throws DomainError `consent_unavailable`
   */
  settingsOf(user: string): UserSettings {
    const record = this.recordOf(user);
    if (record === 'unavailable') throw new DomainError('consent_unavailable', 'try again shortly');
    const policy = this.policies.current;
    const regime = policy.regimeOf(record.region);
    const consent = policy.table.consentOf(record);
    const purposes = [...policy.purposes.values()].map((purpose) =>
      settingNow(policy, purpose, regime, record, consent),
    );
    return { record, regime, policy, revision: this.revision, purposes };
  }
}

function settingNow(
  policy: PolicyVersion,
  purpose: Purpose,
  regime: string,
  record: UserRecord,
  consent: (purpose: number) => number,
): PurposeSetting {
  const setting = settingOf(purpose, regime);
  const choice = record.choices.get(purpose.id)?.choice ?? null;
  const place = policy.table.purposeIndex(purpose.id);
  const reason =
    place === undefined ? 'consent_unavailable' : (REASON_CODES[consent(place)] ?? 'consent_unavailable');
  return { purpose, setting, choice, on: reason === 'permitted', reason, offers: offersOf(setting) };
}

function settingOf(purpose: Purpose, regime: string): Setting {
  return purpose.settings[regime] ?? 'never';
}

/** A purpose that is always on takes no choice; one that is closed takes a no, which then holds elsewhere too. */
function offersOf(setting: Setting): readonly Choice[] {
  switch (setting) {
    case 'always':
      return [];
    case 'never':
      return ['denied'];
    case 'opt_in':
    case 'opt_out':
      return ['granted', 'denied'];
  }
}
