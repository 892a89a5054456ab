/** What a service recorded is verified by somebody who has a copy of it and its public keys, and nothing else. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writersIn } from '../../src/record/segment/writer-folder.js';
import { copyName } from '../../src/tlog/heads/kept-heads.js';
import { peopleOf } from './people.js';
import { metricsUrlOf, scrape } from './scrape.js';
import { startService, temporaryFolder } from './service.js';
import { newDataFolder } from '../data-folder.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const OTHER = 'somebody-else';

let dataDir: string;
/** What the verifier has: copies of the record and of the heads, and the keys. */
let copy: string;
let keys: string;

function command(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, 'dist/cli/record/record.js'), ...args],
      { cwd: copy },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

const verify = (...args: string[]) =>
  command('verify', 'record', '--keys', 'keys.json', '--checkpoints', 'checkpoints', ...args);

/** A data folder after decisions and opt-outs, of a service that seals every second and was stopped. */
beforeAll(async () => {
  dataDir = await newDataFolder();
  copy = await temporaryFolder();
  const env = {
    DATA_DIR: dataDir,
    CHECKPOINT_SECONDS: '1',
    CHECKPOINT_DIR: join(dataDir, 'checkpoints'),
    PUBLIC_URL: 'https://assent.example/eu',
  };
  const service = await startService(env);
  const people = await peopleOf(service);
  const token = await service.token({ sub: 'reader', purposes: ['service', 'ads.personalised'] });
  const ask = (body: object, path: string) => service.request('POST', path, { token, body });
  const question = (user: string) => ({
    subject: { type: 'purpose', id: 'service' },
    action: { name: 'read' },
    resource: { type: 'field', id: 'member.skills', properties: { user } },
  });
  await people.register('u-1', 'US-NY');
  await people.register(OTHER, 'US-NY');
  await ask({ ...question('u-1'), evaluations: [{}, question(OTHER)] }, '/access/v1/evaluations');
  // while it runs: what is decided after that has a head of its own
  await vi.waitUntil(async () => (await headsIn(dataDir)) >= 1, { timeout: 60_000 });
  await people.choose('u-1', 'ads.personalised', 'denied');
  await ask({ purpose: 'service', fields: ['member.skills'], users: ['u-1', OTHER] }, '/v1/audiences');
  keys = JSON.stringify((await service.request('GET', '/.well-known/receipt-keys.json')).body);
  await service.stop();
  await again();
});

afterAll(async () => {
  for (const folder of [dataDir, copy]) await rm(folder, { recursive: true });
});

async function headsIn(folder: string): Promise<number> {
  const all = await readdir(join(folder, 'checkpoints/record')).catch(() => []);
  return all.filter((name) => name.endsWith('.checkpoint')).length;
}

/** The copies as they were taken. */
async function again(): Promise<void> {
  await rm(copy, { recursive: true });
  await mkdir(copy);
  for (const name of ['record', 'checkpoints'])
    await cp(join(dataDir, name), join(copy, name), { recursive: true });
  await writeFile(join(copy, 'keys.json'), keys);
}

test('all of it is what was signed, up to its end', async () => {
  const { code, stdout } = await verify();
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      new RegExp(
        [
          'ok {5}the log `assent.example/eu/record/[0-9a-f]{16}` is what was signed: 2 entries',
          'ok {5}it continues \\d checkpoints? that (was|were) handed out',
          'ok {5}2 blocks of the record are what was signed',
          'note {3}0 blocks after the last head',
          'ok {5}the log `assent.example/eu/consent/[\\w-]+` is what was signed: 3 entries',
          'ok {5}it continues \\d checkpoints? that (was|were) handed out',
          'ok {5}revision 3 of the consent log has the hash [\\w-]{43}\n$',
        ].join('\n'),
      ),
    ),
  });
});

