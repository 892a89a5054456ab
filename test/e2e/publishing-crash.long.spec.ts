/** A service killed with SIGKILL while it publishes starts on the old version or on the new one, whole. */
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentIdOf } from '../../src/policy/content-id.js';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { type Admins, type SeenDraft, adminsOf, ok, pointerTo } from './admins.js';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { listAt, numberAt, textAt, valueAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';
import { times } from '../times.js';
import { REFERENCE } from '../reference-policy.js';

/** Kills per storage. */
const KILLS = times(25, 9);
const USER = 'u-lasting';
const RESEARCH = pointerTo(REFERENCE, 'purposes', 'research');

/** A publish that was cut off, and whether it was answered before. */
type Round = { readonly draft: SeenDraft; readonly old: string; readonly acknowledged: boolean };

describe.concurrent('a service killed with SIGKILL while it publishes', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  test.each([
    ['the embedded database', async () => ({})],
    ['a PostgreSQL server', async () => ({ DATABASE_URL: await postgres.createDatabase('publishing') })],
  ])(
    `is on the old version or on the new one after each of ${KILLS} kills, on %s`,
    async (storage, environment) => {
      const dataDir = await temporaryFolder();
      const env = { DATA_DIR: dataDir, SNAPSHOT_MINUTES: '0', ...(await environment()) };
      const took: number[] = [];
      let last: Round | undefined;
      const counts = { old: 0, new: 0, acknowledged: 0 };
      for (let kill = 0; kill <= KILLS; kill++) {
        const service = await startService(env);
        const admins = await adminsOf(service);
        if (last === undefined) await (await peopleOf(service)).register(USER, 'DE');
        else {
          const live = await expectWhole(service, admins, last);
          counts[live]++;
          if (last.acknowledged) counts.acknowledged++;
        }
        if (kill === KILLS) await service.kill('SIGTERM');
        else {
          // one unharmed publish tells how long it takes here; the kills are spread over that time
          took.push(await timedPublish(admins));
          const typical = took.toSorted((one, other) => one - other)[Math.floor(took.length / 2)] ?? 0;
          last = await killedPublish(service, admins, (typical * 1.1 * kill) / (KILLS - 1));
        }
      }
      process.stdout.write(`${storage}: ${KILLS} kills, ${JSON.stringify(counts)}\n`);
      // kills that all fall on one side of the commit would prove nothing
      expect(Math.min(counts.old, counts.new)).toBeGreaterThan(0);
      await rm(dataDir, { recursive: true, force: true });
    },
    600_000,
  );
});

/** A draft that turns what research may do in the European Union, with all approvals that it takes. */
async function approvedDraft(admins: Admins): Promise<SeenDraft> {
  const current = ok(await admins.send('ann', 'GET', '/current'));
  const research = listAt(current, 'document', 'purposes').find((one) => valueAt(one, 'id') === 'research');
  const value = valueAt(research, 'settings', 'EU_EEA_CH') === 'never' ? 'opt_out' : 'never';
  const draft = await admins.draft('ann', [
    { op: 'replace', path: `${RESEARCH}/settings/EU_EEA_CH`, value },
    // so that no version comes twice, and a publish has a version to write
    { op: 'replace', path: `${RESEARCH}/title`, value: `Research ${draftCount++}` },
  ]);
  for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
  return draft;
}
let draftCount = 0;

async function timedPublish(admins: Admins): Promise<number> {
  const draft = await approvedDraft(admins);
  const start = performance.now();
  ok(await admins.publish('ann', draft));
  return performance.now() - start;
}

async function killedPublish(service: Service, admins: Admins, delay: number): Promise<Round> {
  const old = await admins.current();
  const draft = await approvedDraft(admins);
  const publishing = admins.publish('ann', draft).then(
    ({ status }) => {
      expect(status).toBe(200);
      return true;
    },
    () => false, // the process is gone
  );
  await pause(delay);
  await service.kill('SIGKILL');
  return { draft, old, acknowledged: await publishing };
}

/** That exactly one of the two versions is in force, in every respect. */
async function expectWhole(
  service: Service,
  admins: Admins,
  { draft, old, acknowledged }: Round,
): Promise<'old' | 'new'> {
  const current = ok(await admins.send('ann', 'GET', '/current'));
  const id = textAt(current, 'id');
  expect([old, draft.content]).toContain(id);
  const live = id === old ? 'old' : 'new';
  if (acknowledged) expect(live).toBe('new');
  expect(await contentIdOf(valueAt(current, 'document'))).toBe(id);

  const list = ok(await admins.send('ann', 'GET', ''));
  expect(valueAt(list, 'current')).toBe(id);
  const publications = listAt(list, 'publications');
  expect(publications[0]).toMatchObject({ version: id });
  expect(publications.map((publication) => numberAt(publication, 'sequence'))).toEqual(
    publications.map((_publication, at) => publications.length - at),
  );
  expect(publications.some((publication) => valueAt(publication, 'draft') === draft.id)).toBe(live === 'new');
  expect(await admins.get(draft)).toMatchObject({ status: live === 'new' ? 'published' : 'open' });

  const research = listAt(current, 'document', 'purposes').find((one) => valueAt(one, 'id') === 'research');
  const closed = valueAt(research, 'settings', 'EU_EEA_CH') === 'never';
  const answer = await service.request('POST', EVALUATION, {
    token: await service.token({ sub: 'pep', purposes: ['research'] }),
    body: mayRead('research', USER),
  });
  expect(ok(answer)).toMatchObject({
    decision: !closed,
    context: { policy: id, reason: closed ? 'regime_never' : 'permitted' },
  });
  return live;
}
