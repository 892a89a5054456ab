/**
 * Whole lives of consent: users grant, withdraw, move, come of age, send signals, are erased, while notices are raised,
 * time passes and the service is restarted. After every step, what the service says of every user is held against a
 * plain model that keeps the list of what was said and folds it anew each time.
 *
 * The model is written from docs/meaning.md and docs/signals.md; of `src/` it uses no more than types.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serviceUnder } from '../../src/access/clients.js';
import { GENESIS, firstBroken } from '../../src/consent/log/chain.js';
import { ConsentLog } from '../../src/consent/log/consent-log.js';
import { StateInForce } from '../../src/consent/log/state-in-force.js';
import { Choices, type Said } from '../../src/consent/settings/choices.js';
import { SettingsService } from '../../src/consent/settings/settings.service.js';
import type { ConsentStore } from '../../src/consent/log/consent.store.js';
import { Erasures } from '../../src/consent/upkeep/erasures.js';
import type { Tokens } from '../../src/consent/log/consistency-token.js';
import { eventView } from '../../src/consent/rights/event.view.js';
import { Hearing } from '../../src/consent/settings/hearing.js';
import { Signals } from '../../src/consent/signals/signals.service.js';
import { writeTcString } from '../../src/consent/signals/tc-string.js';
import { Timekeeper } from '../../src/consent/upkeep/timekeeper.js';
import { UserEvents } from '../../src/consent/rights/dated-events.js';
import type {
  AgeBand,
  ChangedBy,
  Choice,
  RecordedChoice,
  UserRecord,
} from '../../src/decision/consent-event.js';
import { ConsentState } from '../../src/decision/state/consent-state.js';
import { decide } from '../../src/decision/table/decide.js';
import type { PolicyDocument, Purpose, Setting } from '../../src/decision/policy.js';
import { factsIndex } from '../../src/decision/table/table.js';
import { DomainError } from '../../src/errors.js';
import { EvaluationService } from '../../src/evaluation/evaluation.service.js';
import { PolicyService, type PolicyVersion } from '../../src/policy/policy.service.js';
import { type Database, openDatabase } from '../../src/store/database/database.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { MemoryPolicyStore } from '../memory/memory-policy.store.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { expectedReason, expectedRegime } from '../oracle.js';
import { at, reference } from './arbitraries.js';
import { times } from '../times.js';

const RUNS = times(2_000, 150);
const EMBEDDED_RUNS = times(24, 3);
const MOST_STEPS = 25;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Noon, so that a day that a TC string names has hours before it and after it. */
const BEGINNING = Date.UTC(2026, 0, 5, 12);
const CMP = 300;
const ENGINE: ChangedBy = { kind: 'engine', id: 'assent' };
const USERS = ['u-ada', 'u-ben', 'constructor'];

// ------------------------------------------------------------------------------------------------ the policies

function purpose(
  id: string,
  settings: readonly [Setting, Setting, Setting],
  more: Partial<Purpose> = {},
): Purpose {
  const [strict, open, west] = settings;
  return {
    id,
    title: id,
    description: id,
    dpv: 'Purpose',
    settings: { STRICT: strict, OPEN: open, WEST: west },
    categories: ['public', 'profile', 'engagement'],
    ...more,
  };
}

const BASE: PolicyDocument = {
  schema: 1,
  unknown_regime: 'STRICT',
  regimes: [
    { id: 'STRICT', title: 'Strict', regions: ['DE', 'FR'] },
    { id: 'OPEN', title: 'Open', regions: ['US', '*'] },
    { id: 'WEST', title: 'West', regions: ['US-CA'] },
  ],
  obligations: [{ id: 'pseudonymise', description: 'Use a code.' }],
  purposes: [
    purpose('service', ['always', 'always', 'always']),
    purpose('ads', ['always', 'always', 'always'], { tcf: [2] }),
    purpose('ads.personal', ['opt_out', 'opt_out', 'opt_out'], { parent: 'ads', tcf: [4] }),
    purpose('ads.shared', ['opt_in', 'opt_out', 'opt_in'], {
      parent: 'ads.personal',
      requires: ['measure'],
      tcf: [2, 7],
      obligations: ['pseudonymise'],
    }),
    purpose('measure', ['opt_in', 'opt_out', 'opt_out'], { tcf: [7], categories: ['engagement'] }),
    purpose('share', ['opt_in', 'opt_in', 'opt_out'], { notice: 2 }),
    purpose('train', ['never', 'opt_in', 'opt_out'], { tcf: [10], conditions: ['automated_only'] }),
    purpose('own', ['opt_in', 'opt_out', 'opt_in'], { conditions: ['own_data_only'], tcf: ['SP1', 1] }),
  ],
  fields: [
    { id: 'name', category: 'public', title: 'Name', provenance: 'provided', identifiability: 'direct' },
    {
      id: 'seen',
      category: 'engagement',
      title: 'Seen',
      provenance: 'observed',
      identifiability: 'none',
      never: ['train'],
    },
  ],
  overlays: {
    minor_or_age_unknown: { never: ['ads.personal', 'share'] },
    gpc: { regimes: ['WEST'], opt_out: ['ads.shared', 'share'] },
  },
  floor: { private_message: [] },
};

