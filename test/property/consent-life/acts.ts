/** What happens in a life: each step is taken in the service and in the model, and what both say of it is compared. */
import type * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Said } from '../../../src/consent/settings/changes/choices.js';
import { writeTcString } from '../../../src/consent/signals/tc-string.js';
import type { AgeBand, ChangedBy, Choice } from '../../../src/decision/consent-event.js';
import { DomainError } from '../../../src/errors.js';
import { CMP } from '../../house.js';
import { at } from '../arbitraries.js';
import { hold, same } from './held.js';
import { type Change, DAY_MS, type Expected, HOUR_MS, type How, type Life } from './model.js';
import { REGIONS } from './policies.js';
import { count } from './seen.js';
import type { Service } from './service.js';

/** What the drawing names by numbers, spelled out when it is known which policies and users there are. */
export type Sayings = {
  readonly purpose: number;
  readonly choice: Choice;
  readonly notice: number;
  readonly shown: boolean;
  readonly hours: number;
};
export type Act =
  | { readonly what: 'choose'; readonly user: number; readonly said: Sayings; readonly self: boolean }
  | { readonly what: 'many'; readonly user: number; readonly list: readonly Sayings[] }
  | { readonly what: 'everything'; readonly user: number }
  | { readonly what: 'gpc'; readonly user: number }
  | { readonly what: 'take back'; readonly user: number; readonly purpose: number }
  | { readonly what: 'signal back'; readonly user: number };
export type Step =
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

/** Where a step is taken: users have names of their own in each life. */
export type World = { readonly service: Service; readonly users: readonly string[] };

export class Taken implements fc.AsyncCommand<Life, World> {
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

export async function take(step: Step, life: Life, { service, users }: World): Promise<void> {
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
      const { closed, unchanged, own } = life.tcf(user, consents, interests, day);
      const by: ChangedBy = { kind: 'user', id: user };
      const changes = [...closed, ...own].map((purpose): Change => ({
        kind: 'choice',
        purpose,
        choice: 'denied',
        notice: 0,
        signal: true,
        until: null,
      }));
      const text = writeTcString({ consents, legitimateInterests: interests }, CMP, time);
      const how = { by, via: 'tcf', saidAt: day < life.now ? day : null };
      const heard = await outcomeOf(rooms.signals.recordTcString(user, by, text));
      const refused = life.unlessErased(user, { changes });
      if ('refusals' in refused) return holdOutcome(heard, life, user, how, refused);
      if ('code' in heard) throw new Error(`a TC string is refused: ${heard.code}`);
      same([heard.closed, heard.unchanged], [closed, unchanged], 'what a TC string closes');
      if (closed.length > 0) count('tcf');
      return holdOutcome(heard, life, user, how, { changes });
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
      life.restart();
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

async function outcomeOf<T extends Exclude<Outcome, { readonly code: string }>>(
  change: Promise<T>,
): Promise<T | { readonly code: string }> {
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
  const { choices, hearing, takingBack } = service.rooms;
  // what takes back what may have come after a string has the history read first, so its turn comes after the others
  const spelled = acts
    .map((act) => ({ act, user: at(users, act.user) }))
    .map((one) => ({ ...one, readsFirst: mayTakeBack(one.act, one.user, life) }))
    .toSorted((one, other) => rankOf(one) - rankOf(other));
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
        case 'take back':
          return outcomeOf(takingBack.choice(user, by, purposeIn(act.purpose, life)));
        case 'signal back':
          return outcomeOf(takingBack.gpc(user, by));
      }
    }),
  );
  const closing = new Set<string>();
  const isRaced = ({ act, user }: Spelled) =>
    racingIn(act, life).opens.some((id) => closing.has(`${id} ${user}`));
  const hold = (one: Spelled, place: number): void => {
    const { act, user } = one;
    const how = {
      by: byOf(act, user),
      via: act.what === 'gpc' ? 'gpc' : 'settings',
      language: languageOf(act) ?? null,
    };
    const raced = isRaced(one);
    const expected: Expected = raced
      ? { refusals: new Set(['opt_out_in_progress']) }
      : life.unlessErased(user, expectedOf(act, user, life));
    holdOutcome(at(outcomes, place), life, user, how, expected);
    if (!raced) for (const id of racingIn(act, life).closes) closing.add(`${id} ${user}`);
  };
  const later: (() => void)[] = [];
  for (const [place, one] of spelled.entries())
    // a choice came just before it, so it has the history read, and its turn comes again
    if (rankOf(one) === 1 && !isRaced(one) && takesChoicesBack(one, life)) later.push(() => hold(one, place));
    else hold(one, place);
  for (const each of later) each();
}

type Spelled = { readonly act: Act; readonly user: string; readonly readsFirst: boolean };

/** The place among what is sent at once. */
function rankOf({ act, readsFirst }: Spelled): number {
  if (act.what !== 'take back' && act.what !== 'signal back') return 0;
  return readsFirst ? 2 : 1;
}

/** Whether something stands that may go, and may have come after a string. */
function mayTakeBack(act: Act, user: string, life: Life): boolean {
  const { choices } = life.record(user);
  return racingIn(act, life).opens.some((id) => {
    const said = choices.get(id);
    if (said === undefined) return false;
    return said.choice === 'granted' || (act.what === 'take back' && !said.signal);
  });
}

/** Whether something goes. */
function takesChoicesBack({ act, user }: Spelled, life: Life): boolean {
  if (act.what === 'take back') return mayTakeBack(act, user, life);
  const expected = act.what === 'signal back' ? life.takeSignalBack(user) : undefined;
  return expected !== undefined && 'changes' in expected && expected.changes.length > 1;
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
    case 'take back':
      return life.takeBack(user, purposeIn(act.purpose, life));
    case 'signal back':
      return life.takeSignalBack(user);
  }
}

/** What an act may open and close. What is taken back may have been a grant or a denial. */
function racingIn(
  act: Act,
  life: Life,
): { readonly opens: readonly string[]; readonly closes: readonly string[] } {
  const { purposes, overlays } = life.policy.document;
  const all = purposes.map(({ id }) => id);
  const those = (said: readonly Said[], which: Said['choice']) =>
    said.flatMap(({ purpose, choice }) => (choice === which ? [purpose] : []));
  switch (act.what) {
    case 'choose':
    case 'many': {
      const said = act.what === 'choose' ? [saidIn(act.said, life)] : listIn(act.list, life);
      return { opens: those(said, 'granted'), closes: those(said, 'denied') };
    }
    case 'everything':
      return { opens: [], closes: all };
    case 'gpc':
      return { opens: [], closes: ['the signal'] };
    case 'take back': {
      const purpose = purposeIn(act.purpose, life);
      return { opens: [purpose], closes: [purpose] };
    }
    case 'signal back':
      return { opens: ['the signal', ...overlays.gpc.opt_out], closes: [] };
  }
}

function purposeIn(place: number, life: Life): string {
  const first = at(life.family, 0).document.purposes;
  return place % (first.length + 1) === first.length ? 'retired' : at(first, place).id;
}

function saidIn({ purpose: place, choice, notice: drawn, shown, hours }: Sayings, life: Life): Said {
  const purpose = purposeIn(place, life);
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
