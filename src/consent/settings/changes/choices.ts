/** Users' choices and profiles, and the changes that they become. */
import {
  type ChangedBy,
  type Choice,
  type ChoiceChange,
  NO_NOTICE,
  type ProfileChange,
  type UserRecord,
  applyChange,
} from '../../../decision/consent-event.js';
import { eachQuoted } from '../../../decision/lists.js';
import { type Purpose, type Setting, languagesOf, noticeOf, settingIn } from '../../../decision/policy.js';
import { DomainError } from '../../../errors.js';
import { matching } from '../../../http/headers/accept-language.js';
import type { PolicyService, PolicyVersion } from '../../../policy/policy.service.js';
import type { ConsentLog } from '../../log/consent-log.js';
import type { Acknowledgement } from '../../log/log-writer.js';
import { type Lapses, askedFrom } from '../../log/settlement/lapses.js';
import type { Ends } from '../../log/settlement/ends.js';
import type { ChangeRequest } from '../../log/settlement/settlement.js';
import { mustHaveRoomFor } from './room-for-choices.js';
import { noSuchPurpose, offersOf } from '../settings.js';
import { restingOn } from './settings-mark.js';
import { grantsAgainstSignal } from '../gpc/standing-signal.js';

/** Where a user lives and how old they are. */
export type Profile = Omit<ProfileChange, 'kind'>;

/** A user's choice for one purpose. */
export type Said = {
  readonly purpose: string;
  readonly choice: Choice;
  /** Version of the notice that the user was shown; a grant of an opt-in names it. */
  readonly notice?: number;
  /** Whether the user was shown the signal that is against the grant. */
  readonly signalShown?: boolean;
  /** When a grant ends, in milliseconds since the Unix epoch. */
  readonly until?: number;
};

/** The result of each choice of a request with several. */
export type ManyAcknowledged = Acknowledgement & {
  readonly choices: readonly {
    readonly purpose: string;
    readonly choice: Choice;
    readonly changed: boolean;
  }[];
};

/** Accepts choices and profiles. Each is settled at its turn, on the record as it then is. */
export class Choices {
  constructor(
    private readonly log: ConsentLog,
    private readonly policies: PolicyService,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
  ) {}

  /**
   * Sets where a user lives and how old they are. Their choices stay as they are.
   *
   * @param adultFrom when a minor comes of age, in milliseconds since the Unix epoch; absent: as recorded before, if at
   *   all
   * @throws DomainError `invalid_request` when that is not in the future, or the user is no minor
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
   * Records a user's choice for a purpose.
   *
   * @param language of the texts that the user was shown, as a BCP 47 tag
   * @param seen marks of the settings that the choice rests on; absent: it holds whatever they are
   * @throws DomainError `settings_changed` when they are others by now; `purpose_not_found`; `choice_not_offered` when the purpose leaves the user no such choice;
   *   `too_many_choices` when the record is full; `notice_needed` for a grant of an opt-in that names no notice;
   *   `notice_not_current` for a grant on another notice than the current one, or in a language that it is not written
   *   in
   */
  choose(
    user: string,
    by: ChangedBy,
    said: Said,
    language?: string,
    seen?: readonly string[],
  ): Promise<Acknowledgement> {
    const { purpose, choice } = said;
    const request: ChangeRequest = {
      user,
      by,
      at: this.now(),
      via: 'settings',
      ...(language === undefined ? {} : { language }),
      ...(choice === 'denied' ? { closes: [purpose] } : { opens: [purpose] }),
      mayDependOnEnds: (record) => isGrantedAgain(record, said),
      settle: (record, ends) =>
        settledChoice(this.policies.current, record, ends, said, this.now(), language, '', this.log.lapses),
    };
    return this.log.change(restingOn(seen, this.policies, request));
  }

  /**
   * Records a user's choices for several purposes, all or none. They are one block of the log, so that no decision
   * rests on a part of them.
   *
   * @param everything in which no purpose is listed twice; or `denied` for every purpose that can be denied
   * @throws DomainError as `choose` does, naming the member of the list
   */
  async chooseMany(
    user: string,
    by: ChangedBy,
    everything: readonly Said[] | 'denied',
    language?: string,
    seen?: readonly string[],
  ): Promise<ManyAcknowledged> {
    let settled: { purpose: string; choice: Choice; changed: boolean }[] = [];
    const named =
      everything === 'denied'
        ? { closes: [...this.policies.current.purposes.keys()] }
        : { closes: purposesOf(everything, 'denied'), opens: purposesOf(everything, 'granted') };
    const request: ChangeRequest = {
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
          const change = settledChoice(
            policy,
            next,
            ends,
            said,
            this.now(),
            language,
            `/choices/${index}`,
            this.log.lapses,
          );
          changes.push(...change);
          next = change.reduce(applyChange, next);
          settled.push({ purpose: said.purpose, choice: said.choice, changed: change.length > 0 });
        }
        return changes;
      },
    };
    const acknowledgement = await this.log.change(restingOn(seen, this.policies, request));
    return { ...acknowledgement, choices: settled };
  }
}

