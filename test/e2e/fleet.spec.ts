/**
 * Processes that share one PostgreSQL: whatever one of them confirmed, all of them decide on.
 *
 * @module-tag once
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { REFERENCE } from '../reference-policy.js';
import { adminsOf, ok, pointerTo } from './admins.js';
import { BrowserByHand } from './by-hand.js';
import { type FreezingProxy, freezingProxy } from './freezing-proxy.js';
import { peopleOf, saidOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { rawRequest } from './raw-request.js';
import { textAt, valueAt } from './replies.js';
import { BOTH_RUNS, times } from '../times.js';
import { type Service, refusalToStart, startService, temporaryFolder } from './service.js';
import { revisionIn, tokenAt } from './tokens.js';

/** Nobody may be asked about it in Germany unless they granted it. */
const PURPOSE = 'ads.personalised';
/** Everybody may be asked about it there until it is closed. */
const CLOSED = 'research';
/** Everybody may be asked about it in California until a signal closes it. */
const SOLD = 'ads.off_platform';

let postgres: PostgresServer;
let databaseUrl: string;
let keyFile: string;
/** The way of the third process to the database. */
let proxy: FreezingProxy;
let one: Service;
let two: Service;
let three: Service;

const start = (url = databaseUrl) => startService({ DATABASE_URL: url, KEY_FILE: keyFile });

beforeAll(async () => {
  postgres = await startPostgres();
  databaseUrl = await postgres.createDatabase('fleet');
  proxy = await freezingProxy(databaseUrl);
  keyFile = join(await temporaryFolder(), 'key');
  one = await start();
  [two, three] = await Promise.all([start(), start(proxy.url)]);
});
afterAll(async () => {
  await Promise.all([one, two, three].map((service) => service.stop()));
  proxy.close();
  await postgres.stop();
});

async function choosing(service: Service, user: string, choice: 'granted' | 'denied', until?: string) {
  const token = await service.token({ sub: 'accounts', purposes: [], scope: 'choices:write' });
  const body = { ...saidOf(choice), ...(until === undefined ? {} : { until }) };
  return service.request('PUT', `/v1/users/${user}/choices/${PURPOSE}`, { token, body });
}

/** Whether a purpose may read, asked of a service. */
async function askerOf(service: Service): Promise<(user: string, purpose?: string) => Promise<boolean>> {
  const token = await service.token({ sub: 'pep', purposes: [PURPOSE, CLOSED, SOLD] });
  return async (user, purpose = PURPOSE) => {
    const { body } = await service.request('POST', EVALUATION, { token, body: mayRead(purpose, user) });
    return valueAt(body, 'decision') === true;
  };
}

async function granted(service: Service, user: string): Promise<void> {
  const people = await peopleOf(service);
  await people.register(user, 'DE');
  await people.choose(user, PURPOSE, 'granted');
}

