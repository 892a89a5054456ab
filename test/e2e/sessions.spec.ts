/** Sessions in development mode: who gets one, what it counts for, and what ends it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { peopleOf } from './people.js';
import { rawRequest } from './raw-request.js';
import { type Service, startService } from './service.js';

const USER = 'u-page';
let service: Service;

beforeAll(async () => {
  service = await startService();
  await (await peopleOf(service)).register(USER, 'DE');
});
afterAll(() => service.stop());

test('who picks a person in development mode has a session, and reads their settings by it', async () => {
  const form = 'id=u-page&to=%2Fsettings';
  const picked = await rawRequest(service.url, {
    method: 'POST',
    path: '/session/sign-in',
    headers: {
      host: new URL(service.url).host,
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      origin: service.url,
    },
    body: [form],
  });
  expect(picked.status, picked.body).toBe(303);
  expect(picked.headers.location).toBe('/settings');
  const [cookie = ''] = (picked.headers['set-cookie'] ?? []).map((one) => one.split(';', 1)[0] ?? '');
  const settings = await rawRequest(service.url, {
    method: 'GET',
    path: '/v1/users/me/settings',
    headers: { host: new URL(service.url).host, cookie, 'sec-fetch-site': 'same-origin' },
  });
  expect(settings.status, settings.body).toBe(200);
});
