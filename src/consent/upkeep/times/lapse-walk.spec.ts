import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../time.js';
import type { PolicyDocument } from '../../../decision/policy.js';
import { CMP, houseOn } from '../../../../test/house.js';
import { MemoryConsentStore } from '../../../../test/memory/memory-consent.store.js';
import { policiesOn } from '../../../../test/at-once.js';
import { writeTcString } from '../../signals/tc-string.js';
import { REFERENCE } from '../../../../test/reference-policy.js';

const PURPOSE = 'recruiting';
const NOW = Date.UTC(2026, 10, 29);
const GRANT = { kind: 'choice', purpose: PURPOSE, choice: 'granted', notice: 1, signal: false } as const;

function lapsing(lapses_after?: Readonly<Record<string, string>>, purpose = PURPOSE): PolicyDocument {
  const purposes = REFERENCE.purposes.map((one) =>
    one.id === purpose && lapses_after !== undefined ? { ...one, lapses_after } : one,
  );
  return { ...REFERENCE, purposes };
}

/** A service at a time, under a policy, on a log in which people granted the purpose so many days ago. */
async function at(now: number, policy: PolicyDocument, grants: Readonly<Record<string, number>> = {}) {
  const store = new MemoryConsentStore();
  const given = Object.entries(grants).toSorted(([, one], [, other]) => other - one);
  for (const [user, daysAgo] of given) {
    const said = {
      user,
      by: { kind: 'user', id: user },
      at: NOW - daysAgo * DAY_MS,
      via: 'settings',
    } as const;
    await store.append([
      { ...said, change: { kind: 'profile', region: 'DE', ageBand: 'adult' } },
      { ...said, change: GRANT },
    ]);
  }
  return { store, open: async (document = policy) => houseOn(store, policiesOn(document), () => now) };
}

const choiceOf = ({ log }: Awaited<ReturnType<typeof houseOn>>, user: string) =>
  log.state.recordOf(user).choices.get(PURPOSE)?.choice;

