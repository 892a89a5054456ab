/**
 * What rings an alarm is seen on a service that is really broken, and goes when it is repaired. That the alarms ring at
 * these values, and end, is in `deploy/prometheus/rules.test.yaml`.
 */
import { execFileSync } from 'node:child_process';
import { chmod, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writersIn } from '../../src/record/segment/writer-folder.js';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { startOpenIdProvider } from './openid-provider.js';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { metricsUrlOf, scrape } from './scrape.js';
import { type Service, startService } from './service.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const PATIENCE = { interval: 250 };
/** What is read-only by its mode is so for root, too, who runs without this capability. */
const BOUND = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override', '--'] : [];

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** The value of a metric; `undefined` when it has no sample. */
async function valueOf(url: string, name: string, labels: Readonly<Record<string, string>> = {}) {
  const found = (await scrape(url)).find(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, is]) => sample.labels[label] === is),
  );
  return found?.value;
}

describe('of a service on a database server', () => {
  let service: Service;
  let url = '';
  let databaseUrl = '';
  let token = '';
  beforeAll(async () => {
    databaseUrl = await postgres.createDatabase('alarms');
    service = await startService({ DATABASE_URL: databaseUrl, METRICS_PORT: '0' }, [], ROOT, BOUND);
    url = await metricsUrlOf(service);
    token = await service.token({ sub: 'reader', purposes: ['service'] });
    await (await peopleOf(service)).register('u-1', 'US-NY');
  });
  afterAll(() => service.stop());
  const ask = () => service.request('POST', EVALUATION, { token, body: mayRead('service', 'u-1') });
  const becomes = async (name: string, value: number | undefined, labels = {}) => {
    await expect.poll(() => valueOf(url, name, labels), PATIENCE).toBe(value);
  };

  test('the disk of the record is full, then has room', async () => {
    await ask();
    const [writer = ''] = await writersIn(join(service.dataDir, 'record'));
    const folder = join(service.dataDir, 'record', writer);
    const [segment = ''] = (await readdir(folder)).filter((file) => file.endsWith('.rec')).toReversed();
    const limit = (bytes: number | 'unlimited') =>
      execFileSync('prlimit', [`--pid=${service.process.pid}`, `--fsize=${bytes}:unlimited`]);
    await becomes('assent_record_available', 1);
    limit((await stat(join(folder, segment))).size);
    await ask();
    await becomes('assent_record_available', 0);
    const denied = { reason: 'record_unavailable', verdict: 'deny' };
    expect(await valueOf(url, 'assent_decisions_total', denied)).toBeGreaterThan(0);
    expect(await valueOf(url, 'assent_record_lag_seconds')).toBeGreaterThan(0);
    limit('unlimited');
    await becomes('assent_record_available', 1);
    await becomes('assent_record_lag_seconds', 0);
  });

  test('its folder is read-only, then writable', async () => {
    const [writer = ''] = await writersIn(join(service.dataDir, 'record'));
    const folder = join(service.dataDir, 'record', writer);
    const [segment = ''] = (await readdir(folder)).filter((file) => file.endsWith('.rec')).toReversed();
    await chmod(folder, 0o500);
    // what is open can be written to; this ends it
    execFileSync('prlimit', [
      `--pid=${service.process.pid}`,
      `--fsize=${(await stat(join(folder, segment))).size}:unlimited`,
    ]);
    await ask();
    execFileSync('prlimit', [`--pid=${service.process.pid}`, '--fsize=unlimited:unlimited']);
    await becomes('assent_record_available', 0);
    await chmod(folder, 0o700);
    await becomes('assent_record_available', 1);
  });

  test('the database is gone: not ready, no lease; then it is back', async () => {
    await becomes('assent_ready', 1, { part: 'consent' });
    await becomes('assent_lease_held', 1);
    expect(await valueOf(url, 'assent_log_head_revision')).toBe(
      await valueOf(url, 'assent_log_applied_revision'),
    );
    await postgres.halt('SIGKILL');
    await becomes('assent_ready', 0, { part: 'consent' });
    await becomes('assent_lease_held', 0);
    await becomes('assent_database_up', 0);
    // what is not known has no sample, and what is known without the database is there
    expect(await valueOf(url, 'assent_log_head_revision')).toBeUndefined();
    expect(await valueOf(url, 'assent_state_users')).toBe(1);
    await ask();
    const denied = { reason: 'consent_unavailable', verdict: 'deny' };
    expect(await valueOf(url, 'assent_decisions_total', denied)).toBeGreaterThan(0);
    await postgres.resume();
    await becomes('assent_ready', 1, { part: 'consent' });
    await becomes('assent_lease_held', 1);
    await becomes('assent_database_up', 1);
  });

  test('the key file is lost, which is said once, then put back', async () => {
    const file = join(service.dataDir, 'key');
    await becomes('assent_key_file_lost', 0);
    await rename(file, `${file}-away`);
    await becomes('assent_key_file_lost', 1);
    await rename(`${file}-away`, file);
    await becomes('assent_key_file_lost', 0);
    await expect.poll(() => service.logged(), PATIENCE).toContain('has the key that seals the store again');
    expect((await service.logged()).split('the key file has lost the key that seals')).toHaveLength(2);
  });

  test('the log is altered and verified, then repaired and verified', async () => {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    const officer = await service.token({ sub: 'officer', roles: ['auditor'] });
    const verify = () => service.request('POST', '/v1/log/verification', { token: officer });
    await becomes('assent_failed_verifications', 0, { log: 'consent' });
    // a process that finds its own place altered ends; what is before it, only a verification finds
    await (await peopleOf(service)).register('u-2', 'US-NY');
    const { rows } = await client.query<{ hash: Buffer }>(
      'SELECT hash FROM consent_event WHERE revision = 1',
    );
    await client.query("UPDATE consent_event SET hash = sha256('other') WHERE revision = 1");
    await verify();
    await becomes('assent_failed_verifications', 1, { log: 'consent' });
    await client.query('UPDATE consent_event SET hash = $1 WHERE revision = 1', [rows[0]?.hash]);
    await verify();
    await becomes('assent_failed_verifications', 0, { log: 'consent' });
    await client.end();
  });
});

