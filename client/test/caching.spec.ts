/** A cache is never stale: with one and without, a client hears the same after every confirmed change. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../../test/e2e/service.js';
import { type Assent, createAssent } from '../src/assent.js';

const PURPOSE = 'ads.personalised';
const FIELD = 'member.skills';
let service: Service;
let writer: string;
let asked = 0;
const count = (message: unknown) => {
  const path: unknown = Reflect.get(Object(Reflect.get(Object(message), 'request')), 'path');
  if (path === '/access/v1/evaluations') asked++;
};

beforeAll(async () => {
  subscribe('http.client.request.start', count);
  service = await startService();
  writer = await service.token({ sub: 'writer', purposes: [], scope: 'users:write choices:write' });
});
afterAll(async () => {
  unsubscribe('http.client.request.start', count);
  await service.stop();
});

async function client(cache: boolean): Promise<Assent> {
  const token = await service.token({ sub: 'reader', purposes: [PURPOSE], scope: 'decisions:cache' });
  return createAssent({ url: service.url, token, purpose: PURPOSE, discharges: ['min_cohort_300'], cache });
}

async function send(method: string, path: string, body: object): Promise<void> {
  const reply = await service.request(method, path, { token: writer, body });
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
}

test('an answer is asked for once, until a change of the user is confirmed', async () => {
  const one = await client(true);
  await send('PUT', '/v1/users/c-1', { region: 'US-CA', age_band: 'adult' });
  while (asked < 1000) {
    const before = asked;
    expect(await one.may('c-1', FIELD)).toBe(true);
    if (asked === before) break;
  }
  const before = performance.now();
  await send('PUT', `/v1/users/c-1/choices/${PURPOSE}`, { choice: 'denied' });
  console.log('confirmed in', performance.now() - before);
  expect(await one.may('c-1', FIELD)).toBe(false);
  one.close();
});