describe('a fleet', () => {
  test('decides everywhere on what any of it has confirmed, from that moment on', BOTH_RUNS, async () => {
    const services = [one, two, three];
    const askers = await Promise.all(services.map(askerOf));
    for (let user = 0; user < times(200, 30); user++) {
      const writer = services[user % 3] ?? expect.unreachable();
      await granted(writer, `u-${user}`);
      // who was kept from renewing its lease denies for a moment
      await expect.poll(() => Promise.all(askers.map((ask) => ask(`u-${user}`)))).toEqual([true, true, true]);
      const other = services[(user + 1) % 3] ?? expect.unreachable();
      expect(await choosing(other, `u-${user}`, 'denied')).toMatchObject({ status: 200 });
      expect(await Promise.all(askers.map((ask) => ask(`u-${user}`)))).toEqual([false, false, false]);
    }
  });

  test(
    'keeps a post to its author everywhere, from the moment that any of it has confirmed that',
    BOTH_RUNS,
    async () => {
      const people = await peopleOf(one);
      const services = [one, two, three];
      const token = await one.token({ sub: 'accounts', purposes: [], scope: 'choices:write' });
      const askers = await Promise.all(
        services.map(async (service) => {
          const feed = await service.token({ sub: 'pep', purposes: ['personalise'] });
          return async (user: string) => {
            const body = mayRead('personalise', user, 'post.text');
            return valueAt(
              (await service.request('POST', EVALUATION, { token: feed, body })).body,
              'decision',
            );
          };
        }),
      );
      for (let user = 0; user < times(100, 10); user++) {
        await people.register(`v-${user}`, 'US-NY');
        const all = () => Promise.all(askers.map((ask) => ask(`v-${user}`)));
        await expect.poll(all).toEqual([true, true, true]);
        const body = { level: 'only_me' };
        const path = `/v1/users/v-${user}/visibility/posts`;
        expect(await one.request('PUT', path, { token, body })).toMatchObject({ status: 200 });
        expect(await all()).toEqual([false, false, false]);
      }
    },
  );

  test('knows everywhere who signed in, and from that moment on who signed out', async () => {
    const services = [one, two, three];
    for (const [at, service] of services.entries()) {
      const here = new BrowserByHand(service.url);
      await here.send('POST', `${service.url}/session/sign-in`, {
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'sec-fetch-site': 'same-origin',
        },
        body: `id=u-${at}`,
      });
      const everywhere = services.map(({ url }) => {
        const browser = new BrowserByHand(url);
        browser.put('__Host-assent-session', here.session);
        return browser;
      });
      const asked = () =>
        Promise.all(everywhere.map(async (browser) => (await browser.fetches('GET', '/v1/me')).status));
      expect(await asked()).toEqual([200, 200, 200]);
      expect((await here.fetches('POST', '/session/sign-out')).status).toBe(200);
      expect(await asked()).toEqual([401, 401, 401]);
    }
  });

  test('waits for a process that hangs no longer than its lease, once, and that one never permits what was denied', async () => {
    await granted(one, 'u-hung');
    await granted(one, 'u-next');
    const ask = await askerOf(two);
    // who was kept from renewing its lease denies for a moment, here and wherever a permit is waited for
    await expect.poll(() => ask('u-hung')).toBe(true);
    two.process.kill('SIGSTOP');
    const asked = [ask('u-hung'), ask('u-hung')];
    expect(await choosing(one, 'u-hung', 'denied')).toMatchObject({ status: 200 });
    expect(await choosing(one, 'u-next', 'denied')).toMatchObject({ status: 200 });
    two.process.kill('SIGCONT');
    expect(await Promise.all(asked)).toEqual([false, false]);
    // it joins anew, and decides again
    await granted(one, 'u-after');
    await expect.poll(() => ask('u-after')).toBe(true);
    expect([await ask('u-hung'), await ask('u-next')]).toEqual([false, false]);
  });

  test('erases, publishes and lets a grant end while a process is paused, which never permits what was before', async () => {
    await granted(one, 'u-erased');
    await granted(one, 'u-ending');
    await granted(one, 'u-kept');
    const admins = await adminsOf(one);
    const value = 'never';
    const path = `${pointerTo(REFERENCE, 'purposes', CLOSED)}/settings/EU_EEA_CH`;
    const draft = await admins.draft('ann', [{ op: 'replace', path, value }]);
    for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
    const here = await askerOf(one);
    const there = await askerOf(two);
    const questions = [['u-erased'], ['u-ending'], ['u-kept', CLOSED]] as const;
    const askAll = () => questions.map(([user, purpose]) => there(user, purpose));
    await expect.poll(() => Promise.all(askAll())).toEqual([true, true, true]);

    // ahead by more than a slow machine takes to send it
    ok(await choosing(one, 'u-ending', 'granted', new Date(Date.now() + 5_000).toISOString()));
    two.process.kill('SIGSTOP');
    await expect.poll(() => here('u-ending')).toBe(false);
    const token = await one.token({ sub: 'accounts', purposes: [], scope: 'users:erase' });
    ok(await one.request('DELETE', '/v1/users/u-erased', { token }));
    ok(await admins.publish('ann', draft));
    const asked = askAll();
    two.process.kill('SIGCONT');
    expect(await Promise.all(asked)).toEqual([false, false, false]);

    await granted(one, 'u-later');
    await expect.poll(() => there('u-later')).toBe(true);
    expect(await Promise.all(askAll())).toEqual([false, false, false]);
  });

  test('has a process deny, and say that it is not ready, that is cut off from the database, and take it back', async () => {
    await granted(one, 'u-cut-off');
    const ask = await askerOf(three);
    await expect.poll(() => ask('u-cut-off')).toBe(true);
    proxy.freeze();
    expect(await choosing(one, 'u-cut-off', 'denied')).toMatchObject({ status: 200 });
    expect(await ask('u-cut-off')).toBe(false);
    expect(await three.request('GET', '/health/ready')).toMatchObject({ status: 503 });
    proxy.thaw();
    await granted(one, 'u-taken-back');
    await expect.poll(() => ask('u-taken-back')).toBe(true);
    await expect.poll(async () => (await three.request('GET', '/health/ready')).status).toBe(200);
  });

  test('answers no request with a signal before all of it has heard that signal, whichever request brought it', async () => {
    await (await peopleOf(one)).register('u-heard', 'US-CA');
    const ask = await askerOf(three);
    await expect.poll(() => ask('u-heard', SOLD)).toBe(true);
    const caller = { sub: 'page', purposes: [], scope: 'settings:read' };
    const settings = async (service: Service, headers = {}) => {
      const token = await service.token(caller);
      return (await service.request('GET', '/v1/users/u-heard/settings', { token, headers })).body;
    };
    proxy.freeze();
    const first = settings(one, { 'sec-gpc': '1' });
    await expect.poll(async () => valueAt(await settings(two), 'signals')).toEqual(['gpc']);
    for (const service of [one, two]) {
      expect(valueAt(await settings(service, { 'sec-gpc': '1' }), 'signals')).toEqual(['gpc']);
      expect(await ask('u-heard', SOLD)).toBe(false);
    }
    await first;
    proxy.thaw();
    await expect.poll(async () => (await three.request('GET', '/health/ready')).status).toBe(200);
  });

  test('is asked through the database where a decision must rest on no clock', async () => {
    await granted(one, 'u-confirmed');
    const token = await two.token({ sub: 'ads', purposes: [PURPOSE] });
    const body = { ...mayRead(PURPOSE, 'u-confirmed'), context: { consistency: 'confirmed' } };
    const ask = async () =>
      valueAt((await two.request('POST', EVALUATION, { token, body })).body, 'decision');
    // the database may also confirm it later than that is waited for
    await expect.poll(ask).toBe(true);
    expect(await choosing(one, 'u-confirmed', 'denied')).toMatchObject({ status: 200 });
    expect(await ask()).toBe(false);
  });

  test('tells what changed from the token of a change on that a process has not read, and from none that was never given', async () => {
    await granted(one, 'u-told');
    const token = await two.token({ sub: 'index', purposes: [PURPOSE], scope: 'changes:read' });
    const follow = (after: string) =>
      two.request('GET', `/v1/changes?follow=false&after=${after}`, { token });
    two.process.kill('SIGSTOP');
    const { body } = await choosing(one, 'u-told', 'denied');
    const last = textAt(body, 'consistency_token');
    const behind = follow(last);
    two.process.kill('SIGCONT');
    expect([200, 503]).toContain((await behind).status);
    await expect.poll(async () => (await follow(last)).status).toBe(200);
    expect(await follow(tokenAt(last, revisionIn(last) + 1))).toMatchObject({ status: 400 });
  });

  test('says what an import has taken in only when all of it decides on that, whichever process took it in', async () => {
    await granted(one, 'u-imported');
    const ask = await askerOf(three);
    await expect.poll(() => ask('u-imported')).toBe(true);
    const caller = { sub: 'mover', purposes: [], scope: 'choices:import' };
    const [tokenOfOne, token] = [await one.token(caller), await two.token(caller)];
    const path = '/v1/imports/under-way';
    const headers = { 'content-type': 'application/x-ndjson' };
    proxy.freeze();
    const row = { user: 'u-imported', purpose: PURPOSE, choice: 'denied', at: new Date().toISOString() };
    const body = `${JSON.stringify(row)}\n`;
    const taken = one.request('POST', `${path}?from=1`, { token: tokenOfOne, body, headers });
    await expect.poll(async () => (await two.request('GET', path, { token })).status).toBe(200);
    expect(await ask('u-imported')).toBe(false);
    expect(await taken).toMatchObject({ status: 200 });
    proxy.thaw();
    await expect.poll(async () => (await three.request('GET', '/health/ready')).status).toBe(200);
  });

  test('takes the rows once of an import that another process goes on with', async () => {
    const rows = Array.from({ length: 10_000 }, (_, place) => ({ user: `row-${place}`, region: 'DE' }));
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
    const part = 1_024;
    const [before, after] = [lines.slice(0, part).join(''), lines.slice(part).join('')];
    const caller = { sub: 'mover', purposes: [], scope: 'choices:import' };
    const [tokenOfOne, token] = [await one.token(caller), await two.token(caller)];
    const path = '/v1/imports/one';
    const headers = { 'content-type': 'application/x-ndjson' };
    const progress = async () => (await two.request('GET', path, { token })).body;

    async function* inTwoParts() {
      yield before;
      await expect.poll(progress).toMatchObject({ line: part });
      const elsewhere = await two.request('POST', `${path}?from=${part + 1}`, {
        token,
        body: after,
        headers,
      });
      expect(String(elsewhere.body)).toContain('"done":true');
      yield after;
    }
    const authorization = `Bearer ${tokenOfOne}`;
    const { body } = await rawRequest(one.url, {
      method: 'POST',
      path: `${path}?from=1`,
      headers: { ...headers, authorization },
      body: inTwoParts(),
    });
    expect(body).toContain(`"line":${part},`);
    expect(body).toContain('import_elsewhere');
    expect(body).not.toContain('"done":true');
    const whole = { line: rows.length, summary: { changed: rows.length, unchanged: 0 } };
    expect(await progress()).toMatchObject(whole);
  });

  test('forgets everywhere who was erased by one of it', async () => {
    await granted(one, 'u-forgotten');
    const ask = await askerOf(two);
    await expect.poll(() => ask('u-forgotten')).toBe(true);
    const token = await one.token({ sub: 'accounts', purposes: [], scope: 'users:erase' });
    expect(await one.request('DELETE', '/v1/users/u-forgotten', { token })).toMatchObject({ status: 200 });
    expect(await ask('u-forgotten')).toBe(false);
    await granted(two, 'u-forgotten');
    const here = await askerOf(one);
    for (const each of [ask, here]) await expect.poll(() => each('u-forgotten')).toBe(true);
  });

  test('is told of two that share a folder, and goes on', async () => {
    const DATA_DIR = one.dataDir;
    const four = await startService({ DATABASE_URL: databaseUrl, KEY_FILE: keyFile, DATA_DIR });
    expect(await four.logged()).toContain('another process has the same folder');
    expect(await one.logged()).not.toContain('another process has the same folder');
    expect(await four.kill('SIGTERM')).toBe(0);
  });

  test('is left by a start that fails once it has joined, which says the cause alone', async () => {
    const { code, stdout, stderr } = await refusalToStart({
      DATABASE_URL: databaseUrl,
      KEY_FILE: keyFile,
      RECORD_DIR: '/dev/null/record',
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining('/dev/null/record')]);
    expect(stdout).toContain('consent state built');
    expect(stdout).not.toContain('"level":50');
  });

  test('goes on when a process is killed', async () => {
    await granted(two, 'u-killed');
    await two.kill('SIGKILL');
    const ask = await askerOf(one);
    await expect.poll(() => ask('u-killed')).toBe(true);
    expect(await choosing(one, 'u-killed', 'denied')).toMatchObject({ status: 200 });
    two = await start();
    expect(await (await askerOf(two))('u-killed')).toBe(false);
  });
});
