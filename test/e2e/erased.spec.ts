/** Somebody who erased themselves, and what a page that is still open says of them afterwards. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAt, textAt, valueAt } from './replies.js';
import { newDataFolder } from '../data-folder.js';
import { type Service, startService } from './service.js';

const TC_STRING = 'CQuIxQAQuIxQAEsABAENAFFgAJAAAEIAAAAAAAAAAAAA.IAAA';
/** What a page or a service sends for a user. */
const WRITES = [
  { method: 'PUT', path: '/choices/ai', body: { choice: 'denied' } },
  { method: 'PUT', path: '/choices/recruiting', body: { choice: 'granted', notice: 1 } },
  { method: 'PUT', path: '/choices', body: { choice: 'denied' } },
  { method: 'PUT', path: '/choices', body: { choices: [{ purpose: 'ai', choice: 'denied' }] } },
  { method: 'PUT', path: '/visibility/posts', body: { level: 'only_me' } },
  { method: 'POST', path: '/signals', body: { signal: 'gpc' } },
  { method: 'POST', path: '/signals', body: { signal: 'tcf', tc_string: TC_STRING } },
] as const;
/** What hears Global Privacy Control without writing anything else. */
const READS = ['/settings', '/prompts', '/choices/ai'];

let dataDir: string;
let service: Service;
let accounts: string;
let auditor: string;

async function start(): Promise<void> {
  service = await startService({ DATA_DIR: dataDir });
  accounts = await service.token({
    sub: 'accounts',
    purposes: [],
    scope: 'users:write settings:read choices:write users:erase',
  });
  auditor = await service.token({ sub: 'auditor', roles: ['auditor'] });
}

beforeAll(async () => {
  dataDir = await newDataFolder();
  await start();
});
afterAll(async () => {
  await service.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const register = (user: string) =>
  service.request('PUT', `/v1/users/${user}`, {
    token: accounts,
    body: { region: 'US-CA', age_band: 'adult' },
  });
const revision = async () =>
  valueAt((await service.request('GET', '/v1/log', { token: auditor })).body, 'revision');

/** A user who erased themselves; their page still has a token. */
async function erased(user: string) {
  await register(user);
  const token = await service.token({ sub: user });
  await service.request('PUT', '/v1/users/me/choices/ai', { token, body: { choice: 'granted' } });
  const { body } = await service.request('DELETE', '/v1/users/me', {
    token,
    headers: { 'accept-language': 'de' },
  });
  return { token, body };
}

async function holdNothingIsWritten(user: string, token: string): Promise<void> {
  const before = await revision();
  for (const { method, path, body } of WRITES)
    for (const [address, sender] of [
      ['me', token],
      [user, accounts],
    ] as const)
      for (const headers of [{}, { 'sec-gpc': '1' }])
        expect(
          await service.request(method, `/v1/users/${address}${path}`, { token: sender, body, headers }),
          `${method} ${path} as ${address}`,
        ).toMatchObject({ status: 409, body: { type: 'urn:assent:problem:user_erased' } });
  for (const path of READS)
    expect(
      await service.request('GET', `/v1/users/me${path}`, { token, headers: { 'sec-gpc': '1' } }),
    ).toMatchObject({ status: 200 });
  const profile = { region: 'DE', age_band: 'adult' };
  expect(await service.request('PUT', '/v1/users/me', { token, body: profile })).toMatchObject({
    status: 400,
  });
  expect(await service.request('PUT', `/v1/users/${user}`, { token, body: profile })).toMatchObject({
    status: 403,
  });
  expect((await service.request('GET', '/v1/users/me/settings', { token })).body).toMatchObject({
    known: false,
    signals: [],
  });
  expect((await service.request('GET', '/v1/users/me/history', { token })).body).toMatchObject({
    events: [],
  });
  expect(await revision()).toBe(before);
}

describe('who erased themselves', () => {
  test('is told what is kept, why and until when', async () => {
    const { body } = await erased('told');
    expect(body).toMatchObject({ erased: true });
    const kept = listAt(body, 'kept');
    expect(kept.map((one) => textAt(one, 'kind'))).toEqual([
      'erasure',
      'log',
      'erased_id',
      'erasure_list',
      'uses',
      'training_sets',
    ]);
    expect(textAt(kept, 2, 'what')).toBe('Ihre Kennung, versiegelt.');
    const days = Date.parse(textAt(kept, 2, 'until')) - Date.parse(textAt(body, 'record', 'at'));
    expect(days).toBe(2 * 86_400_000);
  });

  test('is not recorded anew by whatever is still on its way, also after a restart', async () => {
    const { token } = await erased('gone');
    await holdNothingIsWritten('gone', token);
    await service.kill('SIGKILL');
    await start();
    await holdNothingIsWritten('gone', token);
  });

  test('is a new user once a service registers them', async () => {
    const { token } = await erased('back');
    expect(await register('back')).toMatchObject({ status: 200 });
    expect(
      await service.request('PUT', '/v1/users/me/choices/research', {
        token,
        body: { choice: 'denied' },
        headers: { 'sec-gpc': '1' },
      }),
    ).toMatchObject({ status: 200, body: { changed: true } });
    const { body } = await service.request('GET', '/v1/users/me/history', { token });
    expect(listAt(body, 'events').map((event) => textAt(event, 'kind'))).toEqual([
      'profile',
      'signal',
      'choice',
    ]);
  });

  test('leaves everybody else who is not known yet as they are', async () => {
    await erased('another');
    const token = await service.token({ sub: 'newcomer' });
    expect(
      await service.request('PUT', '/v1/users/me/choices/ai', { token, body: { choice: 'denied' } }),
    ).toMatchObject({ status: 200, body: { changed: true } });
  });
});