function changed(
  document: PolicyDocument,
  ids: readonly string[],
  change: (purpose: Purpose) => Partial<Purpose>,
): PolicyDocument {
  const purposes = document.purposes.map((one) => (ids.includes(one.id) ? { ...one, ...change(one) } : one));
  return { ...document, purposes };
}

const raised = (document: PolicyDocument, ...ids: string[]) =>
  changed(document, ids, ({ notice = 1 }) => ({ notice: notice + 1 }));

const inOneRegime = (document: PolicyDocument, id: string, regime: string, setting: Setting) =>
  changed(document, [id], ({ settings }) => ({ settings: { ...settings, [regime]: setting } }));

/** Policies that follow one another, in any order: the first is the one that a life begins under. */
const FAMILIES: readonly (readonly PolicyVersion[])[] = [
  [
    BASE,
    raised(BASE, 'measure', 'share', 'ads.shared'),
    inOneRegime(
      inOneRegime(raised(BASE, 'ads.shared'), 'ads.personal', 'STRICT', 'opt_in'),
      'share',
      'OPEN',
      'opt_out',
    ),
    {
      ...inOneRegime(BASE, 'measure', 'STRICT', 'opt_out'),
      overlays: {
        minor_or_age_unknown: { never: ['measure'] },
        gpc: { regimes: ['WEST', 'OPEN'], opt_out: ['measure', 'share'] },
      },
    },
    { ...BASE, purposes: BASE.purposes.filter(({ id }) => id !== 'own') },
  ],
  [
    reference.document,
    raised(reference.document, 'ads.inferred', 'ads.measurement', 'share.affiliates', 'recruiting'),
    inOneRegime(reference.document, 'improve', 'EU_EEA_CH', 'opt_in'),
  ],
].map((documents) => documents.map((document) => PolicyService.of(document).current));

const REGIONS = ['DE', 'FR', 'US-CA', 'US-CA', 'US', 'BR', null];

/** A policy in which line 6 alone decides: what it says of a purpose is what the settings page says. */
const consentAlone = new Map(
  FAMILIES.flat().map(({ id, document }): [string, PolicyDocument] => [
    id,
    {
      ...document,
      purposes: document.purposes.map(({ conditions: _conditions, provenance: _provenance, ...one }) => ({
        ...one,
        categories: ['public'],
      })),
      fields: [
        { id: 'probe', category: 'public', title: 'Probe', provenance: 'provided', identifiability: 'none' },
      ],
      floor: {},
    },
  ]),
);

// --------------------------------------------------------------------------------------------------- the model

type Change =
  | {
      readonly kind: 'profile';
      readonly region: string | null;
      readonly age: AgeBand;
      readonly adultFrom: number | null;
    }
  | (RecordedChoice & { readonly kind: 'choice'; readonly purpose: string; readonly until: number | null })
  | { readonly kind: 'signal' };

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

type How = Pick<Entry, 'by' | 'via'> & Partial<Pick<Entry, 'saidAt' | 'language'>>;

/** What the model expects of something that is asked for: any of these refusals, or what is written. */
type Expected = { readonly refusals: ReadonlySet<string> } | { readonly changes: readonly Change[] };

class Life {
  /** Everything that was said and is not erased, by user. */
  readonly said = new Map<string, Entry[]>();
  now: number;
  /** The last revision. */
  head: number;
  /** No entry is dated before this. */
  latest: number;
  /** When the last entry of the log was made: all that a restart knows of `latest`. */
  lastEntry: number;
  policy: PolicyVersion;
  /** Revisions whose time has come and been met. */
  readonly met = new Set<number>();