describe('the grants of a log, under a policy that lets them lapse,', () => {
  test('lapse that are too old, and no others, each at its moment', async () => {
    const { open, store } = await at(NOW, lapsing({ EU_EEA_CH: 'P1Y' }), { old: 366, young: 364 });
    const house = await open();
    await house.lapses.run();
    await house.time.start();
    expect(['old', 'young'].map((user) => choiceOf(house, user))).toEqual([undefined, 'granted']);
    expect(await store.nextDue()).toBe(NOW + DAY_MS);
    expect(await store.readUser('old', 2, 10)).toMatchObject([
      { via: 'lapse', by: { kind: 'engine' }, at: NOW, saidAt: NOW - DAY_MS, change: { choice: 'none' } },
    ]);
    await house.time.close();
  });

  describe('when the clock was ten years ahead for a while,', () => {
    const AHEAD = NOW + 3_650 * DAY_MS;
    /** A service at a time, under a policy after which consent lapses in a year. */
    const serviceAt = (store: MemoryConsentStore, now: number) =>
      houseOn(store, policiesOn(lapsing({ EU_EEA_CH: 'P1Y' })), () => now);

    test('lapse at their time, although they were gone through then', async () => {
      const { store } = await at(NOW, REFERENCE, { old: 366, young: 364 });
      await (await serviceAt(store, AHEAD)).lapses.run();
      const house = await serviceAt(store, NOW);
      await house.time.start();
      expect(['old', 'young'].map((user) => choiceOf(house, user))).toEqual([undefined, 'granted']);
      expect(await store.nextDue()).toBe(NOW + DAY_MS);
      await house.time.close();
    });

    test('lapse a year after they were said, although nothing is dated before what was written then', async () => {
      const { store } = await at(NOW, REFERENCE, { someone: 1 });
      const ahead = await serviceAt(store, AHEAD);
      await ahead.hearing.record('someone', { kind: 'user', id: 'someone' }, 'gpc');
      const house = await serviceAt(store, NOW);
      const by = { kind: 'user', id: 'later' } as const;
      await house.choices.setProfile('later', by, { region: 'DE', ageBand: 'adult' });
      await house.choices.choose('later', by, { purpose: PURPOSE, choice: 'granted', notice: 1 });
      expect((await store.deadlinesOf(['later'])).map(({ due }) => due)).toEqual([Date.UTC(2027, 10, 29)]);
      const [said] = (await store.readUser('later', 0, 10)).slice(-1);
      expect([said?.at, said?.saidAt]).toEqual([AHEAD, NOW]);
      const after = await serviceAt(store, Date.UTC(2027, 10, 29));
      await after.time.start();
      expect(choiceOf(after, 'later')).toBeUndefined();
      await after.time.close();
    });
  });

  test('are gone through once, however often the service starts', async () => {
    const { open, store } = await at(NOW, lapsing({ EU_EEA_CH: 'P1Y' }), { young: 1 });
    await (await open()).lapses.run();
    const [due] = await store.deadlinesOf(['young']);
    await store.dropDeadlines([due?.event.revision ?? 0]);
    await (await open()).lapses.run();
    expect(await store.deadlinesOf(['young'])).toEqual([]);
  });

  test('are gone through again where the former terms come back, for grants from between have no deadline', async () => {
    const terms = lapsing({ EU_EEA_CH: 'P1Y' });
    const { open, store } = await at(NOW, terms, { before: 1 });
    for (const document of [terms, lapsing()]) await (await open(document)).lapses.run();
    const between = await open(lapsing());
    await between.choices.setProfile(
      'between',
      { kind: 'service', id: 'accounts' },
      { region: 'DE', ageBand: 'adult' },
    );
    await between.choices.choose(
      'between',
      { kind: 'user', id: 'between' },
      { purpose: PURPOSE, choice: 'granted', notice: 1 },
    );
    await (await open()).lapses.run();
    expect((await store.deadlinesOf(['between'])).map(({ due }) => due)).toEqual([Date.UTC(2027, 10, 29)]);
  });

  test('are gone through again where the former terms are back before that was seen to', async () => {
    const [terms, none] = [lapsing({ EU_EEA_CH: 'P1Y' }), lapsing()].map((one) => policiesOn(one).current);
    const { store } = await at(NOW, REFERENCE, { granted: 1 });
    if (terms === undefined || none === undefined) throw new Error('there are two policies');
    const policies = policiesOn(terms.document);
    const house = await houseOn(store, policies, () => NOW);
    house.lapses.look();
    await house.lapses.run();
    const [due] = await store.deadlinesOf(['granted']);
    await store.dropDeadlines([due?.event.revision ?? 0]);
    for (const version of [none, terms]) {
      policies.put(version);
      house.lapses.look();
    }
    await house.lapses.run();
    expect(await store.deadlinesOf(['granted'])).toEqual([due]);
    await house.lapses.close();
  });

  test('go on from where they were left', async () => {
    const many = Object.fromEntries(Array.from({ length: 700 }, (_, place) => [`u-${place}`, 1]));
    const { open, store } = await at(NOW, lapsing({ EU_EEA_CH: 'P1Y' }), many);
    const house = await open();
    await store.markLapses({ terms: house.log.lapses.terms, reached: 600 });
    await house.lapses.run();
    const revisions = (await store.deadlinesOf(Object.keys(many))).map(({ event }) => event.revision);
    expect([revisions.length, Math.min(...revisions)]).toEqual([400, 602]);
    expect(await store.lapseMark()).toMatchObject({ reached: 1_400, isDone: true });
  });

  test('lapse of whoever moves, although another process looks at them that has not read of it', async () => {
    const { open } = await at(NOW, lapsing({ EU_EEA_CH: 'P1Y' }), { mover: 366 });
    const here = await open();
    const move = (region: string) =>
      here.choices.setProfile('mover', { kind: 'service', id: 'accounts' }, { region, ageBand: 'adult' });
    await move('US-CA');
    await here.lapses.run();
    const elsewhere = await open();
    await move('DE');
    for (const { time } of [elsewhere, here]) {
      await time.start();
      await time.close();
    }
    await here.log.follow();
    expect(choiceOf(here, 'mover')).toBeUndefined();
  });

  test('leave what a TC string refused when they answered it, wherever their user moves, and nothing else of it', async () => {
    const purpose = 'ads.off_platform';
    const { store } = await at(NOW, REFERENCE);
    const by = { kind: 'user', id: 'u' } as const;
    let now = NOW - 400 * DAY_MS;
    const house = await houseOn(store, policiesOn(lapsing({ EU_EEA_CH: 'P1Y' }, purpose)), () => now);
    await house.choices.setProfile('u', by, { region: 'DE', ageBand: 'adult' });
    const string = writeTcString({ consents: [], legitimateInterests: [] }, CMP, now);
    const { closed } = await house.signals.recordTcString('u', by, string);
    expect(closed).toContain(purpose);
    now += DAY_MS;
    const grant = { purpose, choice: 'granted', notice: 1, signalShown: true } as const;
    await house.choices.choose('u', by, grant);
    const other = closed.find((id) => id !== purpose) ?? '';
    now = NOW;
    await house.time.start();
    await house.time.close();
    expect(house.log.state.recordOf('u').choices.get(purpose)).toEqual({
      choice: 'denied',
      notice: 0,
      signal: true,
    });
    expect(house.log.state.recordOf('u').choices.get(other)).toMatchObject({
      choice: 'denied',
      signal: true,
    });
    await house.choices.setProfile('u', by, { region: 'US-TX', ageBand: 'adult' });
    const settings = house.settings.settingsOf('u').purposes.find(({ purpose: { id } }) => id === purpose);
    expect(settings).toMatchObject({ on: false, reason: 'opted_out' });
    await expect(house.takingBack.choice('u', by, purpose)).rejects.toMatchObject({ code: 'signal_stands' });
    const { history } = await house.settings.explained('u');
    expect(history.choices.get(purpose)).toMatchObject({ via: 'tcf' });
  });

  test('lapse at their time where a build before this one went through them, when the clock was ahead', async () => {
    const policy = lapsing({ EU_EEA_CH: 'P1Y' });
    const { open, store } = await at(NOW, policy, { old: 366 });
    const said = [[[PURPOSE, { EU_EEA_CH: 'P1Y' }]], policy.regimes.map(({ id, regions }) => [id, regions])];
    const terms = createHash('sha256')
      .update(JSON.stringify([...said, policy.unknown_regime]))
      .digest('hex');
    const [grant] = await store.readUser('old', 1, 1);
    const late = { revision: grant?.revision ?? 0, subject: grant?.subject ?? 0, due: NOW + 3_650 * DAY_MS };
    await store.setDeadlines([late], await store.head());
    await store.markLapses({ terms, reached: 2, isDone: true });
    const house = await open();
    await house.lapses.run();
    await house.time.start();
    await house.time.close();
    expect(choiceOf(house, 'old')).toBeUndefined();
  });

  test('lapse at once for whoever moves, although the log is dated ahead', async () => {
    const { open, store } = await at(NOW, lapsing({ EU_EEA_CH: 'P1Y' }), { mover: 366 });
    const house = await open();
    const by = { kind: 'service', id: 'accounts' } as const;
    await house.choices.setProfile('mover', by, { region: 'US-CA', ageBand: 'adult' });
    await house.lapses.run();
    await house.time.start();
    await house.time.close();
    await store.append([
      {
        user: 'ahead',
        by,
        at: NOW + 3_650 * DAY_MS,
        via: 'settings',
        change: { kind: 'profile', region: 'DE', ageBand: 'adult' },
      },
    ]);
    const later = await open();
    await later.choices.setProfile('mover', by, { region: 'DE', ageBand: 'adult' });
    await later.time.start();
    await later.time.close();
    expect(choiceOf(later, 'mover')).toBeUndefined();
  });

  test('are not looked for where nothing lapses', async () => {
    const { open, store } = await at(NOW, lapsing(), { young: 1 });
    await (await open()).lapses.run();
    expect([await store.lapseMark(), await store.nextDue()]).toEqual([undefined, undefined]);
  });

  test('get no deadline when their user was erased, or has said no since', async () => {
    const { open, store } = await at(NOW, lapsing({ EU_EEA_CH: 'P1Y' }), { gone: 2, no: 1 });
    const house = await open(lapsing());
    await house.erasures.erase('gone', { kind: 'user', id: 'gone' });
    await house.choices.choose('no', { kind: 'user', id: 'no' }, { purpose: PURPOSE, choice: 'denied' });
    await (await open()).lapses.run();
    expect(await store.nextDue()).toBeUndefined();
  });
});
