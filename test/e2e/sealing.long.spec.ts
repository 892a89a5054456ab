/** Processes on one server that share a folder: one of them seals for all, and when it is killed, another one does. */
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { type Service, startService, temporaryFolder } from './service.js';

const ROOT = new URL('../..', import.meta.url).pathname;

let postgres: PostgresServer;
let folder: string;
let services: Service[];

beforeAll(async () => {
  postgres = await startPostgres();
  folder = await temporaryFolder();
  const env = {
    DATABASE_URL: await postgres.createDatabase('sealing'),
    KEY_FILE: join(folder, 'key'),
    RECORD_DIR: join(folder, 'record'),
    CHECKPOINT_DIR: join(folder, 'checkpoints'),
    CHECKPOINT_SECONDS: '1',
  };
  services = [await startService(env), await startService(env)];
});

afterAll(async () => {
  for (const service of services) await service.stop();
  await postgres.stop();
  await rm(folder, { recursive: true });
});

/** How many entries the last head of a log has; 0: there is none. */
async function sealed(log: string): Promise<number> {
  const head = await readFile(join(folder, 'record/heads', log, 'checkpoint'), 'utf8').catch(() => '');
  return Number(head.split('\n')[1] ?? 0);
}

async function decide(service: Service, user: string): Promise<void> {
  const token = await service.token({ sub: 'pep', purposes: ['service'] });
  expect(await service.request('POST', EVALUATION, { token, body: mayRead('service', user) })).toMatchObject({
    status: 200,
  });
}

test('what each decided is sealed, also after the one that seals was killed, and all of it verifies', async () => {
  const [one, two] = services;
  if (one === undefined || two === undefined) throw new Error('two were started');
  await (await peopleOf(one)).register('u-1', 'US-NY');
  for (const service of services) await decide(service, 'u-1');
  const grown = (log: string, size: number) =>
    vi.waitUntil(async () => (await sealed(log)) >= size, { timeout: 60_000 });
  await grown('record', 2);
  await grown('consent', 1);
  await one.kill('SIGKILL');
  await (await peopleOf(two)).register('u-2', 'US-NY');
  await decide(two, 'u-2');
  await grown('record', 3);
  await grown('consent', 2);
  const keys = await two.request('GET', '/.well-known/receipt-keys.json');
  await writeFile(join(folder, 'keys.json'), JSON.stringify(keys.body));
  await two.stop();
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(ROOT, 'dist/cli/record/record.js'),
    'verify',
    join(folder, 'record'),
    '--keys',
    join(folder, 'keys.json'),
    '--checkpoints',
    join(folder, 'checkpoints'),
  ]);
  expect(stdout).toContain('3 blocks of the record are what was signed');
  expect(stdout).toContain('note   0 blocks after the last head');
});
