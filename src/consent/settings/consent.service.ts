import type { Acknowledgement, ConsentLog } from '../log/consent-log.js';
import type { ConsentStore } from '../log/consent.store.js';
import type { Tokens } from '../log/consistency-token.js';
import type { Ends } from '../log/ends.js';
import { type UserHistory, historyIn } from './history.js';
import { type Prompts, promptsOf } from './prompts.js';
import { grantsAgainstSignal } from './standing-signal.js';
import { type UserSettings, offersOf, settingOf, settingsOn } from './settings.js';
import {
  type ChangedBy,
  type Choice,
  type ChoiceChange,
  NO_NOTICE,
  type ProfileChange,
  type UserRecord,
  applyChange,
} from '../../decision/consent-event.js';
import type { ConsentState, Resolution } from '../../decision/state/consent-state.js';
import type { Key } from '../../decision/state/key-index.js';
import { type Purpose, type Setting, languagesOf, noticeOf } from '../../decision/policy.js';
import type { DecisionTable } from '../../decision/table/table.js';
import { eachQuoted } from '../../decision/lists.js';
import { MAX_CHOICES } from '../../decision/state/record-classes.js';
import { DomainError } from '../../errors.js';
import { matching } from '../../http/accept-language.js';
import type { Steps } from '../../decision/steps.js';
import type { PolicyService, PolicyVersion } from '../../policy/policy.service.js';
import { inSlices } from '../../work/slices.js';

/** Where a user lives and how old they are. */
export type Profile = Omit<ProfileChange, 'kind'>;

/** What a user says for one purpose. */
export type Said = {
  readonly purpose: string;
  readonly choice: Choice;
  /** Version of the notice that the user was shown; a grant of an opt-in names it. */
  readonly notice?: number;
  /** Whether the user was shown the signal that stands against a grant. */
  readonly signalShown?: boolean;
  /** When a grant ends, in milliseconds since the Unix epoch. */
  readonly until?: number;
};