/**
 * Settles a user's choice for one purpose, on the record as it is.
 *
 * @param now milliseconds since the Unix epoch: a grant must end after it
 * @param language of the texts that the user was shown, where it is known
 * @param at JSON Pointer of the choice; empty: it is the body, and the address names the purpose
 * @param lapses a grant that lapses soon is given anew
 * @returns the change; none when the record already says so
 */
function settledChoice(
  policy: PolicyVersion,
  record: UserRecord,
  ends: Ends,
  { purpose, choice, notice: shown, signalShown = false, until }: Said,
  now: number,
  language: string | undefined,
  at: string,
  lapses: Lapses,
): ChoiceChange[] {
  const known = policy.purposes.get(purpose);
  const member = at === '' ? undefined : `${at}/purpose`;
  if (known === undefined) throw noSuchPurpose(member);
  const regime = policy.regimeOf(record.region);
  const setting = settingIn(policy.document, known, regime);
  if (!offersOf(setting).includes(choice))
    throw new DomainError(
      'choice_not_offered',
      setting === 'always'
        ? `\`${purpose}\` is always on in \`${regime}\`, so it can be neither granted nor denied`
        : `\`${purpose}\` is closed in \`${regime}\`, so it cannot be granted`,
      `${at}/choice`,
    );
  // a denial needs no notice
  if (choice === 'granted') mustBeShown(policy, known, setting, shown, language, at);
  if (until !== undefined && (choice === 'denied' || until <= now))
    throw new DomainError(
      'invalid_request',
      choice === 'denied'
        ? 'a denial does not end by itself: leave `until` out'
        : 'a grant must end in the future: send a later time, or deny it now',
      `${at}/until`,
    );
  mustHaveRoomFor(record, [purpose], member);
  const notice = setting === 'opt_in' && choice === 'granted' ? noticeOf(known) : NO_NOTICE;
  const signal = choice === 'granted' && grantsAgainstSignal(policy, record, purpose, signalShown, at);
  const recorded = record.choices.get(purpose);
  // write nothing if the recorded choice covers this one: it may carry a later notice, and a denial must keep its
  // signal flag
  const stands =
    recorded?.choice === choice &&
    !(choice === 'granted' && isLapsingSoon(lapses, purpose, record, ends, now)) &&
    until === ends.ofGrant(purpose) &&
    recorded.notice >= notice &&
    (recorded.signal || !signal);
  if (stands) return [];
  return [{ kind: 'choice', purpose, choice, notice, signal, ...(until === undefined ? {} : { until }) }];
}

/** Whether a grant lapses so soon that the user is asked again: a yes gives it anew. */
function isLapsingSoon(
  lapses: Lapses,
  purpose: string,
  record: UserRecord,
  ends: Ends,
  now: number,
): boolean {
  const given = ends.givenAt(purpose);
  const lapse = lapses.of(purpose, record, given ?? now);
  // of a grant from before the policy let it lapse, it may not be known yet when it was given
  return lapse !== undefined && (given === undefined || now >= askedFrom(given, lapse));
}

/** Refuses a grant without proof of the text that the user was shown (GDPR article 7(1)). */
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

/** Whether it repeats a grant, so that it depends on when that grant ends. */
export function isGrantedAgain(
  record: UserRecord,
  said: Pick<Said, 'purpose' | 'choice'> | undefined,
): boolean {
  return said?.choice === 'granted' && record.choices.get(said.purpose)?.choice === 'granted';
}

/**
 * Settles a profile: the date on which a minor comes of age stays as it was, until another is given.
 *
 * @returns the change; none when the record already says so
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

/** A denial of every purpose that can be denied. */
function deniable({ document, purposes, regimeOf }: PolicyVersion, { region }: UserRecord): Said[] {
  const regime = regimeOf(region);
  return [...purposes.values()]
    .filter((purpose) => offersOf(settingIn(document, purpose, regime)).includes('denied'))
    .map(({ id }) => ({ purpose: id, choice: 'denied' }));
}