  constructor(
    readonly family: readonly PolicyVersion[],
    start: { readonly now: number; readonly head: number; readonly lastEntry: number },
  ) {
    this.now = start.now;
    this.head = start.head;
    this.lastEntry = start.lastEntry;
    this.latest = start.lastEntry;
    this.policy = at(family, 0);
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
      else if (change.kind === 'signal') gpc = true;
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

  choose(user: string, { purpose: id, choice, notice, signalShown = false, until }: Said): Expected {
    const record = this.record(user);
    const known = this.known(id);
    if (known === undefined) return { refusals: new Set(['purpose_not_found']) };
    const setting = this.setting(known, record.region);
    const today = known.notice ?? 1;
    const granted = choice === 'granted';
    const before = record.choices.get(id);

    // the signals that stand against it: of the browser, where the law hears it; or a denial that came with a TC string
    const { opt_out: closed, regimes } = this.policy.document.overlays.gpc;
    const heard =
      record.region === null || regimes.includes(expectedRegime(this.policy.document, record.region));
    const browser = record.signals.has('gpc') && heard && closed.includes(id);
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
    )?.change;
    const end = last?.kind === 'choice' ? last.until : null;
    if (says && end === (until ?? null)) return { changes: [] };
    return { changes: [{ kind: 'choice', purpose: id, ...next, until: until ?? null }] };
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
  ): { closed: string[]; unchanged: string[] } {
    const record = this.record(user);
    const closed: string[] = [];
    const unchanged: string[] = [];
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
      if (before?.choice === 'denied') unchanged.push(one.id);
      // a grant of a later day prevails; on the day itself, one that was given against a signal
      else if (before === undefined || this.grantedAt(user, one.id) < (before.signal ? day : day + DAY_MS))
        closed.push(one.id);
    }
    return { closed, unchanged };
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
      .flatMap(([user, entries]) => entries.map((entry) => ({ user, entry, due: dueOf(entry.change) })))
      .filter(({ entry, due }) => due !== null && due <= this.now && !this.met.has(entry.revision))
      .toSorted(
        (one, other) => (one.due ?? 0) - (other.due ?? 0) || one.entry.revision - other.entry.revision,
      );
    for (const { user, entry, due } of come) {
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
      if (change.kind === 'choice')
        this.write(
          user,
          { by: ENGINE, via: 'expiry', saidAt },
          [{ ...change, choice: 'denied', notice: 0, signal: false, until: null }],
          time,
        );
    }
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
    this.head++;
    this.lastEntry = this.latest;
    return true;
  }
}

function dueOf(change: Change): number | null {
  if (change.kind === 'profile') return change.age === 'minor' ? change.adultFrom : null;
  return change.kind === 'choice' && change.choice === 'granted' ? change.until : null;
}

const textOf = (time: number | null) => (time === null ? null : new Date(time).toISOString());

/** An entry as the history shows it. */
function shown({ revision, at, saidAt, by, via, language, policy, change }: Entry, tokens: Tokens) {
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
      return { kind: 'signal', signal: 'gpc' };
  }
}

// ------------------------------------------------------------------------------------------------- the service

const CLIENT = serviceUnder(
  {},
  {
    kind: 'service',
    id: 'client',
    listings: { purposes: [], scopes: [] },
    purposes: new Set([
      ...FAMILIES.flatMap((family) => family.flatMap(({ purposes }) => [...purposes.keys()])),
      'retired',
    ]),
  },
);

/** Opens the store, again after each restart. */
type Storage = { readonly open: () => Promise<ConsentStore>; readonly close: () => Promise<void> };

type Rooms = {
  readonly store: ConsentStore;
  readonly log: ConsentLog;
  readonly state: StateInForce;
  readonly choices: Choices;
  readonly settings: SettingsService;
  readonly hearing: Hearing;
  readonly signals: Signals;
  readonly erasures: Erasures;
  readonly evaluation: EvaluationService;
  readonly events: UserEvents;
  readonly time: Timekeeper;
};

/** The service without its HTTP: what a restart ends, and what outlives it. */
class Service {
  now: number;
  private snapshot: Buffer | undefined;
  private readonly published: MemoryPolicyStore;

  private constructor(
    readonly policies: PolicyService,
    private readonly storage: Storage,
    private opened: Rooms | undefined,
    start: number,
  ) {
    this.now = start;
    this.published = new MemoryPolicyStore(() => this.opened?.log.state.revision ?? 0);
  }

  static async start(storage: Storage, family: readonly PolicyVersion[], now: number): Promise<Service> {
    const first = at(family, 0);
    const service = new Service(serviceOf(family), storage, undefined, now);
    service.policies.put(first);
    await service.open();
    await service.publish(first);
    return service;
  }

  get rooms(): Rooms {
    if (this.opened === undefined) throw new Error('the service is stopped');
    return this.opened;
  }

  private async open(state?: ConsentState): Promise<void> {
    const { policies, published } = this;
    const store = await this.storage.open();
    const now = () => this.now;
    const trouble = (error: unknown) => expect.unreachable(String(error));
    const kept =
      state === undefined || (await store.erasures(state.revision, 1)).length > 0 ? undefined : state;
    const log = new ConsentLog(store, trouble, ...(kept === undefined ? [] : [kept]));
    await log.follow();
    const inForce = new StateInForce(log, policies);
    const settings = new SettingsService(inForce, policies, store, now);
    const time = new Timekeeper(log, store, now, { onMet: () => undefined, onTrouble: trouble });
    this.opened = {
      store,
      log,
      state: inForce,
      choices: new Choices(log, policies, now),
      settings,
      hearing: new Hearing(log, inForce, now),
      signals: new Signals(log, policies, settings, store, now, CMP),
      erasures: new Erasures(log, undefined, now),
      evaluation: new EvaluationService(policies, inForce, 0),
      events: new UserEvents(store, published),
      time,
    };
    await time.start();
  }

