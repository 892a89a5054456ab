import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemorySpentIdStore } from '../../test/memory/memory-spent-ids.store.js';
import { Sealing } from './sealing.js';
import { SESSION, Sessions } from './sessions.js';

const MINUTE = 60_000;
const LIFETIMES = { idle: 30 * MINUTE, longest: 12 * 60 * MINUTE };
const ISSUER = 'https://id.example';
const MO = { kind: 'user', id: 'mo' } as const;

let now: number;
let spent: MemorySpentIdStore;
const keyOf = (use: string) => [createHash('sha256').update(use).digest(), ''] as const;
const sessionsOf = (issuers: readonly string[]) =>
  new Sessions(new Sealing('sessions', keyOf, () => now), spent, LIFETIMES, issuers, () => now);
/** What a browser sends of a `Set-Cookie`. */
const sentOf = (cookie = '') => cookie.split(';', 1)[0];

beforeEach(() => {
  now = Date.UTC(2026, 10, 29, 23, 50);
  spent = new MemorySpentIdStore();
});

describe('a session', () => {
  it('is found by its cookie for the idle time, across midnight, and not a millisecond longer', async () => {
    const sessions = sessionsOf([ISSUER]);
    const cookie = sentOf(await sessions.begin(MO, ISSUER));
    now += LIFETIMES.idle - 1;
    expect(await sessions.find(cookie)).toMatchObject({ person: MO, issuer: ISSUER });
    now += 1;
    await expect(sessions.find(cookie)).rejects.toMatchObject({ code: 'not_authenticated' });
  });

  it('tells whose it is without waiting once it was found, and no more when it was found to have ended', async () => {
    const sessions = sessionsOf([ISSUER]);
    const cookie = sentOf(await sessions.begin(MO, ISSUER));
    const among = `theme=dark; ${cookie}; other=1`;
    expect(sessions.holderOf(among)).toBeUndefined();
    const found = await sessions.find(cookie);
    expect(sessions.holderOf(among)).toEqual(MO);
    expect(sessions.holderOf(`${cookie}x`)).toBeUndefined();
    expect(sessions.holderOf(undefined)).toBeUndefined();
    if (found !== undefined) await sessions.end(found);
    await expect(sessions.find(cookie)).rejects.toThrow();
    expect(sessions.holderOf(cookie)).toBeUndefined();
  });

  it('that is used lives until its latest end, by ever new cookies', async () => {
    const sessions = sessionsOf([ISSUER]);
    const began = now;
    let cookie = sentOf(await sessions.begin(MO, ISSUER));
    const ids = new Set<string>();
    for (; now < began + LIFETIMES.longest; now += 10 * MINUTE) {
      const found = await sessions.find(cookie);
      if (found === undefined) throw new Error('there is a cookie');
      ids.add(found.id);
      const { session, cookie: renewed } = await sessions.renewed(found);
      // a quarter of the idle time is over each time but the first
      expect(renewed === undefined).toBe(now === began);
      expect(sessions.endsOf(session)).toEqual({
        idle: Math.min(now + LIFETIMES.idle, began + LIFETIMES.longest),
        latest: began + LIFETIMES.longest,
      });
      cookie = renewed === undefined ? cookie : sentOf(renewed);
    }
    expect(ids.size).toBe(1);
    await expect(sessions.find(cookie)).rejects.toMatchObject({ code: 'not_authenticated' });
  });

  it('that ended is found by none of the cookies that it ever had', async () => {
    const sessions = sessionsOf([ISSUER]);
    const cookies = [sentOf(await sessions.begin(MO, ISSUER))];
    for (let time = 0; time < 5; time++) {
      now += 10 * MINUTE;
      const found = await sessions.find(cookies.at(-1));
      if (found === undefined) throw new Error('there is a cookie');
      cookies.push(sentOf((await sessions.renewed(found)).cookie));
    }
    const last = await sessions.find(cookies.at(-1));
    if (last !== undefined) await sessions.end(last);
    for (const cookie of cookies)
      await expect(sessions.find(cookie)).rejects.toMatchObject({ code: 'not_authenticated' });
  });

  it('that ended is remembered as long as it could have lasted, by any clock', async () => {
    const sessions = sessionsOf([ISSUER]);
    const began = now;
    let cookie = sentOf(await sessions.begin(MO, ISSUER));
    while (now < began + LIFETIMES.longest - 10 * MINUTE) {
      now += 10 * MINUTE;
      const found = await sessions.find(cookie);
      if (found !== undefined) cookie = sentOf((await sessions.renewed(found)).cookie);
    }
    const last = await sessions.find(cookie);
    if (last !== undefined) await sessions.end(last);
    // another one that ends has what counts no more forgotten, in a process whose clock is ahead
    now = began + LIFETIMES.longest + MINUTE;
    const other = await sessions.find(sentOf(await sessions.begin(MO, ISSUER)));
    if (other !== undefined) await sessions.end(other);
    now = began + LIFETIMES.longest - 1;
    await expect(sessions.find(cookie)).rejects.toMatchObject({ code: 'not_authenticated' });
  });

  it('of an issuer that is trusted no longer is none', async () => {
    const cookie = sentOf(await sessionsOf([ISSUER]).begin(MO, ISSUER));
    expect(await sessionsOf(['https://other.example', ISSUER]).find(cookie)).toBeDefined();
    await expect(sessionsOf(['https://other.example']).find(cookie)).rejects.toMatchObject({
      code: 'not_authenticated',
    });
  });

  it('is none when nobody knows whether it was ended', async () => {
    const sessions = sessionsOf([ISSUER]);
    const cookie = sentOf(await sessions.begin(MO, ISSUER));
    spent.isSpent = () => Promise.reject(new Error('the database does not answer'));
    await expect(sessions.find(cookie)).rejects.toThrow('the database does not answer');
  });

  it('is not looked for where there is no cookie', async () => {
    for (const cookies of [undefined, '', 'theirs=1', `__Host-${SESSION}=`])
      expect(await sessionsOf([ISSUER]).find(cookies)).toBeUndefined();
  });
});
