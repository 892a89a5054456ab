import { expect, test } from 'vitest';
import { DomainError, StorageUnavailable } from '../errors.js';
import { MINUTE_MS } from '../time.js';
import { logOf, type ThreadLine } from './chore-log.js';
import { Failing, newsOf, toldOf } from './failing.js';

const DOWN = new StorageUnavailable('the database cannot be reached');

function failing() {
  const lines: ThreadLine[] = [];
  const clock = { now: 5 };
  const words = { level: 'warn', fails: 'could not count', works: 'can count again' } as const;
  return {
    lines,
    clock,
    it: new Failing(
      logOf((line) => lines.push(line)),
      words,
      () => clock.now,
    ),
  };
}

test('what fails in the same way is said once, then once a minute with how often, and then that it works', () => {
  const { lines, clock, it } = failing();
  it.worked();
  for (let second = 0; second <= 60; second++) {
    clock.now = 5 + (second * MINUTE_MS) / 60;
    it.failed(DOWN);
  }
  it.worked();
  it.worked();
  expect(lines).toEqual([
    ['warn', { because: DOWN.message }, 'could not count'],
    ['warn', { because: DOWN.message, times: 60 }, 'could not count'],
    ['info', { failed: 61 }, 'can count again'],
  ]);
});

test('another failure is said at once, and so is the same one after it worked', () => {
  const { lines, it } = failing();
  const other = new Error('a bug');
  it.failed(DOWN);
  it.failed(other);
  it.failed(DOWN);
  it.worked();
  it.failed(DOWN);
  expect(lines.map(([level, fields]) => [level, fields])).toEqual([
    ['warn', { because: DOWN.message }],
    ['warn', { err: other }],
    ['info', { failed: 3 }],
    ['warn', { because: DOWN.message }],
  ]);
});

test('each chore is told by its name', () => {
  const lines: ThreadLine[] = [];
  const news = newsOf(logOf((line) => lines.push(line)));
  for (const name of ['count', 'seal', 'count']) news.onTrouble(name, DOWN);
  news.onDone('count');
  news.onDone('sweep');
  expect(lines.map(([, , message]) => message)).toEqual([
    'could not count: trying again',
    'could not seal: trying again',
    'can count again',
  ]);
});

test('a stack is for what is no known failure of the database, and words for callers are for no operator', () => {
  const forCallers = 'read the settings, and send the change again';
  const told = (cause?: unknown) =>
    toldOf(new DomainError('not_confirmed', forCallers, undefined, { cause }));
  const bug = told(new Error('a bug'));
  expect(told(DOWN)).toEqual({ because: DOWN.message });
  expect(told()).toEqual({ because: expect.stringContaining('cannot follow the consent log now') });
  expect(Object.keys(bug)).toEqual(['err']);
  expect(toldOf(new AggregateError([DOWN, DOWN]))).toEqual({ because: DOWN.message });
  expect(Object.keys(toldOf(new AggregateError([DOWN, new Error('a bug')])))).toEqual(['err']);
});