  async close(): Promise<void> {
    const { time, log } = this.rooms;
    await time.close();
    await log.close();
    await this.storage.close();
    this.opened = undefined;
  }

  takeSnapshot(): void {
    const pieces: Buffer[] = [];
    for (const piece of this.rooms.log.state.dump()) pieces.push(Buffer.from(piece));
    this.snapshot = Buffer.concat(pieces);
  }

  /** Stops, is away for a while, and starts again. */
  async restart(fromSnapshot: boolean, away: number): Promise<void> {
    await this.close();
    this.now += away;
    const { snapshot } = this;
    await this.open(
      fromSnapshot && snapshot !== undefined ? ConsentState.restore(sourceOf(snapshot)) : undefined,
    );
  }

  async publish(version: PolicyVersion): Promise<void> {
    const { log, state } = this.rooms;
    const told = { by: 'admin', approvals: [], draft: null, authors: [], message: '', parent: null };
    await this.published.saveVersion({ ...told, id: version.id, document: {}, at: this.now });
    await state.prepare(version);
    await log.betweenChanges(
      this.now,
      async (at) => {
        await this.published.publish({ ...told, version: version.id, at });
        this.policies.put(version);
      },
      async () => undefined,
    );
  }
}

const services = new Map<readonly PolicyVersion[], PolicyService>();

/** Building a version takes longer than a life. */
function serviceOf(family: readonly PolicyVersion[]): PolicyService {
  const known = services.get(family) ?? PolicyService.of(at(family, 0).document);
  services.set(family, known);
  return known;
}

function sourceOf(bytes: Buffer) {
  let place = 0;
  return {
    get left() {
      return bytes.length - place;
    },
    read: (into: Uint8Array) => {
      into.set(bytes.subarray(place, place + into.length));
      place += into.length;
    },
  };
}

// ------------------------------------------------------------------------------------------------ what is held

const FACTS = { actor: 'automated', case: 'none', legalReference: false, ownData: true } as const;

/** `toEqual` says more, and costs more. */
function same(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toEqual(expected);
}

/** A history in which the grants that one signal leaves unanswered stand in one order, whatever theirs was. */
function orderly(
  history: readonly { readonly id: string; readonly kind: string; readonly via: string }[],
): unknown[] {
  let block = 0;
  const keyed = history.map(({ id: _id, ...said }) => {
    const isLeft = said.kind === 'choice' && said.via === 'gpc';
    if (!isLeft) block++;
    return { block, key: isLeft ? JSON.stringify(said) : '', said };
  });
  keyed.sort((one, other) => one.block - other.block || (one.key < other.key ? -1 : 1));
  return keyed.map(({ said }, place) => ({ ...said, id: history[place]?.id }));
}

/** Holds what the service says of everybody against the model. */
async function hold(life: Life, { rooms, policies }: Service, users: readonly string[]): Promise<void> {
  const { events, log, settings, state, store } = rooms;
  const { policy } = life;
  same(policies.current.id, policy.id, 'the policy in force');
  same([await store.head(), log.state.revision], [life.head, life.head], 'the last revision');
  for (const user of users) {
    const record = life.record(user);
    same(
      orderly(
        (await events.page(user, 0, 1_000)).map(({ event, policy }) =>
          eventView(event, policy, store.tokens),
        ),
      ),
      orderly(life.of(user).map((entry) => shown(entry, store.tokens))),
      `the history of ${user}`,
    );
    same(await store.knows(user), life.of(user).length > 0, `whether ${user} is known`);
    same(state.recordOf(user), record, `the record of ${user}`);
    same(
      settings.settingsOf(user).purposes.map(({ purpose, setting, choice, on, reason, offers }) => ({
        id: purpose.id,
        setting,
        choice,
        on,
        reason,
        offers,
      })),
      settingsIn(policy, record),
      `the settings of ${user}`,
    );
    await holdDecisions(life, rooms, user, record);
  }
}

function settingsIn({ id, document }: PolicyVersion, record: UserRecord): unknown[] {
  const regime = expectedRegime(document, record.region);
  const probe = consentAlone.get(id) ?? document;
  return document.purposes.map((one) => {
    const setting = one.settings[regime] ?? 'never';
    const question = {
      purpose: one.id,
      action: 'read',
      field: 'probe',
      clientPurposes: CLIENT.purposes,
      record,
      facts: FACTS,
    };
    const reason = expectedReason(probe, question);
    const choice = record.choices.get(one.id)?.choice ?? null;
    const offers = {
      always: [],
      never: ['denied'],
      opt_in: ['granted', 'denied'],
      opt_out: ['granted', 'denied'],
    }[setting];
    return { id: one.id, setting, choice, on: reason === 'permitted', reason, offers };
  });
}