/** What came of each choice that was sent together with others. */
export type ManyAcknowledged = Acknowledgement & {
  readonly choices: readonly {
    readonly purpose: string;
    readonly choice: Choice;
    readonly changed: boolean;
  }[];
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
    /** Milliseconds since the Unix epoch; no decision asks for it. */
    readonly now: () => number,
    /** Where the history of a user is read; nothing that decides looks there. */
    private readonly store: Pick<ConsentStore, 'readUserBack'>,
  ) {}

  /** Whether decisions may rest on the consent state at all. */
  get available(): boolean {
    return this.log.available;
  }

  /** Names revisions of the log. */
  get tokens(): Tokens {
    return this.log.tokens;
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
    return this.log.answered(this.log.exclusively(this.now(), work, settle));
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

  /** Whether the log knows the user, by exactly this id. */
  knows(user: string): boolean {
    return this.log.state.knows(user);
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

  /**
   * Sets where a user lives and how old they are. What they chose stays as it is.
   *
   * @param adultFrom when a minor comes of age, in milliseconds since the Unix epoch; absent: as it was said before, if it was
   * @throws DomainError `invalid_request` when that is not to come, or the user is no minor
   */
  async setProfile(
    user: string,
    by: ChangedBy,
    { region, ageBand, adultFrom }: Profile,
  ): Promise<Acknowledgement> {
    const at = this.now();
    if (adultFrom !== undefined && (ageBand !== 'minor' || adultFrom <= at))
      throw new DomainError(
        'invalid_request',
        ageBand === 'minor'
          ? 'that time has come: send `adult` as the age band'
          : 'only a minor comes of age: leave it out, or send `minor` as the age band',
        '/adult_from',
      );
    return this.log.change({
      user,
      by,
      at,
      via: 'settings',
      mayDependOnEnds: (record) => ageBand === 'minor' && record.ageBand === 'minor',
      settle: (record, ends) =>
        settledProfile(record, ends, { region, ageBand, ...(adultFrom === undefined ? {} : { adultFrom }) }),
    });
  }

  /**
   * Records what a user says for a purpose.
   *
   * @param language of the texts that the user was shown, as a BCP 47 tag
   * @throws DomainError `purpose_not_found`; `choice_not_offered` when the purpose leaves the user no such choice;
   *   `notice_needed` for a grant of an opt-in that names no notice; `notice_not_current` for a grant on another one than
   *   the present, or in a language that it is not written in
   */
  choose(user: string, by: ChangedBy, said: Said, language?: string): Promise<Acknowledgement> {
    const { purpose, choice } = said;
    return this.log.change({
      user,
      by,
      at: this.now(),
      via: 'settings',
      ...(language === undefined ? {} : { language }),
      ...(choice === 'denied' ? { closes: [purpose] } : { opens: [purpose] }),
      mayDependOnEnds: (record) => isGrantedAgain(record, said),
      settle: (record, ends) =>
        settledChoice(this.policies.current, record, ends, said, this.now(), language),
    });
  }

  /**
   * Records what a user says for several purposes, all of it or nothing. It is one block of the log, so that no decision
   * rests on a half of it.
   *
   * @param everything of which no purpose stands twice; or `denied` for every purpose that can be denied
   * @throws DomainError as `choose` does, naming the member of the list
   */
  async chooseMany(
    user: string,
    by: ChangedBy,
    everything: readonly Said[] | 'denied',
    language?: string,
  ): Promise<ManyAcknowledged> {
    let settled: { purpose: string; choice: Choice; changed: boolean }[] = [];
    const named =
      everything === 'denied'
        ? { closes: [...this.policies.current.purposes.keys()] }
        : { closes: purposesOf(everything, 'denied'), opens: purposesOf(everything, 'granted') };
    const acknowledgement = await this.log.change({
      user,
      by,
      at: this.now(),
      via: 'settings',
      ...(language === undefined ? {} : { language }),
      ...named,
      mayDependOnEnds: (record) =>
        everything !== 'denied' && everything.some((said) => isGrantedAgain(record, said)),
      settle: (record, ends) => {
        const policy = this.policies.current;
        const list = everything === 'denied' ? deniable(policy, record) : everything;
        const changes: ChoiceChange[] = [];
        settled = [];
        let next = record;
        for (const [index, said] of list.entries()) {
          const change = settledChoice(policy, next, ends, said, this.now(), language, `/choices/${index}`);
          changes.push(...change);
          next = change.reduce(applyChange, next);
          settled.push({ purpose: said.purpose, choice: said.choice, changed: change.length > 0 });
        }
        return changes;
      },
    });
    return { ...acknowledgement, choices: settled };
  }

  /**
   * How what the user's record says came about.
   *
   * The record is taken first and the history is read back from its revision: the log holds an event before the state does,
   * so that it has all that the record rests on, and what it has beyond that is left out.
   */
  historyOf(
    user: string,
    { record, revision }: Pick<UserSettings, 'record' | 'revision'>,
  ): Promise<UserHistory> {
    return historyIn(this.store, user, record, revision);
  }

  /** What the user is to be asked now, and the settings by which. @throws DomainError `consent_unavailable` */
  async promptsFor(user: string): Promise<{ readonly settings: UserSettings; readonly prompts: Prompts }> {
    const settings = this.settingsOf(user);
    const history = await this.historyOf(user, settings);
    return { settings, prompts: promptsOf(settings, history, this.now()) };
  }

  /**
   * Every purpose as it stands for the user now, by the same rules that decide.
   *
   * @throws DomainError `consent_unavailable`
   */
  settingsOf(user: string): UserSettings {
    const record = this.recordOf(user);
    if (record === 'unavailable') throw new DomainError('consent_unavailable', 'try again shortly');
    return settingsOn(this.policies.current, record, this.revision);
  }
}

/**
 * Settles what a user says for one purpose, on the record as it is.
 *
 * @param now milliseconds since the Unix epoch: a grant must end after it
 * @param language of the texts that the user was shown, where it is known
 * @param at JSON Pointer of what was said; empty: the body says it, and the address names the purpose
 * @returns the change; none when it stands so already
 */
function settledChoice(
  policy: PolicyVersion,
  record: UserRecord,
  ends: Ends,
  { purpose, choice, notice: shown, signalShown = false, until }: Said,
  now: number,
  language: string | undefined,
  at = '',
): ChoiceChange[] {
  const known = policy.purposes.get(purpose);
  if (known === undefined)
    throw new DomainError(
      'purpose_not_found',
      `correct the purpose${at === '' ? ' in the address' : ''}; settings list those there are`,
      at === '' ? undefined : `${at}/purpose`,
    );
  const regime = policy.regimeOf(record.region);
  const setting = settingOf(known, regime);
  if (!offersOf(setting).includes(choice))
    throw new DomainError(
      'choice_not_offered',
      setting === 'always'
        ? `\`${purpose}\` is always on in \`${regime}\`, so it can be neither granted nor denied`
        : `\`${purpose}\` is closed in \`${regime}\`, so it cannot be granted`,
      `${at}/choice`,
    );
  // a no is a no on whatever notice it was said
  if (choice === 'granted') mustBeShown(policy, known, setting, shown, language, at);
  if (until !== undefined && (choice === 'denied' || until <= now))
    throw new DomainError(
      'invalid_request',
      choice === 'denied'
        ? 'a denial does not end by itself: leave `until` out'
        : 'a grant must end in the future: send a later time, or deny it now',
      `${at}/until`,
    );
  if (record.choices.size >= MAX_CHOICES && !record.choices.has(purpose))
    throw new DomainError('choice_not_offered', `a record keeps at most ${MAX_CHOICES} choices`);
  const notice = setting === 'opt_in' && choice === 'granted' ? noticeOf(known) : NO_NOTICE;
  const signal = choice === 'granted' && grantsAgainstSignal(policy, record, purpose, signalShown, at);
  const recorded = record.choices.get(purpose);
  // what already counts for as much is left as it is: its notice may be the better one, and a denial that came with a
  // signal still wants the signal shown before anything is granted
  const stands =
    recorded?.choice === choice &&
    until === ends.ofGrant(purpose) &&
    recorded.notice >= notice &&
    (recorded.signal || !signal);
  if (stands) return [];
  return [{ kind: 'choice', purpose, choice, notice, signal, ...(until === undefined ? {} : { until }) }];
}

/** Refuses a grant of what nobody has shown to be the text that the user decided on (GDPR article 7(1)). */
function mustBeShown(
  { document }: PolicyVersion,
  purpose: Purpose,
  setting: Setting,
  shown: number | undefined,
  language: string | undefined,
  at: string,
): void {
  const present = noticeOf(purpose);
  if (shown === undefined && setting === 'opt_in')
    throw new DomainError(
      'notice_needed',
      `\`${purpose.id}\` needs the consent of the user: show them the present notice, which is ${present}, and send it as \`notice\`; settings, prompts and \`GET /v1/notices/{purpose}\` have its text`,
      `${at}/notice`,
    );
  if (shown !== undefined && shown !== present)
    throw new DomainError(
      'notice_not_current',
      `the present notice of \`${purpose.id}\` is ${present}: show that one to the user, and ask again`,
      `${at}/notice`,
    );
  const languages = languagesOf(document);
  if (setting === 'opt_in' && language !== undefined && matching(language, languages) === undefined)
    throw new DomainError(
      'notice_not_current',
      `the notice of \`${purpose.id}\` is not written in \`${language}\`: show it in one of ${eachQuoted(languages).join(', ')}, and ask again`,
      '/language',
    );
}

/** Whether it is a grant of what is granted, so that it depends on when that ends. */
export function isGrantedAgain(
  record: UserRecord,
  said: Pick<Said, 'purpose' | 'choice'> | undefined,
): boolean {
  return said?.choice === 'granted' && record.choices.get(said.purpose)?.choice === 'granted';
}

/**
 * A profile on what stands: when a minor comes of age stays as it was said last, until it is said anew.
 *
 * @returns the change; none when it stands so already
 */
export function settledProfile(
  record: UserRecord,
  ends: Ends,
  { region, ageBand, adultFrom }: Profile,
): ProfileChange[] {
  const known = ageBand === 'minor' ? ends.adultFrom : undefined;
  const expected = adultFrom ?? known;
  if (record.registered && record.region === region && record.ageBand === ageBand && expected === known)
    return [];
  return [{ kind: 'profile', region, ageBand, ...(expected === undefined ? {} : { adultFrom: expected }) }];
}

function purposesOf(said: readonly Said[], choice: Choice): string[] {
  return said.filter((one) => one.choice === choice).map(({ purpose }) => purpose);
}

/** A no to everything that leaves a no. */
function deniable({ purposes, regimeOf }: PolicyVersion, { region }: UserRecord): Said[] {
  const regime = regimeOf(region);
  return [...purposes.values()]
    .filter((purpose) => offersOf(settingOf(purpose, regime)).includes('denied'))
    .map(({ id }) => ({ purpose: id, choice: 'denied' }));
}
