/** A cache is never stale, whatever becomes of the process that it is attached to. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startPostgres } from '../../../test/contract/postgres-server.js';
import { freezingProxy } from '../../../test/e2e/freezing-proxy.js';
import { type People, peopleOf } from '../../../test/e2e/people.js';
import { newDataFolder } from '../../../test/data-folder.js';
import { type Service, startService } from '../../../test/e2e/service.js';
import { type Assent, createAssent } from '../../src/assent.js';

const PURPOSE = 'ads.personalised';
const FIELD = 'member.skills';
const DISCHARGES = ['min_cohort_300', 'pseudonymised', 'aggregate_only'];

let asked = 0;
const opened: Assent[] = [];

/** Node tells of each request that this process makes. */
function count(message: unknown): void {
  if (Reflect.get(Object(Reflect.get(Object(message), 'request')), 'path') === '/access/v1/evaluations')
    asked++;
}

beforeAll(() => subscribe('http.client.request.start', count));
beforeEach(() => () => {
  for (const one of opened.splice(0)) one.close();
});
afterAll(() => void unsubscribe('http.client.request.start', count));

async function clientOf(service: Service, url = service.url): Promise<Assent> {
  const token = await service.token({ sub: 'reader', purposes: [PURPOSE], scope: 'decisions:cache' });
  const made = createAssent({
    url,
    token,
    purpose: PURPOSE,
    discharges: DISCHARGES,
    cache: true,
    timeout: 2_000,
  });
  opened.push(made);
  return made;
}

/** Asks one question after the other until a permit is kept. */
async function untilKept(assent: Assent, user: string): Promise<void> {
  for (;;) {
    const before = asked;
    if ((await assent.may(user, FIELD)) && asked === before) return;
  }
}

/** Does it until it is confirmed. */
async function confirmed(work: () => Promise<unknown>): Promise<void> {
  const isDone = () =>
    work().then(
      () => true,
      () => false,
    );
  await expect.poll(isDone).toBe(true);
}

const deny = (people: People, user: string) => confirmed(() => people.choose(user, PURPOSE, 'denied'));

test('with several processes on one port answers are kept, and none that is stale', async () => {
  const postgres = await startPostgres();
  const service = await startService({
    DATABASE_URL: await postgres.createDatabase('caching'),
    WORKERS: '2',
    // a slow machine is evicted less often
    LEASE_MS: '8000',
  });
  try {
    const ready = () => [...service.output().matchAll(/"pid":(\d+),"message":"worker ready"/g)];
    await expect.poll(() => ready().length).toBe(2);
    const people = await peopleOf(service);
    const one = await clientOf(service);
    for (const user of ['u-1', 'u-2', 'u-3']) {
      await confirmed(() => people.register(user, 'US-CA'));
      await untilKept(one, user);
      await deny(people, user);
      expect(await one.may(user, FIELD)).toBe(false);
    }
  } finally {
    await service.stop();
    await postgres.stop();
  }
});

test('a process that follows one that was killed confirms nothing while a client that cannot know it may use its answers', async () => {
  const env = { DATA_DIR: await newDataFolder(), LEASE_MS: '20000' };
  const former = await startService(env);
  const proxy = await freezingProxy(former.url);
  try {
    await (await peopleOf(former)).register('u-1', 'US-CA');
    const one = await clientOf(former, proxy.url);
    await untilKept(one, 'u-1');
    proxy.freeze();
    await former.kill('SIGKILL');
    const service = await startService(env);
    try {
      const before = asked;
      const isUsed = (await one.may('u-1', FIELD)) && asked === before;
      await deny(await peopleOf(service), 'u-1');
      expect(await one.may('u-1', FIELD), isUsed ? 'used until then' : 'not used').toBe(false);
    } finally {
      await service.stop();
    }
  } finally {
    proxy.close();
    await rm(env.DATA_DIR, { recursive: true });
  }
});