async function holdDecisions(
  { policy, head }: Life,
  { evaluation, store }: Pick<Rooms, 'evaluation' | 'store'>,
  user: string,
  record: UserRecord,
): Promise<void> {
  const { document, table } = policy;
  const consistency_token = store.tokens.of(head);
  // each purpose on a field of its own, another one with every revision
  for (const [place, { id }] of [...document.purposes, { id: 'retired' }].entries()) {
    const field = at(document.fields, place + head).id;
    const asked = { purpose: id, action: 'read', field, clientPurposes: CLIENT.purposes };
    const expected = expectedReason(document, { ...asked, record, facts: FACTS });
    const { reason } = decide(table, { ...asked, facts: factsIndex(FACTS) }, table.consentOf(record));
    count(expected);
    const { decision, context } = await evaluation.evaluate(CLIENT, {
      subject: { type: 'purpose', id },
      action: { name: 'read' },
      resource: { type: 'field', id: field, properties: { user } },
      context: { actor: 'automated', on_behalf_of: user, consistency_token },
    });
    same(
      { reason, decision, served: context.reason, revision: context.revision, policy: context.policy },
      {
        reason: expected,
        decision: expected === 'permitted',
        served: expected,
        revision: consistency_token,
        policy: policy.id,
      },
      `the decision on ${id} and ${field} of ${user}`,
    );
  }
}

/** Everything since a place of the log hangs together. */
async function holdChain(store: ConsentStore, after: number, head: number): Promise<void> {
  const before = after === 0 ? { revision: 0, hash: GENESIS } : at(await store.links(after - 1, 1), 0);
  expect(firstBroken(before, await store.links(after, head))).toBeUndefined();
  const revisions = (await store.read(after, head)).map(({ revision }) => revision);
  same(
    revisions,
    Array.from({ length: head - after }, (_, place) => after + place + 1),
    'the revisions',
  );
}

// --------------------------------------------------------------------------------------------------- the steps

/** What the drawing names by numbers, spelled out when it is known which policies and users there are. */
type Sayings = {
  readonly purpose: number;
  readonly choice: Choice;
  readonly notice: number;
  readonly shown: boolean;
  readonly hours: number;
};
type Act =
  | { readonly what: 'choose'; readonly user: number; readonly said: Sayings; readonly self: boolean }
  | { readonly what: 'many'; readonly user: number; readonly list: readonly Sayings[] }
  | { readonly what: 'everything'; readonly user: number }
  | { readonly what: 'gpc'; readonly user: number };
type Step =
  | { readonly what: 'at once'; readonly acts: readonly Act[] }
  | {
      readonly what: 'profile';
      readonly user: number;
      readonly region: number;
      readonly age: AgeBand;
      readonly hours: number;
    }
  | {
      readonly what: 'tcf';
      readonly user: number;
      readonly consents: readonly number[];
      readonly interests: readonly number[];
      readonly daysAgo: number;
    }
  | { readonly what: 'publish'; readonly version: number }
  | { readonly what: 'time'; readonly hours: number; readonly met: boolean }
  | { readonly what: 'erase'; readonly user: number }
  | { readonly what: 'snapshot' }
  | { readonly what: 'restart'; readonly fromSnapshot: boolean; readonly hours: number };

/** What all lives together have come through: a test that never gets there proves nothing. */
const seen = new Map<string, number>();
const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);

/** Where a step is taken: users have names of their own in each life. */
type World = { readonly service: Service; readonly users: readonly string[] };

class Taken implements fc.AsyncCommand<Life, World> {
  /** @param steps one, or some that seldom come together by chance */
  constructor(private readonly steps: readonly Step[]) {}

  check(): boolean {
    return true;
  }

  async run(life: Life, world: World): Promise<void> {
    for (const step of this.steps) {
      await take(step, life, world);
      await hold(life, world.service, world.users);
    }
  }

  toString(): string {
    return JSON.stringify(this.steps);
  }
}