test('the keys of the identity provider cannot be fetched, then can', async () => {
  const provider = await startOpenIdProvider('assent.example.org', { pep: { purposes: ['service'] } });
  const token = await provider.accessToken('pep');
  await provider.unplug();
  const service = await startService({
    OIDC_ISSUER: provider.issuer,
    OIDC_AUDIENCE: 'assent.example.org',
    METRICS_PORT: '0',
  });
  try {
    const url = await metricsUrlOf(service);
    const ask = () => service.request('POST', EVALUATION, { token, body: mayRead('service', 'u-1') });
    expect((await ask()).status).toBe(503);
    expect(await valueOf(url, 'assent_identity_issuers_failing')).toBe(1);
    expect(await valueOf(url, 'assent_ready', { part: 'identity' })).toBe(0);
    expect(await valueOf(url, 'assent_refusals_total', { code: 'identity_unavailable' })).toBe(1);
    await provider.plug();
    expect((await ask()).status).toBe(200);
    expect(await valueOf(url, 'assent_identity_issuers_failing')).toBe(0);
    expect(await valueOf(url, 'assent_ready', { part: 'identity' })).toBe(1);
  } finally {
    await service.stop();
    await provider.unplug();
  }
});

test('one port answers for two workers; one that hangs is told to be absent, and holds up nobody', async () => {
  const databaseUrl = await postgres.createDatabase('alarms_workers');
  const service = await startService({ DATABASE_URL: databaseUrl, WORKERS: '2', METRICS_PORT: '0' });
  try {
    const pidOf = (worker: number) =>
      Number(
        new RegExp(`"worker":${worker},"pid":(\\d+),"message":"worker ready"`).exec(service.output())?.[1],
      );
    await expect.poll(() => pidOf(2)).toBeGreaterThan(0);
    const url = await metricsUrlOf(service);
    const workersOf = async (name: string) =>
      (await scrape(url))
        .filter((sample) => sample.name === name)
        .map(({ labels, value }) => `${labels['worker']}: ${value}`);
    await expect.poll(() => workersOf('assent_worker_up'), PATIENCE).toEqual(['1: 1', '2: 1']);
    expect(await workersOf('assent_lease_held')).toEqual(['1: 1', '2: 1']);
    expect(await workersOf('assent_change_confirmation_seconds_count')).toEqual(['1: 0', '2: 0']);
    expect(await workersOf('nodejs_heap_size_used_bytes')).toHaveLength(2);
    expect(await workersOf('process_cpu_seconds_total')).toHaveLength(2);
    process.kill(pidOf(2), 'SIGSTOP');
    expect(await workersOf('assent_worker_up')).toEqual(['1: 1', '2: 0']);
    expect(await workersOf('nodejs_heap_size_used_bytes')).toHaveLength(1);
    process.kill(pidOf(2), 'SIGCONT');
    await expect.poll(() => workersOf('assent_worker_up'), PATIENCE).toEqual(['1: 1', '2: 1']);
  } finally {
    await service.stop();
  }
}, 180_000);
