/** A log that nobody reads: the service goes on, within its memory, and says later what it could not say. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok } from './admins.js';
import { EVALUATION, mayRead } from './questions.js';
import { type Service, startService } from './service.js';

/** More, and longer, lines than a pipe and the room for those that wait can hold. */
const REQUESTS = 2_000;
const AT_ONCE = 100;
const REQUEST_ID = 'a'.repeat(8_000);

let service: Service;

beforeAll(async () => {
  service = await startService({ LOG_LEVEL: 'debug' });
});

afterAll(() => service.stop());

/** Has more said than anybody reads. */
async function overflow(): Promise<void> {
  const token = await service.token({ sub: 'ads', purposes: ['ads.personalised'] });
  const body = mayRead('ads.personalised', 'u-1');
  const headers = { 'x-request-id': REQUEST_ID };
  service.process.stdout?.pause();
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE)
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () =>
        ok(await service.request('POST', EVALUATION, { token, body, headers })),
      ),
    );
}

test('holds nobody up, and what was lost of it is counted in it', async () => {
  await overflow();
  service.process.stdout?.resume();
  const said = () => service.output().match(/"lines":(\d+),"message":"lines of the log were lost/)?.[1];
  await expect.poll(said).toBeDefined();
});

test('does not keep a process that ends', async () => {
  await overflow();
  expect(await service.kill('SIGTERM')).toBe(0);
});
