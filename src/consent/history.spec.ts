import { describe, expect, it } from 'vitest';
import type { ConsentChange, ConsentEvent } from '../decision/consent-event.js';
import { historyIn } from './history.js';

/** A log of one user, which hands out its pages as a store does. */
function logOf(changes: readonly (readonly [ConsentChange, Partial<ConsentEvent>?])[]) {
  const events = changes.map(([change, more = {}], index): ConsentEvent => ({
    revision: 2 * (index + 1),
    user: 'u-1',
    by: { kind: 'user', id: 'u-1' },
    at: 1_000 * (index + 1),
    via: 'settings',
    change,
    ...more,
  }));
  return {
    events,
    readUser: (_user: string, after: number, limit: number) =>
      Promise.resolve(events.filter(({ revision }) => revision > after).slice(0, limit)),
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
    const { choices, signals } = await historyIn(log, 'u-1', 100);
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
    const { choices } = await historyIn(log, 'u-1', 100);
    expect(choices.get('ai')).toEqual({ by: { kind: 'user', id: 'u-1' }, via: 'settings', at: 1_000 });
  });

  it('knows nothing of what was said after the record was taken', async () => {
    const log = logOf([[said('ai', 'denied')], [said('ai', 'granted')], [said('ads', 'denied')]]);
    const { choices } = await historyIn(log, 'u-1', 3);
    expect([...choices]).toEqual([['ai', { by: { kind: 'user', id: 'u-1' }, via: 'settings', at: 1_000 }]]);
  });

  it.each([999, 1_000, 1_001, 2_000, 2_500])(
    'is whole after %d events, however they fall into pages',
    async (count) => {
      const log = logOf(Array.from({ length: count }, (_, n) => [said(`p${n}`, 'denied')] as const));
      const { choices } = await historyIn(log, 'u-1', 1_000_000);
      expect(choices.size).toBe(count);
    },
  );

  it('of somebody who never said anything is empty', async () => {
    const { choices, signals } = await historyIn(logOf([]), 'u-1', 7);
    expect([choices.size, signals.size]).toEqual([0, 0]);
  });
});
