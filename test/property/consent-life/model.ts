/**
 * A plain model of consent: it keeps the list of what was said and folds it anew each time. It is written from
 * docs/meaning.md and docs/signals.md; of `src/` it uses no more than types.
 */
import type { Tokens } from '../../../src/consent/log/consistency-token.js';
import type { Said } from '../../../src/consent/settings/changes/choices.js';
import type { AgeBand, ChangedBy, RecordedChoice, UserRecord } from '../../../src/decision/consent-event.js';
import type { Purpose, Setting } from '../../../src/decision/policy.js';
import type { PolicyVersion } from '../../../src/policy/policy.service.js';
import { expectedRegime } from '../../oracle.js';
import { at } from '../arbitraries.js';
import { count } from './seen.js';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const ENGINE: ChangedBy = { kind: 'engine', id: 'assent' };

export type Change =
  | {
      readonly kind: 'profile';
      readonly region: string | null;
      readonly age: AgeBand;
      readonly adultFrom: number | null;
    }
  | (Pick<RecordedChoice, 'notice' | 'signal'> & {
      readonly kind: 'choice';
      readonly purpose: string;
      readonly choice: RecordedChoice['choice'] | 'none';
      readonly until: number | null;
    })
  | { readonly kind: 'signal'; readonly withdrawn?: true };

/** Something that was said, as the history is to show it. */
type Entry = {
  readonly revision: number;
  readonly at: number;
  readonly saidAt: number | null;
  readonly by: ChangedBy;
  readonly via: string;
  readonly language: string | null;
  readonly policy: string;
  readonly change: Change;
};

export type How = Pick<Entry, 'by' | 'via'> & Partial<Pick<Entry, 'saidAt' | 'language'>>;

/** What the model expects of something that is asked for: any of these refusals, or what is written. */
export type Expected = { readonly refusals: ReadonlySet<string> } | { readonly changes: readonly Change[] };

export class Life {
  /** Everything that was said and is not erased, by user. */
  readonly said = new Map<string, Entry[]>();
  /** When users were erased whom the log still knows to be. */
  private readonly gone = new Map<string, number>();
  now: number;
  /** The last revision. */
  head: number;
  /** No entry is dated before this. */
  latest: number;
  /** When the last entry of the log was made. */
  private lastEntry: number;
  private isLastErasure = false;
  policy: PolicyVersion;
  private readonly tellsErasures: boolean;
  /** Revisions whose time has come and been met. */
  readonly met = new Set<number>();

  constructor(
    readonly family: readonly PolicyVersion[],
    start: {
      readonly now: number;
      readonly head: number;
      /** Whether the log says who was erased: then what follows is later, by which it is known who came back. */
      readonly tellsErasures: boolean;
    },
  ) {
    this.now = start.now;
    this.head = start.head;
    this.lastEntry = start.now;
    this.latest = start.now;
    this.tellsErasures = start.tellsErasures;
    this.policy = at(family, 0);
  }

  /** What a restart knows of `latest`. */
  restart(): void {
    this.latest = this.lastEntry + (this.tellsErasures && this.isLastErasure ? 1 : 0);
  }

  of(user: string): readonly Entry[] {
    return this.said.get(user) ?? [];
  }

  write(user: string, how: How, changes: readonly Change[], time = this.now): void {
    this.latest = Math.max(this.latest, time);
    const { by, via, saidAt = null, language = null } = how;
    for (const change of changes) {
      const entry = {
        revision: ++this.head,
        at: this.latest,
        by,
        via,
        saidAt,
        language,
        policy: this.policy.id,
        change,
      };
      this.lastEntry = this.latest;
      this.isLastErasure = false;
      this.said.set(user, [...this.of(user), entry]);
    }
  }

  /** What stands after everything that was said. */
  record(user: string): UserRecord {
    let registered = false;
    let region: string | null = null;
    let ageBand: AgeBand = 'unknown';
    let gpc = false;
    const choices = new Map<string, RecordedChoice>();
    for (const { change } of this.of(user)) {
      if (change.kind === 'profile') [registered, region, ageBand] = [true, change.region, change.age];
      else if (change.kind === 'signal') gpc = change.withdrawn !== true;
      else if (change.choice === 'none') choices.delete(change.purpose);
      else
        choices.set(change.purpose, { choice: change.choice, notice: change.notice, signal: change.signal });
    }
    return { registered, region, ageBand, choices, signals: new Set(gpc ? (['gpc'] as const) : []) };
  }