test('one record is shown to somebody who has the keys alone, and nothing of the others', async () => {
  const lines = (await command('show', 'record')).stdout.trimEnd().split('\n');
  const [first = ''] = lines.map((line): string => JSON.parse(line).id);
  const { code, stdout } = await command('prove', first, 'record', '--keys', 'keys.json');
  expect(code).toBe(0);
  await writeFile(join(copy, 'proof.json'), stdout);
  await rm(join(copy, 'record'), { recursive: true });
  const checked = await command('check-proof', 'proof.json', '--keys', 'keys.json');
  expect(checked).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`ok     ${first} is in the log`),
  });
  expect(JSON.parse(checked.stdout.split('\n')[1] ?? '')).toMatchObject({
    client: 'reader',
    purpose: 'service',
    reason: 'permitted',
    user: 1,
  });
  expect(JSON.stringify(JSON.parse(stdout))).not.toContain('"user":2');
  await writeFile(join(copy, 'proof.json'), stdout.replace('permitted', 'floor'));
  expect(await command('check-proof', 'proof.json', '--keys', 'keys.json')).toMatchObject({
    code: 1,
    stdout: 'wrong  the record is not one of the block that was signed: it was altered\n',
  });
  await again();
});

test('the newest head is written, with the keys that other verifiers take', async () => {
  const { code, stdout } = await command('checkpoint', 'record', '--keys', 'keys.json', '--log', 'consent');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: await readFile(join(copy, 'record/heads/consent/checkpoint'), 'utf8'),
  });
  const verifier = await command('checkpoint', 'record', '--keys', 'keys.json', '--verifier-keys');
  await writeFile(join(copy, 'lines'), verifier.stdout);
  expect(await command('verify', 'record/heads/record', '--keys', 'lines')).toMatchObject({ code: 0 });
});

test('an end that was cut off, and a state that was put back, are found out', async () => {
  const [writer = ''] = await writersIn(join(copy, 'record'));
  const folder = join(copy, 'record', writer);
  const [segment = ''] = (await readdir(folder)).filter((name) => name.endsWith('.rec')).sort();
  const bytes = await readFile(join(folder, segment));
  await truncate(join(folder, segment), bytes.length - 100);
  expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringContaining('wrong  ') });
  await again();
  const heads = await readdir(join(copy, 'checkpoints/record'));
  const [oldest = ''] = heads.sort();
  await cp(join(copy, 'checkpoints/record', oldest), join(copy, 'record/heads/record/checkpoint'));
  expect(await verify()).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('but a checkpoint of 2 was handed out: it was rolled back'),
  });
  await again();
});

test('a start with a consent log that ends before its head says so, with both revisions', async () => {
  const restored = await temporaryFolder();
  await cp(dataDir, restored, { recursive: true });
  const heads = join(restored, 'checkpoints/consent');
  const last = (await readdir(heads)).sort().at(-1) ?? '';
  await cp(join(heads, last), join(heads, copyName(99)));
  const service = await startService({ DATA_DIR: restored, CHECKPOINT_DIR: join(restored, 'checkpoints') });
  const revision = Number.parseInt(last, 10);
  const sentence = `the consent log ends at revision ${revision}, and its heads were signed up to 99: the changes after it are not in this database`;
  await expect.poll(service.output).toContain(sentence);
  await service.stop();
  await rm(restored, { recursive: true });
});

test('a start with a record that was put back signs nothing more, and says so', async () => {
  await rm(join(dataDir, 'record/heads/record'), { recursive: true });
  await rm(join(dataDir, 'record', (await writersIn(join(dataDir, 'record')))[0] ?? ''), { recursive: true });
  const service = await startService({
    DATA_DIR: dataDir,
    CHECKPOINT_SECONDS: '1',
    CHECKPOINT_DIR: join(dataDir, 'checkpoints'),
    METRICS_PORT: '0',
  });
  await expect
    .poll(() => service.output())
    .toContain('a log is not as it was signed: nothing more is signed');
  await expect.poll(service.output).toContain('a checkpoint of 2 was handed out: it was rolled back');
  const url = await metricsUrlOf(service);
  const stopped = async () =>
    (await scrape(url))
      .filter(({ name }) => name === 'assent_signing_stopped')
      .map(({ labels, value }) => `${labels['log']}: ${value}`)
      .toSorted();
  await expect.poll(stopped).toEqual(['consent: 0', 'record: 1']);
  // as docs/record.md says
  await rename(join(dataDir, 'record/heads'), join(dataDir, 'heads-of-before'));
  await rename(join(dataDir, 'checkpoints'), join(dataDir, 'copies-of-before'));
  await expect.poll(stopped).toEqual(['consent: 0', 'record: 0']);
  await service.stop();
});
