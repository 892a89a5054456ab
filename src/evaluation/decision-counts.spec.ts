import { expect, test } from 'vitest';
import { policiesOn } from '../../test/at-once.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { DecisionCounts } from './decision-counts.js';

const { table } = policiesOn(REFERENCE).current;
/** The version before, which had one purpose more. */
const { table: before } = policiesOn({
  ...REFERENCE,
  purposes: REFERENCE.purposes.flatMap((one) =>
    one.id === 'service' ? [{ ...one, id: 'former_service' }, one] : [one],
  ),
}).current;

test('decisions are counted by purpose and reason, also for purposes that the policy does not name', () => {
  const counts = new DecisionCounts();
  counts.count(table, 'ads', 'permitted');
  counts.count(table, 'ads', 'permitted');
  counts.count(table, 'what a caller made up', 'unknown_purpose');
  counts.count(table, 'another', 'unknown_purpose');
  expect(counts.read()).toEqual([
    { purpose: 'ads', reason: 'permitted', count: 2 },
    { purpose: undefined, reason: 'unknown_purpose', count: 2 },
  ]);
});

test('counts go on under the next version, but for purposes that it does not have', () => {
  const counts = new DecisionCounts();
  counts.count(before, 'former_service', 'opted_out');
  counts.count(before, 'service', 'permitted');
  counts.count(before, 'strange', 'unknown_purpose');
  counts.count(table, 'service', 'permitted');
  expect(counts.read()).toEqual([
    { purpose: 'service', reason: 'permitted', count: 2 },
    { purpose: undefined, reason: 'unknown_purpose', count: 1 },
  ]);
});

test('the first clients are counted each, and all others together', () => {
  const counts = new DecisionCounts();
  for (let time = 0; time < 2; time++)
    for (let client = 0; client < 60; client++) counts.requestOf(`client-${client}`);
  expect(counts.requests.size).toBe(51);
  expect(counts.requests.get('client-49')).toBe(2);
  expect(counts.requests.get(undefined)).toBe(20);
});
