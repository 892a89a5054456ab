import { describe, expect, it } from 'vitest';
import {
  type ConsentChange,
  type ConsentEvent,
  EMPTY_RECORD,
  applyChange,
} from '../../decision/consent-event.js';
import { historyIn } from './history.js';

/** A log of one user, which hands out its pages as a store does. */
function logOf(changes: readonly (readonly [ConsentChange, Partial<ConsentEvent>?])[]) {
  const events = changes.map(([change, more = {}], index): ConsentEvent => ({
    revision: 2 * (index + 1),
    subject: 1,
    user: 'u-1',
    by: { kind: 'user', id: 'u-1' },
    at: 1_000 * (index + 1),
    via: 'settings',
    change,
    ...more,
  }));
  const read: ConsentEvent[] = [];
  return {
    /** What was read, the newest first. */
    read,
    readUserBack: (_user: string, until: number, limit: number) => {
      const page = events
        .filter(({ revision }) => revision <= until)
        .toReversed()
        .slice(0, limit);
      read.push(...page);
      return Promise.resolve(page);
    },
    /** How the record of the user came about, as it was at a revision. */
    history(revision: number) {
      const changes = events.filter((event) => event.revision <= revision).map(({ change }) => change);
      return historyIn(this, 'u-1', changes.reduce(applyChange, EMPTY_RECORD), revision);
    },
  };
}

const said = (purpose: string, choice: 'granted' | 'denied'): ConsentChange => ({
  kind: 'choice',
  purpose,
  choice,
  notice: 0,
  signal: false,
});

describe('the history of a user', () => {
  it('is what was said last of each thing, how and when', async () => {
    const log = logOf([
      [said('ai', 'denied')],
      [said('ads', 'denied'), { by: { kind: 'service', id: 'accounts' } }],
      [{ kind: 'signal', signal: 'gpc' }, { via: 'gpc' }],
      [said('ai', 'granted'), { via: 'import', saidAt: 5 }],
    ]);
    const { choices, signals } = await log.history(100);
    expect(choices.get('ads')).toEqual({
      by: { kind: 'service', id: 'accounts' },
      via: 'settings',
      at: 2_000,
    });
    expect(choices.get('ai')).toEqual({ by: { kind: 'user', id: 'u-1' }, via: 'import', at: 5 });
    expect(signals.get('gpc')).toEqual({ by: { kind: 'user', id: 'u-1' }, via: 'gpc', at: 3_000 });
  });

  it('of a grant that a signal left as it was is how it was given', async () => {
    const log = logOf([[said('ai', 'granted')], [said('ai', 'granted'), { via: 'gpc' }]]);
    const { choices } = await log.history(100);
    expect(choices.get('ai')).toEqual({ by: { kind: 'user', id: 'u-1' }, via: 'settings', at: 1_000 });
  });

  it('knows nothing of what was said after the record was taken', async () => {
    const log = logOf([[said('ai', 'denied')], [said('ai', 'granted')], [said('ads', 'denied')]]);
    const { choices } = await log.history(3);
    expect([...choices]).toEqual([['ai', { by: { kind: 'user', id: 'u-1' }, via: 'settings', at: 1_000 }]]);
  });

  it.each([999, 1_000, 1_001, 2_000, 2_500])(
    'is whole after %d events, however they fall into pages',
    async (count) => {
      const log = logOf(Array.from({ length: count }, (_, n) => [said(`p${n}`, 'denied')] as const));
      const { choices } = await log.history(1_000_000);
      expect(choices.size).toBe(count);
    },
  );

  it('is read no further back than what was said last of each thing', async () => {
    const old = Array.from({ length: 5_000 }, () => [said('ai', 'granted')] as const);
    const log = logOf([...old, [{ kind: 'signal', signal: 'gpc' }], [said('ai', 'denied')]]);
    const { choices, signals } = await log.history(1_000_000);
    expect([choices.get('ai')?.at, signals.get('gpc')?.at]).toEqual([5_002_000, 5_001_000]);
    expect(log.read.length).toBeLessThanOrEqual(500);
  });

  it('is not read at all of a record that says nothing', async () => {
    const log = logOf([[{ kind: 'profile', region: 'DE', ageBand: 'adult' }]]);
    await log.history(100);
    expect(log.read).toEqual([]);
  });

  it('ends where somebody changed their mind without end', async () => {
    const endless = Array.from(
      { length: 15_000 },
      (_, n) => [said('ads', n % 2 === 0 ? 'granted' : 'denied')] as const,
    );
    const log = logOf([[said('ai', 'denied')], ...endless]);
    const { choices } = await log.history(1_000_000);
    expect([...choices.keys()]).toEqual(['ads']);
    expect(log.read).toHaveLength(10_000);
  });

  it('of somebody who never said anything is empty', async () => {
    const { choices, signals } = await logOf([]).history(7);
    expect([choices.size, signals.size]).toEqual([0, 0]);
  });
});