  private known(id: string): Purpose | undefined {
    return this.policy.document.purposes.find((one) => one.id === id);
  }

  private setting(one: Purpose, region: string | null): Setting {
    return one.settings[expectedRegime(this.policy.document, region)] ?? 'never';
  }

  /** For a day, nothing but a profile makes a record of somebody who was erased. */
  unlessErased(user: string, expected: Expected): Expected {
    const erased = this.of(user).length === 0 && (this.gone.get(user) ?? -Infinity) > this.now - DAY_MS;
    return erased && 'changes' in expected && expected.changes.length > 0
      ? { refusals: new Set(['user_erased']) }
      : expected;
  }

  choose(user: string, { purpose: id, choice, notice, signalShown = false, until }: Said): Expected {
    const record = this.record(user);
    const known = this.known(id);
    if (known === undefined) return { refusals: new Set(['purpose_not_found']) };
    const setting = this.setting(known, record.region);
    const today = known.notice ?? 1;
    const granted = choice === 'granted';
    const before = record.choices.get(id);

    // the signals that stand against it: of the browser, where the law hears it; or a denial that came with a TC string
    const browser = this.isClosedByBrowser(record, id);
    const banner = before?.choice === 'denied' && before.signal;
    const answered = before?.choice === 'granted' && before.signal;

    const refusals = new Set<string>();
    if (setting === 'always' || (setting === 'never' && granted)) refusals.add('choice_not_offered');
    if (granted && notice === undefined && setting === 'opt_in') refusals.add('notice_needed');
    if (granted && notice !== undefined && notice !== today) refusals.add('notice_not_current');
    if (until !== undefined && (!granted || until <= this.now)) refusals.add('invalid_request');
    if (granted && (browser || banner) && !answered && !signalShown) refusals.add('signal_stands');
    if (refusals.size > 0) return { refusals };

    const next = {
      choice,
      notice: granted && setting === 'opt_in' ? today : 0,
      signal: granted && (browser || banner),
    };
    // said once is enough, unless it now says more: a newer notice, an answer to a signal, another end
    const says = before?.choice === choice && before.notice >= next.notice && (before.signal || !next.signal);
    const last = this.of(user).findLast(
      ({ change, via }) => change.kind === 'choice' && change.purpose === id && via !== 'gpc',
    );
    const end = last?.change.kind === 'choice' ? last.change.until : null;
    const isAskedAgain = granted && last !== undefined && this.askedFrom(record, id, last) <= this.now;
    if (says && end === (until ?? null) && !isAskedAgain) return { changes: [] };
    if (says && isAskedAgain) count('renewed');
    return { changes: [{ kind: 'choice', purpose: id, ...next, until: until ?? null }] };
  }

  private isClosedByBrowser({ region, signals }: UserRecord, id: string): boolean {
    const { opt_out: closed, regimes } = this.policy.document.overlays.gpc;
    const heard = region === null || regimes.includes(expectedRegime(this.policy.document, region));
    return signals.has('gpc') && heard && closed.includes(id);
  }

  takeBack(user: string, id: string): Expected {
    const record = this.record(user);
    const before = record.choices.get(id);
    if (before === undefined)
      return this.known(id) === undefined ? { refusals: new Set(['purpose_not_found']) } : { changes: [] };
    // what a banner's string said is taken back by itself, and comes back when the answer to it goes
    if (before.signal && before.choice === 'denied') return { refusals: new Set(['signal_stands']) };
    count(`taken back: ${before.choice}`);
    if (this.isRefusedOnBanner(user, id)) count(`left to a banner: ${before.choice}`);
    return { changes: [this.withoutChoice(user, id)] };
  }

  /** What is left where a choice goes: what a banner said before it. */
  private withoutChoice(user: string, id: string): Change {
    return this.isRefusedOnBanner(user, id)
      ? { ...silence(id), choice: 'denied', signal: true }
      : silence(id);
  }

  /** Whether a banner's string refused it, and nothing was taken back since that had left nothing of it. */
  private isRefusedOnBanner(user: string, id: string): boolean {
    const last = this.of(user).findLast(
      ({ change, via }) =>
        change.kind === 'choice' &&
        change.purpose === id &&
        (via === 'tcf' ||
          (change.choice === 'none' && via !== 'lapse') ||
          (change.choice === 'denied' && change.signal)),
    );
    return last?.change.kind === 'choice' && last.change.choice === 'denied';
  }

