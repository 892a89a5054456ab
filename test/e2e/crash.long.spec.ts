import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rm } from 'node:fs/promises';
import { type ConsentEvent, isKept } from '../../src/decision/consent-event.js';
import { openDatabase } from '../../src/store/database/database.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { times } from '../times.js';
import { saidOf } from './people.js';
import { type Service, startService, newDataFolder } from './service.js';
import { revisionIn } from './tokens.js';

/** Kills per storage. */
const KILLS = times(10, 10);
const WRITERS = 24;
const PURPOSES = ['personalise', 'improve', 'research', 'ads.personalised'];

/** A change that the service acknowledged. */
type Acknowledged = {
  readonly user: string;
  readonly purpose: string;
  readonly choice: string;
  readonly revision: number;
};

describe('a service killed with SIGKILL in a storm of choices', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  test.each([
    ['the embedded database', async () => ({})],
    ['a PostgreSQL server', async () => ({ DATABASE_URL: await postgres.createDatabase('storm') })],
  ])(
    `keeps every acknowledged change over ${KILLS} kills, on %s`,
    async (_storage, environment) => {
      const dataDir = await newDataFolder();
      const env: Record<string, string> = { DATA_DIR: dataDir, LOG_LEVEL: 'info', ...(await environment()) };
      const acknowledged: Acknowledged[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const service = await startService(env);
        // each round ends after another number of acknowledgements, so that the kill falls at another moment
        await storm(service, 40 + kill * 37, acknowledged);
      }
      const last = await startService(env);
      expect(await last.kill('SIGTERM')).toBe(0);

      const events = await wholeLog(env['DATABASE_URL'], dataDir);
      expect(events.map((event) => event.revision)).toEqual(events.map((_event, index) => index + 1));
      expect(acknowledged.length).toBeGreaterThan(KILLS * 40);
      for (const { user, purpose, choice, revision } of acknowledged)
        expect(events[revision - 1]).toMatchObject({ user, change: { kind: 'choice', purpose, choice } });
      await rm(dataDir, { recursive: true, force: true });
    },
    600_000,
  );
});

/** Writers change choices until so many are acknowledged; then the process is killed in the midst of it. */
async function storm(service: Service, enough: number, acknowledged: Acknowledged[]): Promise<void> {
  const token = await service.token({ sub: 'storm', purposes: [], scope: 'choices:write' });
  const before = acknowledged.length;
  let killed: Promise<unknown> | undefined;
  const write = async (writer: number): Promise<void> => {
    for (let turn = 0; killed === undefined; turn++) {
      const user = `user-${writer}`;
      const purpose = PURPOSES[turn % PURPOSES.length] ?? '';
      const choice = (turn + acknowledged.length) % 2 === 0 ? 'denied' : 'granted';
      let reply;
      try {
        reply = await service.request('PUT', `/v1/users/${user}/choices/${purpose}`, {
          token,
          body: saidOf(choice),
        });
      } catch {
        return; // the process is gone; nothing was acknowledged
      }
      // a process that has just started cannot know whether the denials of late were acknowledged (decision 002)
      if (choice === 'granted' && reply.status === 409) continue;
      expect(reply.status).toBe(200);
      const { body } = reply;
      if (typeof body !== 'object' || body === null || !('consistency_token' in body) || !('changed' in body))
        throw new Error('the change was not acknowledged');
      const revision = revisionIn(String(body.consistency_token));
      if (body.changed === true) acknowledged.push({ user, purpose, choice, revision });
      if (acknowledged.length - before >= enough) killed ??= service.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  await killed;
}

async function wholeLog(databaseUrl: string | undefined, dataDir: string): Promise<ConsentEvent[]> {
  const database = await openDatabase({ databaseUrl, dataDir });
  try {
    return (await new PrismaConsentStore(database).read(0, 1_000_000)).filter(isKept);
  } finally {
    await database.close();
  }
}
