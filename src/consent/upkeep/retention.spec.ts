import { expect, test } from 'vitest';
import type { NewConsentEvent } from '../../decision/consent-event.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { ConsentState } from '../../decision/state/consent-state.js';
import { followedLog, noTrouble } from '../../../test/house.js';
import { Retention, type RetentionDays } from './retention.js';
import { DAY_MS } from '../../time.js';

const NOW = 1_000 * DAY_MS;
const KEPT: RetentionDays = { profile: 30, choice: 100, signal: 100 };

function denial(purpose: string, daysAgo: number): NewConsentEvent {
  const change = { kind: 'choice', purpose, choice: 'denied', notice: 0, signal: false } as const;
  return { user: 'u', by: { kind: 'user', id: 'u' }, at: NOW - daysAgo * DAY_MS, via: 'settings', change };
}

function profile(region: string, daysAgo: number): NewConsentEvent {
  const change = { kind: 'profile', region, ageBand: 'adult' } as const;
  return { user: 'u', by: { kind: 'service', id: 's' }, at: NOW - daysAgo * DAY_MS, via: 'settings', change };
}

async function swept(events: readonly NewConsentEvent[], days: RetentionDays) {
  const store = new MemoryConsentStore();
  await store.append(events);
  const log = await followedLog(store);
  const told: number[] = [];
  const retention = new Retention(log, days, () => NOW, {
    onForgotten: (count) => told.push(count),
    onTrouble: noTrouble,
    onDone: () => undefined,
  });
  while (await retention.step());
  const left = await store.readUser('u', 0, 10_000);
  return { store, told, left: left.map(({ revision }) => revision) };
}

const PAST = [
  profile('DE', 500),
  denial('ads', 400),
  denial('ai', 400),
  profile('FR', 40),
  denial('ads', 99),
  denial('ads', 1),
  profile('ES', 1),
];

test('what was superseded and is old enough is forgotten, kind by kind', async () => {
  const { left, told } = await swept(PAST, KEPT);
  expect(left).toEqual([3, 5, 6, 7]);
  expect(told).toEqual([3]);
});

test('what still counts is kept, however old it is', async () => {
  const { left } = await swept([profile('DE', 900), denial('ads', 900)], KEPT);
  expect(left).toEqual([1, 2]);
});

test('nothing is forgotten that is to be kept for ever', async () => {
  const { left, told } = await swept(PAST, { profile: 0, choice: 0, signal: 0 });
  expect(left).toHaveLength(PAST.length);
  expect(told).toEqual([]);
});

test('what is left folds to the same record', async () => {
  const { store } = await swept(PAST, KEPT);
  const records = await Promise.all(
    [new MemoryConsentStore(), store].map(async (one, index) => {
      if (index === 0) await one.append(PAST);
      const state = new ConsentState([1, 2]);
      for (const entry of await one.read(0, 100)) state.apply(entry);
      return state.recordOf('u');
    }),
  );
  expect(records[1]).toEqual(records[0]);
});
