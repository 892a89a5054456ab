/**
 * A running service whose disk is full, read-only or exchanged permits nothing, says why, and goes on once it can record.
 * Its database is elsewhere, so that only its own files are concerned.
 */
import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endOfFile } from '../../src/record/segment/segment-reader.js';
import { writersIn } from '../../src/record/segment/writer-folder.js';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { peopleOf } from './people.js';
import { type Service, startService } from './service.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const DENIED = { decision: false, context: { reason: 'record_unavailable', obligations: [] } };

/** What is read-only by its mode is so for root, too, who runs without this capability. */
const BOUND = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override', '--'] : [];

let postgres: PostgresServer;
let service: Service;
let record = '';
let token = '';

beforeAll(async () => {
  postgres = await startPostgres();
  const DATABASE_URL = await postgres.createDatabase('disk');
  service = await startService({ DATABASE_URL, CHECKPOINT_SECONDS: '86400' }, [], ROOT, BOUND);
  record = join(service.dataDir, 'record');
  token = await service.token({ sub: 'reader', purposes: ['service'] });
  await (await peopleOf(service)).register('u-1', 'US-NY');
});

afterAll(async () => {
  await service.stop();
  await postgres.stop();
});

async function ask(): Promise<unknown> {
  const body = {
    subject: { type: 'purpose', id: 'service' },
    action: { name: 'read' },
    resource: { type: 'field', id: 'member.skills', properties: { user: 'u-1' } },
  };
  return (await service.request('POST', '/access/v1/evaluation', { token, body })).body;
}

const permits = (body: unknown) => JSON.stringify(body).includes('"permitted"');

async function untilPermitted(): Promise<void> {
  while (!permits(await ask()));
}

/** How large a file the service may make from now on, in bytes: what it meets beyond is a disk without room. */
function limitFiles(bytes: number | 'unlimited'): void {
  execFileSync('prlimit', [`--pid=${service.process.pid}`, `--fsize=${bytes}:unlimited`]);
}

function check(): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const program = join(ROOT, 'dist/cli/record/record.js');
    const child = execFile(process.execPath, [program, 'check', record], (_error, stdout) =>
      resolve({ code: child.exitCode, stdout }),
    );
  });
}

async function segment(): Promise<string> {
  const [writer = ''] = await writersIn(record);
  const [name = ''] = (await readdir(join(record, writer)))
    .filter((file) => file.endsWith('.rec'))
    .toReversed();
  return join(record, writer, name);
}

/** The segment was closed by the service, which had to end it. */
async function untilEnded(file: string): Promise<void> {
  while ((await endOfFile(file)) === undefined);
}

async function troubles(): Promise<number> {
  return (await service.logged()).split('decisions cannot be recorded: all are denied').length - 1;
}

test('while the disk is full nothing is permitted, and as soon as there is room all is', async () => {
  expect(permits(await ask())).toBe(true);
  const { size } = await stat(await segment());
  limitFiles(size);
  for (let time = 0; time < 3; time++) expect(await ask()).toMatchObject(DENIED);
  expect(await troubles()).toBe(1);
  expect(service.output()).toContain('EFBIG');
  limitFiles('unlimited');
  await untilPermitted();
  expect(await service.logged()).toContain('decisions are recorded again');
  expect(await check()).toMatchObject({ code: 0 });
});

test('in a folder that is read-only no segment begins, and nothing is permitted until it is writable', async () => {
  const file = await segment();
  await chmod(dirname(file), 0o500);
  // what is open can be written to; this ends it
  limitFiles((await stat(file)).size);
  expect(await ask()).toMatchObject(DENIED);
  limitFiles('unlimited');
  await untilEnded(file);
  for (let time = 0; time < 3; time++) expect(await ask()).toMatchObject(DENIED);
  await chmod(dirname(file), 0o700);
  await untilPermitted();
  expect(await segment()).not.toBe(file);
  expect(await check()).toMatchObject({ code: 0 });
});

test('a folder that was emptied is recorded in again, and what is missing from it is said', async () => {
  const [writer = ''] = await writersIn(record);
  await rm(record, { recursive: true });
  expect(await ask()).toMatchObject(DENIED);
  await mkdir(record);
  await untilPermitted();
  expect(await writersIn(record)).toEqual([writer]);
  expect(await check()).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(
      `${join(writer, '00000001.rec')}\` is damaged at byte 0: the segment is missing; restore`,
    ),
  });
});