async function take(step: Step, life: Life, { service, users }: World): Promise<void> {
  const { rooms } = service;
  switch (step.what) {
    case 'at once':
      return actAtOnce(step.acts, life, { service, users });
    case 'profile': {
      const { age, hours } = step;
      const user = at(users, step.user);
      const region = at(REGIONS, step.region);
      const adultFrom = hours === 0 ? undefined : life.now + hours * HOUR_MS;
      const expected = life.profile(user, region, age, adultFrom);
      const by: ChangedBy = { kind: 'service', id: 'accounts' };
      const profile = { region, ageBand: age, ...(adultFrom === undefined ? {} : { adultFrom }) };
      return holdOutcome(
        await outcomeOf(rooms.choices.setProfile(user, by, profile)),
        life,
        user,
        { by, via: 'settings' },
        expected,
      );
    }
    case 'tcf': {
      const { consents, interests, daysAgo } = step;
      const user = at(users, step.user);
      const time = life.now - daysAgo * DAY_MS;
      const day = time - (time % DAY_MS);
      const { closed, unchanged } = life.tcf(user, consents, interests, day);
      const by: ChangedBy = { kind: 'user', id: user };
      const heard = await rooms.signals.recordTcString(
        user,
        by,
        writeTcString({ consents, legitimateInterests: interests }, CMP, time),
      );
      same([heard.closed, heard.unchanged], [closed, unchanged], 'what a TC string closes');
      const changes = closed.map((purpose): Change => ({
        kind: 'choice',
        purpose,
        choice: 'denied',
        notice: 0,
        signal: true,
        until: null,
      }));
      if (closed.length > 0) count('tcf');
      return holdOutcome(
        heard,
        life,
        user,
        { by, via: 'tcf', saidAt: day < life.now ? day : null },
        { changes },
      );
    }
    case 'publish': {
      const version = at(life.family, step.version);
      await service.publish(version);
      if (version !== life.policy) count('published');
      life.policy = version;
      life.latest = Math.max(life.latest, life.now);
      return;
    }
    case 'time':
      life.now += step.hours * HOUR_MS;
      service.now = life.now;
      if (!step.met) return;
      await rooms.time.start();
      return meet(life);
    case 'erase': {
      const user = at(users, step.user);
      const expected = life.erase(user);
      const erasure = await rooms.erasures.erase(user, { kind: 'user', id: user });
      same(erasure?.revision, expected ? life.head : undefined, 'the record of the erasure');
      if (expected) count('erased');
      return;
    }
    case 'snapshot':
      service.takeSnapshot();
      return;
    case 'restart':
      await service.restart(step.fromSnapshot, step.hours * HOUR_MS);
      life.now = service.now;
      life.latest = life.lastEntry;
      count('restarted');
      return meet(life);
  }
}

function meet(life: Life): void {
  const before = life.head;
  life.meet();
  if (life.head > before) count('met');
}

/** What came of a change; its code, when it was refused. */
type Outcome = { readonly revision: number; readonly changed: boolean } | { readonly code: string };

async function outcomeOf(
  change: Promise<{ readonly revision: number; readonly changed: boolean }>,
): Promise<Outcome> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code };
    throw error;
  }
}

function holdOutcome(outcome: Outcome, life: Life, user: string, how: How, expected: Expected): void {
  if ('refusals' in expected) {
    for (const code of expected.refusals) count(code);
    if (!('code' in outcome) || !expected.refusals.has(outcome.code))
      expect(outcome, 'a refusal').toEqual({ code: [...expected.refusals].join(' or ') });
    return;
  }
  // also what is not written has a place in the order of the log
  life.write(user, how, expected.changes);
  const { revision, changed } = { revision: undefined, changed: undefined, ...outcome };
  same(
    { ...('code' in outcome ? outcome : {}), revision, changed },
    { revision: life.head, changed: expected.changes.length > 0 },
    'an acknowledgement',
  );
}

/** Sends all of it before anything is answered. Of what closes and opens the same purpose, what closes holds. */
async function actAtOnce(acts: readonly Act[], life: Life, { service, users }: World): Promise<void> {
  const { choices, hearing } = service.rooms;
  const spelled = acts.map((act) => ({ act, user: at(users, act.user) }));
  const outcomes = await Promise.all(
    spelled.map(({ act, user }) => {
      const by = byOf(act, user);
      switch (act.what) {
        case 'choose':
          return outcomeOf(choices.choose(user, by, saidIn(act.said, life), languageOf(act)));
        case 'many':
          return outcomeOf(choices.chooseMany(user, by, listIn(act.list, life), 'en'));
        case 'everything':
          return outcomeOf(choices.chooseMany(user, by, 'denied'));
        case 'gpc':
          return outcomeOf(hearing.record(user, by, 'gpc'));
      }
    }),
  );
  const closing = new Set<string>();
  for (const [place, { act, user }] of spelled.entries()) {
    const by = byOf(act, user);
    const how = { by, via: act.what === 'gpc' ? 'gpc' : 'settings', language: languageOf(act) ?? null };
    const opens = openedBy(act, life).map((id) => `${id} ${user}`);
    const raced = opens.some((key) => closing.has(key));
    const expected: Expected = raced
      ? { refusals: new Set(['opt_out_in_progress']) }
      : expectedOf(act, user, life);
    holdOutcome(at(outcomes, place), life, user, how, expected);
    if (!raced) for (const id of closedBy(act, life)) closing.add(`${id} ${user}`);
  }
}

function byOf(act: Act, user: string): ChangedBy {
  return act.what === 'choose' && !act.self ? { kind: 'service', id: 'crm' } : { kind: 'user', id: user };
}

function languageOf(act: Act): string | undefined {
  if (act.what === 'many') return 'en';
  return act.what === 'choose' && act.self ? 'en-GB' : undefined;
}

function expectedOf(act: Act, user: string, life: Life): Expected {
  switch (act.what) {
    case 'choose':
      return life.choose(user, saidIn(act.said, life));
    case 'many':
      return life.chooseMany(user, listIn(act.list, life));
    case 'everything':
      return life.chooseMany(user, life.everything(user));
    case 'gpc':
      return life.gpc(user);
  }
}