  takeSignalBack(user: string): Expected {
    const record = this.record(user);
    if (!record.signals.has('gpc')) return { changes: [] };
    const closed = this.policy.document.overlays.gpc.opt_out.filter((id) => {
      const said = record.choices.get(id);
      return said?.choice === 'granted' && !said.signal && this.isClosedByBrowser(record, id);
    });
    count('signal taken back');
    if (closed.length > 0) count('not granted again');
    return {
      changes: [{ kind: 'signal', withdrawn: true }, ...closed.map((id) => this.withoutChoice(user, id))],
    };
  }

  /** When a grant lapses where the user lives now. */
  private lapseOf(record: UserRecord, id: string, { at, saidAt }: Entry): number {
    const regime = expectedRegime(this.policy.document, record.region);
    const days = /^P(\d+)D$/.exec(this.known(id)?.lapses_after?.[regime] ?? '')?.[1];
    return days === undefined ? Infinity : (saidAt ?? at) + Number(days) * DAY_MS;
  }

  /** They are short here: people are asked in the second half. */
  private askedFrom(record: UserRecord, id: string, grant: Entry): number {
    const lapse = this.lapseOf(record, id, grant);
    return lapse === Infinity ? Infinity : grant.at + (lapse - grant.at) / 2;
  }

  chooseMany(user: string, list: readonly Said[]): Expected {
    const expected = list.map((said) => this.choose(user, said));
    const refusals = new Set(expected.flatMap((one) => ('refusals' in one ? [...one.refusals] : [])));
    if (refusals.size > 0) return { refusals };
    return { changes: expected.flatMap((one) => ('changes' in one ? one.changes : [])) };
  }

  /** A no to all that leaves a no. */
  everything(user: string): readonly Said[] {
    const { region } = this.record(user);
    return this.policy.document.purposes
      .filter((one) => this.setting(one, region) !== 'always')
      .map(({ id }) => ({ purpose: id, choice: 'denied' }));
  }

  profile(user: string, region: string | null, age: AgeBand, adultFrom: number | undefined): Expected {
    if (adultFrom !== undefined && (age !== 'minor' || adultFrom <= this.now))
      return { refusals: new Set(['invalid_request']) };
    const last = this.of(user).findLast(({ change }) => change.kind === 'profile')?.change;
    const told = last?.kind === 'profile' ? last : undefined;
    // when a minor comes of age need not be said again
    const expected = age === 'minor' ? (adultFrom ?? told?.adultFrom ?? null) : null;
    const next = { kind: 'profile', region, age, adultFrom: expected } as const;
    const same =
      told?.region === region && told.age === age && (age !== 'minor' || told.adultFrom === expected);
    return { changes: same ? [] : [next] };
  }

  gpc(user: string): Expected {
    const { signals, choices } = this.record(user);
    if (signals.has('gpc')) return { changes: [] };
    // it closes whatever was chosen before: no grant answers it yet
    const unanswered = [...choices]
      .filter(([, { choice, signal }]) => choice === 'granted' && signal)
      .map(([id, said]): Change => ({ kind: 'choice', purpose: id, ...said, signal: false, until: null }));
    if (unanswered.length > 0) count('left by a signal');
    return { changes: [{ kind: 'signal' }, ...unanswered] };
  }

  /** What a TC string closes that was last updated on a day, and what was denied already. */
  tcf(
    user: string,
    consents: readonly number[],
    interests: readonly number[],
    day: number,
  ): { closed: string[]; unchanged: string[]; own: string[] } {
    const record = this.record(user);
    const closed: string[] = [];
    const unchanged: string[] = [];
    const own: string[] = [];
    for (const one of this.policy.document.purposes) {
      const setting = this.setting(one, record.region);
      const refused = (one.tcf ?? []).some((number) => {
        if (typeof number !== 'number' || consents.includes(number)) return false;
        const byInterest =
          setting === 'opt_out' && ![1, 3, 4, 5, 6].includes(number) && interests.includes(number);
        return !byInterest;
      });
      if (!refused || setting === 'always' || setting === 'never') continue;
      const before = record.choices.get(one.id);
      if (before?.choice === 'denied') {
        unchanged.push(one.id);
        if (!before.signal) own.push(one.id);
      }
      // a grant of a later day prevails; on the day itself, one that was given against a signal
      else if (before === undefined || this.grantedAt(user, one.id) < (before.signal ? day : day + DAY_MS))
        closed.push(one.id);
    }
    return { closed, unchanged, own };
  }

