/** Several processes on one port, behind one that replaces them: whatever befalls one of them, the port answers, and rightly. */
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { valueAt } from './replies.js';
import { type Service, refusalToStart, startService, temporaryFolder } from './service.js';

/** Nobody may be asked about it in Germany unless they granted it. */
const PURPOSE = 'ads.personalised';
/** As many connections at once are spread over all workers. */
const AT_ONCE = 8;

let postgres: PostgresServer;
let databases = 0;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** A service of two workers on a database of its own, both of them ready. */
async function serviceOfTwo(env: Readonly<Record<string, string>> = {}) {
  const databaseUrl = await postgres.createDatabase(`workers_${++databases}`);
  const service = await startService({ DATABASE_URL: databaseUrl, WORKERS: '2', ...env });
  await vi.waitUntil(() => pidsOf(service).size === 2, { timeout: 60_000 });
  return { service, databaseUrl };
}

/** The process of each worker, the last that was said of it. */
function pidsOf(service: Service): Map<string, number> {
  const said = service.output().matchAll(/"worker":(\d+),"pid":(\d+),"message":"worker ready"/g);
  return new Map(Array.from(said, ([, worker = '', pid]) => [worker, Number(pid)]));
}

async function membersOf(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query('SELECT epoch FROM fleet_member WHERE NOT is_evicted');
  await client.end();
  return rows.length;
}

/** What the purpose is told of a user, by whichever workers take the connections. */
async function askerOf(service: Service): Promise<(user: string) => Promise<unknown[]>> {
  const token = await service.token({ sub: 'ads', purposes: [PURPOSE] });
  const ask = async (user: string) => {
    const { body } = await service.request('POST', EVALUATION, {
      token,
      body: mayRead(PURPOSE, user),
      headers: { connection: 'close' },
    });
    return valueAt(body, 'decision');
  };
  return (user) => Promise.all(Array.from({ length: AT_ONCE }, () => ask(user)));
}