function saidOf(act: Act, life: Life): readonly Said[] {
  if (act.what === 'choose') return [saidIn(act.said, life)];
  if (act.what === 'many') return listIn(act.list, life);
  if (act.what === 'gpc') return [];
  return life.policy.document.purposes.map(({ id }) => ({ purpose: id, choice: 'denied' }));
}

const openedBy = (act: Act, life: Life) =>
  saidOf(act, life).flatMap(({ purpose, choice }) => (choice === 'granted' ? [purpose] : []));
const closedBy = (act: Act, life: Life) =>
  saidOf(act, life).flatMap(({ purpose, choice }) => (choice === 'denied' ? [purpose] : []));

function saidIn({ purpose: place, choice, notice: drawn, shown, hours }: Sayings, life: Life): Said {
  const first = at(life.family, 0).document.purposes;
  const purpose = place % (first.length + 1) === first.length ? 'retired' : at(first, place).id;
  const today = life.policy.purposes.get(purpose)?.notice ?? 1;
  return {
    purpose,
    choice,
    ...(drawn === 0 ? {} : { notice: drawn === 3 ? today - 1 : today }),
    ...(shown ? { signalShown: true } : {}),
    ...(hours === 0 ? {} : { until: life.now + hours * HOUR_MS }),
  };
}

/** No purpose stands twice in a list. */
function listIn(list: readonly Sayings[], life: Life): readonly Said[] {
  const said = list.map((one) => saidIn(one, life));
  return said.filter(({ purpose }, place) => said.findIndex((one) => one.purpose === purpose) === place);
}

// mostly the same one: much has to come together in one life
const user = fc.constantFrom(0, 0, 0, 1, 1, 2);
const numbers = fc.oneof(
  fc.constant([]),
  fc.uniqueArray(fc.constantFrom(1, 2, 3, 4, 7, 9, 10), { maxLength: 6 }),
);
/** Mostly none; now and then one that has passed. */
const end = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -1, max: 80 }) },
);
const sayings = fc.record({
  // the purposes about which most can be said are drawn more often
  purpose: fc.oneof(fc.nat(40), fc.integer({ min: 2, max: 5 }), fc.constantFrom(4, 5)),
  choice: fc.constantFrom<Choice>('granted', 'granted', 'denied'),
  notice: fc.constantFrom(0, 1, 1, 1, 2, 3),
  shown: fc.boolean(),
  hours: end,
});
const choosing = fc.record({ what: fc.constant('choose' as const), user, said: sayings, self: fc.boolean() });
/** What it takes to open again what a signal has closed. */
const answering = choosing.map((one): Act => {
  const { said } = one;
  return {
    ...one,
    said: { ...said, purpose: 2 + (said.purpose % 4), choice: 'granted', notice: 1, shown: true },
  };
});
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: choosing },
  { weight: 3, arbitrary: answering },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('many' as const),
      user,
      list: fc.array(sayings, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('everything' as const), user }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('gpc' as const), user }) },
);
/** A grant and a denial of one purpose by one user, in either order, and whatever else. */
const race = fc
  .tuple(choosing, fc.boolean(), fc.boolean(), fc.array(act, { maxLength: 2 }))
  .map(([one, grantFirst, everything, others]): readonly Act[] => {
    const grant: Act = { ...one, said: { ...one.said, choice: 'granted', hours: 0 } };
    const denial: Act = everything
      ? { what: 'everything', user: one.user }
      : { ...one, said: { ...one.said, choice: 'denied', hours: 0 } };
    return [...(grantFirst ? [grant, denial] : [denial, grant]), ...others];
  });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: act.map((one) => ({ what: 'at once' as const, acts: [one] })) },
  { weight: 4, arbitrary: race.map((acts) => ({ what: 'at once' as const, acts })) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('profile' as const),
      user,
      region: fc.nat(REGIONS.length - 1),
      age: fc.constantFrom<AgeBand>('adult', 'adult', 'adult', 'minor', 'minor', 'unknown'),
      hours: end,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('tcf' as const),
      user,
      consents: numbers,
      interests: numbers,
      daysAgo: fc.nat(3),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('publish' as const), version: fc.nat(4) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('time' as const),
      hours: fc.integer({ min: 1, max: 60 }),
      met: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('erase' as const), user }) },
  { weight: 1, arbitrary: fc.constant({ what: 'snapshot' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('restart' as const),
      fromSnapshot: fc.boolean(),
      hours: fc.nat(50),
    }),
  },
);
/** A no on the banner, and a grant of one purpose all the same, that ends; then the browser's signal. */
const overriding = fc
  .record({ user, purpose: fc.constantFrom(3, 4), hours: fc.constantFrom(0, 30), gpc: fc.boolean() })
  .map(({ user, purpose, hours, gpc }): readonly Step[] => {
    const said: Sayings = { purpose, choice: 'granted', notice: 1, shown: true, hours };
    return [
      { what: 'tcf', user, consents: [], interests: [], daysAgo: 0 },
      { what: 'at once', acts: [{ what: 'choose', user, said, self: true }] },
      ...(gpc ? [{ what: 'at once', acts: [{ what: 'gpc', user }] } as const] : []),
    ];
  });
