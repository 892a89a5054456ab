/** Levels that race, and what holds. */
import { describe, expect, test } from 'vitest';
import { policiesOn } from '../../../test/at-once.js';
import { followedLog } from '../../../test/house.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import type { ConsentEvent, NewConsentEvent } from '../../decision/consent-event.js';
import type { Appending } from '../log/consent.store.js';
import { Visibility } from './visibility.js';

const MEMBER = { kind: 'user', id: 'u' } as const;

/** A store whose appends wait. */
class SlowStore extends MemoryConsentStore {
  hold: Promise<void> | undefined;

  override async append(
    events: readonly NewConsentEvent[],
    appending?: Appending,
  ): Promise<readonly ConsentEvent[]> {
    await this.hold;
    return super.append(events, appending);
  }
}

async function set() {
  const store = new SlowStore();
  const log = await followedLog(store);
  const visibility = new Visibility(log, policiesOn(REFERENCE), () => 0);
  let release = () => {};
  store.hold = new Promise((resolve) => (release = resolve));
  const to = (level: string, group = 'posts') => visibility.set('u', MEMBER, group, level);
  const held = () => log.state.recordOf('u').visibility?.get('posts');
  return { to, held, release };
}

describe('of two levels of a group that race', () => {
  test.each([
    ['only_me', 'everyone'],
    ['only_me', 'connections'],
    ['connections', 'everyone'],
  ])('`%s`, which is stricter, holds, and `%s` is refused', async (stricter, wider) => {
    const { to, held, release } = await set();
    const first = to(stricter);
    await expect(to(wider)).rejects.toMatchObject({ code: 'opt_out_in_progress' });
    release();
    await first;
    expect(held()).toBe(stricter);
    await to(wider);
    expect(held()).toBe(wider);
  });

  test.each([
    ['everyone', 'only_me'],
    ['everyone', 'connections'],
    ['connections', 'only_me'],
    ['connections', 'connections'],
    ['only_me', 'only_me'],
  ])('after `%s` comes `%s`, which is as strict or stricter and holds', async (wider, stricter) => {
    const { to, held, release } = await set();
    const both = [to(wider), to(stricter)];
    release();
    await Promise.all(both);
    expect(held()).toBe(stricter);
  });

  test('those of another group are none', async () => {
    const { to, held, release } = await set();
    const both = [to('only_me'), to('everyone', 'profile_photo')];
    release();
    await Promise.all(both);
    expect(held()).toBe('only_me');
  });
});