const all = (decision: boolean) => Array.from({ length: AT_ONCE }, () => decision);

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('workers', () => {
  let service: Service;
  let databaseUrl: string;
  beforeAll(async () => {
    ({ service, databaseUrl } = await serviceOfTwo({ LOG_LEVEL: 'debug' }));
  });
  afterAll(() => service.stop());

  test('are a fleet on one port: an opt-out that any of them took holds in whatever is decided next', async () => {
    expect(await membersOf(databaseUrl)).toBe(2);
    const people = await peopleOf(service);
    const ask = await askerOf(service);
    for (let user = 0; user < 50; user++) {
      await people.register(`u-${user}`, 'DE');
      await people.choose(`u-${user}`, PURPOSE, 'granted');
      // who was kept from renewing its lease denies for a moment
      await expect.poll(() => ask(`u-${user}`)).toEqual(all(true));
      await people.choose(`u-${user}`, PURPOSE, 'denied');
      expect(await ask(`u-${user}`)).toEqual(all(false));
    }
    const answered = service.output().matchAll(/"worker":(\d+),[^\n]*"route":"\/access\/v1\/evaluation"/g);
    expect(new Set(Array.from(answered, ([, worker]) => worker))).toEqual(new Set(['1', '2']));
  });

  test('that are killed leave the others deciding, and are replaced', async () => {
    const people = await peopleOf(service);
    await people.register('u-killed', 'DE');
    await people.choose('u-killed', PURPOSE, 'granted');
    const ask = await askerOf(service);
    // the one that was started before the others
    const pid = pidsOf(service).get('1') ?? expect.unreachable();
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(await ask('u-killed')).toEqual(all(true));
    await expect.poll(() => pidsOf(service).get('1')).not.toBe(pid);
    await people.choose('u-killed', PURPOSE, 'denied');
    expect(await ask('u-killed')).toEqual(all(false));
    await expect.poll(() => membersOf(databaseUrl)).toBe(2);
    await people.choose('u-killed', PURPOSE, 'granted');
    await expect.poll(() => ask('u-killed')).toEqual(all(true));
  });

  test('that end soon after they are ready are replaced later each time', async () => {
    const pauses = () =>
      Array.from(service.output().matchAll(/"worker":2,[^\n]*"pause_ms":(\d+)/g), ([, ms]) => Number(ms));
    const first = pidsOf(service).get('2') ?? expect.unreachable();
    process.kill(first, 'SIGKILL');
    const next = () => pidsOf(service).get('2') ?? expect.unreachable();
    await expect.poll(next, { interval: 20 }).not.toBe(first);
    process.kill(next(), 'SIGKILL');
    await expect.poll(pauses).toEqual([200, 400]);
    const second = next();
    await expect.poll(next, { interval: 20 }).not.toBe(second);
  });

  test('end in order on SIGTERM: with 0, and none is waited for by whoever comes next', async () => {
    // those that were killed are there until a change waits for them, and one that was started anew until it has joined
    await (await peopleOf(service)).choose('u-killed', PURPOSE, 'denied');
    await expect.poll(() => membersOf(databaseUrl)).toBe(2);
    const pids = [...pidsOf(service).values()];
    expect(await service.kill('SIGTERM')).toBe(0);
    expect(await membersOf(databaseUrl)).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
    await expect.poll(() => service.output().match(/"message":"stopped"/g)).toHaveLength(2);
  });

  test('that drain end at once by a second signal to the process that looks after them', async () => {
    const { service: other } = await serviceOfTwo({ DRAIN_SECONDS: '300' });
    const ready = () => other.request('GET', '/health/ready').then(({ status }) => status);
    const ended = other.kill('SIGTERM');
    await expect.poll(() => other.output().match(/"message":"draining/g)?.length).toBe(2);
    expect(await ready()).toBe(503);
    await pass(1_200);
    void other.kill('SIGTERM');
    expect(await ended).toBe(1);
  });

  test('close the connections beyond those that they may have, and answer on the others', async () => {
    const { service: other } = await serviceOfTwo({ CONNECTION_LIMIT: '10' });
    const { hostname, port } = new URL(other.url);
    let answered = 0;
    let closed = 0;
    const sockets = Array.from({ length: 60 }, () => {
      const socket = connect({ host: hostname, port: Number(port) });
      socket.on('error', () => undefined);
      socket.once('close', () => closed++).once('data', () => answered++);
      socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
      return socket;
    });
    await expect.poll(() => ({ answered, closed })).toEqual({ answered: 20, closed: 40 });
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(() => other.request('GET', '/health/ready').then(({ status }) => status, String))
      .toBe(200);
    expect(await other.kill('SIGTERM')).toBe(0);
  });

  test('leave no snapshot behind when there are fewer, and do not outlive the process that looks after them', async () => {
    const dataDir = await temporaryFolder();
    const left = join(dataDir, 'worker-3');
    const kept = join(dataDir, 'worker-2');
    for (const folder of [left, kept]) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'consent-state.snapshot'), 'what users said');
    }
    const { service: other } = await serviceOfTwo({ DATA_DIR: dataDir });
    expect(readdirSync(left)).toEqual([]);
    expect(existsSync(join(kept, 'consent-state.snapshot'))).toBe(true);
    // which is when the last process that can write to it has ended
    const closed = once(other.process, 'close');
    await other.kill('SIGKILL');
    await closed;
    await expect(fetch(other.url)).rejects.toThrow();
  });
});

describe('a start of workers', () => {
  test('is refused on the embedded database, which belongs to one process', async () => {
    const { code, stdout, stderr } = await refusalToStart({ WORKERS: '2' });
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'assent did not start: the configuration cannot be used:\n  - WORKERS is `2`, but the embedded database belongs to one process: set DATABASE_URL to the postgresql:// URL of a server, or WORKERS=1\n',
    });
  });

  test.each(['0', '65', '2.5', 'many'])('is refused for %s of them', async (workers) => {
    const DATABASE_URL = await postgres.createDatabase(`workers_${++databases}`);
    const { code, stderr } = await refusalToStart({ DATABASE_URL, WORKERS: workers });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `assent did not start: the configuration cannot be used:\n  - WORKERS is \`${workers}\`: give a whole number from 1 to 64\n`,
    });
  });

  test('on settings that cannot be used says so once', async () => {
    const DATABASE_URL = await postgres.createDatabase(`workers_${++databases}`);
    const { code, stderr } = await refusalToStart({ DATABASE_URL, WORKERS: '3', LOG_LEVEL: 'loud' });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'assent did not start: the configuration cannot be used:\n  - LOG_LEVEL is `loud`: give one of fatal, error, warn, info, debug, trace, silent\n',
    });
  });

  test('on a port that is taken says so once', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const PORT = String(typeof address === 'object' ? address?.port : '');
    const DATABASE_URL = await postgres.createDatabase(`workers_${++databases}`);
    const { code, stderr } = await refusalToStart({ DATABASE_URL, WORKERS: '2', PORT });
    other.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `assent did not start: cannot listen on port ${PORT} of \`127.0.0.1\`: another process does already; stop it, or set PORT to another one\n`,
    });
  });
});