/** A minor of whom it is known when they come of age moves. */
const moving = fc
  .record({ user, region: fc.nat(REGIONS.length - 1), hours: fc.integer({ min: 1, max: 60 }) })
  .map(({ user, region, hours }): readonly Step[] => [
    { what: 'profile', user, region: 0, age: 'minor', hours },
    { what: 'profile', user, region, age: 'minor', hours: 0 },
  ]);
const steps = fc.oneof(
  { weight: 20, arbitrary: step.map((one) => [one]) },
  { weight: 1, arbitrary: overriding },
  { weight: 1, arbitrary: moving },
);
const lives = fc.commands([steps.map((some) => new Taken(some))], { maxCommands: MOST_STEPS, size: 'max' });
/** Mostly the small policies: a life under the reference policy takes five times as long to check. */
const families = fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** Two of the three have a profile from the beginning, or little would ever be open to anybody. */
const FIRST_STEPS: readonly Step[] = [
  { what: 'profile', user: 0, region: REGIONS.indexOf('US-CA'), age: 'adult', hours: 0 },
  { what: 'profile', user: 1, region: REGIONS.indexOf('DE'), age: 'adult', hours: 0 },
];

async function live(model: Life, world: World, life: Iterable<fc.AsyncCommand<Life, World>>): Promise<void> {
  for (const step of FIRST_STEPS) await take(step, model, world);
  await fc.asyncModelRun(() => ({ model, real: world }), life);
}

/** Refusals, reasons, and what happened. */
const MUST_BE_SEEN = [
  'choice_not_offered',
  'invalid_request',
  'notice_needed',
  'notice_not_current',
  'opt_out_in_progress',
  'purpose_not_found',
  'signal_stands',
  'age',
  'needs_opt_in',
  'notice_outdated',
  'opted_out',
  'permitted',
  'regime_never',
  'signal_opted_out',
  'unknown_user',
  'erased',
  'left by a signal',
  'met',
  'published',
  'restarted',
  'tcf',
];

// --------------------------------------------------------------------------------------------------- the tests

describe('consent through whole lives', () => {
  test('is what a plain reading of the documents makes of it, after every step', async () => {
    let steps = 0;
    seen.clear();
    await fc.assert(
      fc.asyncProperty(families, lives, async (place, life) => {
        const family = at(FAMILIES, place);
        const store = new MemoryConsentStore();
        const storage = { open: async () => store, close: async () => undefined };
        const service = await Service.start(storage, family, BEGINNING);
        const model = new Life(family, { now: BEGINNING, head: 0, lastEntry: 0 });
        model.latest = BEGINNING;
        await live(model, { service, users: USERS }, life);
        await holdChain(store, 0, model.head);
        await service.close();
        steps += [...life].length;
      }),
      { numRuns: RUNS },
    );
    expect(steps).toBeGreaterThan(RUNS * 8);
    for (const what of MUST_BE_SEEN) expect(seen.get(what) ?? 0, what).toBeGreaterThan(RUNS / 10);
  }, 300_000);
});

describe('consent through whole lives, in the embedded database', () => {
  test('is the same when the database is closed and opened again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assent-life-'));
    let database: Database | undefined;
    const storage = {
      open: async () => {
        database = await openDatabase({ dataDir: join(folder, 'data') });
        return new PrismaConsentStore(database);
      },
      close: async () => database?.close(),
    };
    let clock = BEGINNING;
    let lifetimes = 0;
    try {
      await fc.assert(
        fc.asyncProperty(families, lives, async (place, life) => {
          const family = at(FAMILIES, place);
          // one database for all lives, each with people of its own
          const users = USERS.map((name) => `${name}-${lifetimes}`);
          lifetimes++;
          const service = await Service.start(storage, family, clock);
          const { store } = service.rooms;
          const head = await store.head();
          const last = head === 0 ? undefined : at(await store.read(head - 1, 1), 0);
          const model = new Life(family, { now: clock, head, lastEntry: last?.at ?? 0 });
          model.latest = clock;
          try {
            await live(model, { service, users }, life);
            await holdChain(service.rooms.store, head, model.head);
          } finally {
            clock = service.now;
            // nothing of this life comes due in the next one
            for (const user of users) await service.rooms.erasures.erase(user, { kind: 'user', id: user });
            await service.close();
          }
        }),
        { numRuns: EMBEDDED_RUNS },
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    expect(lifetimes).toBeGreaterThanOrEqual(EMBEDDED_RUNS);
  }, 300_000);
});