  /** When the user themselves said the grant that stands. */
  private grantedAt(user: string, id: string): number {
    const grant = this.of(user).findLast(
      ({ change, via }) => change.kind === 'choice' && change.purpose === id && via === 'settings',
    );
    return grant?.saidAt ?? grant?.at ?? -Infinity;
  }

  /** Brings about what has come due: a grant ends, a minor comes of age, if nobody has said anything else since. */
  meet(): void {
    const come = [...this.said]
      .flatMap(([user, entries]) => {
        const record = this.record(user);
        return entries.map((entry) => ({ user, entry, ...this.dueOf(record, entry) }));
      })
      .filter(({ entry, due }) => due !== null && due <= this.now && !this.met.has(entry.revision))
      .toSorted(
        (one, other) => (one.due ?? 0) - (other.due ?? 0) || one.entry.revision - other.entry.revision,
      );
    for (const { user, entry, due, isLapse } of come) {
      this.met.add(entry.revision);
      if (due === null || this.isOverridden(user, entry)) continue;
      const time = Math.max(this.latest, due);
      const saidAt = due < time ? due : null;
      const { change } = entry;
      if (change.kind === 'profile')
        this.write(
          user,
          { by: ENGINE, via: 'birthday', saidAt },
          [{ ...change, age: 'adult', adultFrom: null }],
          time,
        );
      if (change.kind === 'choice' && isLapse) {
        count('lapsed');
        this.write(
          user,
          { by: ENGINE, via: 'lapse', saidAt },
          [this.withoutChoice(user, change.purpose)],
          time,
        );
      } else if (change.kind === 'choice')
        this.write(
          user,
          { by: ENGINE, via: 'expiry', saidAt },
          [{ ...change, choice: 'denied', notice: 0, signal: false, until: null }],
          time,
        );
    }
  }

  private dueOf(
    record: UserRecord,
    entry: Entry,
  ): { readonly due: number | null; readonly isLapse: boolean } {
    const { change, via } = entry;
    const end = dueOf(change);
    if (change.kind !== 'choice' || change.choice !== 'granted' || via === 'gpc')
      return { due: end, isLapse: false };
    const lapse = this.lapseOf(record, change.purpose, entry);
    const isLapse = lapse < (end ?? Infinity);
    return { due: isLapse ? lapse : end, isLapse };
  }

  /** Whether somebody has said something else since; that a signal came is nothing that was said about the choice. */
  private isOverridden(user: string, { revision, change }: Entry): boolean {
    return this.of(user).some(
      (later) =>
        later.revision > revision &&
        later.change.kind === change.kind &&
        (later.change.kind !== 'choice' ||
          (later.via !== 'gpc' && change.kind === 'choice' && later.change.purpose === change.purpose)),
    );
  }

  erase(user: string): boolean {
    this.latest = Math.max(this.latest, this.now);
    if (!this.said.delete(user)) return false;
    this.gone.set(user, this.latest);
    this.head++;
    this.lastEntry = this.latest;
    this.isLastErasure = true;
    if (this.tellsErasures) this.latest++;
    return true;
  }
}

function silence(purpose: string) {
  return { kind: 'choice', purpose, choice: 'none', notice: 0, signal: false, until: null } as const;
}

function dueOf(change: Change): number | null {
  if (change.kind === 'profile') return change.age === 'minor' ? change.adultFrom : null;
  return change.kind === 'choice' && change.choice === 'granted' ? change.until : null;
}

const textOf = (time: number | null) => (time === null ? null : new Date(time).toISOString());

/** An entry as the history shows it. */
export function shown({ revision, at, saidAt, by, via, language, policy, change }: Entry, tokens: Tokens) {
  const id = tokens.of(revision);
  return { id, at: textOf(at), said_at: textOf(saidAt), by, via, ...shownChange(change), language, policy };
}

function shownChange(change: Change) {
  switch (change.kind) {
    case 'profile':
      return {
        kind: 'profile',
        region: change.region ?? 'unknown',
        age_band: change.age,
        adult_from: textOf(change.adultFrom),
      };
    case 'choice': {
      const { kind, purpose, choice, notice, signal, until } = change;
      return { kind, purpose, choice, notice: notice === 0 ? null : notice, signal, until: textOf(until) };
    }
    case 'signal':
      return { kind: 'signal', signal: 'gpc', withdrawn: change.withdrawn === true };
  }
}
