/** A backup is made while the service runs; who was erased after it stays erased, whatever is restored. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFile, cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newDataFolder } from '../data-folder.js';
import { importRows } from './importing.js';
import { type People, peopleOf } from './people.js';
import { EVALUATION, PURPOSES, mayRead } from './questions.js';
import { listAt, textAt, valueAt } from './replies.js';
import { ROOT } from './script.js';
import { type Service, refusalToStart, startService, temporaryFolder } from './service.js';

const ADS = 'ads.personalised';

let folder: string;
let data: string;
/** Of before and after the disaster. */
let service: Service;
let people: People;
let lost: string;

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

const backup = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  run('backup', env, ...args);

function run(
  tool: 'backup' | 'record',
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, `dist/cli/${tool}/${tool}.js`), ...args],
      { cwd: folder, env: { ...process.env, ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

const erase = async (user: string) =>
  service.request('DELETE', `/v1/users/${user}`, {
    token: await service.token({ sub: 'accounts', purposes: [], scope: 'users:erase' }),
  });
const isKnown = async (user: string) => valueAt(await people.settings(user), 'known') === true;
const knownOf = async (...users: readonly string[]) => {
  const known: string[] = [];
  for (const user of users) if (await isKnown(user)) known.push(user);
  return known;
};
const decide = async (user: string, consistency_token?: string) =>
  service.request('POST', EVALUATION, {
    token: await service.token({ sub: 'pep', purposes: PURPOSES }),
    body: {
      ...mayRead(ADS, user),
      ...(consistency_token === undefined ? {} : { context: { consistency_token } }),
    },
  });

beforeAll(async () => {
  folder = await temporaryFolder();
  data = await newDataFolder(join(folder, 'data'));
  service = await startService({ DATA_DIR: data, CHECKPOINT_SECONDS: '1' });
  people = await peopleOf(service);
  for (const user of ['ann', 'ben', 'cal', 'dora']) await people.register(user, 'US-NY');
  await erase('dora');
  // dora came back before the copy was made, ann after it
  await people.register('dora', 'US-NY');
  await decide('ben');
});

afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a copy is made while the service runs, and has neither the key nor the list of erasures', async () => {
  const made = await backup({ DATA_DIR: data }, 'create', 'copy');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toContain('copied while the service ran');
  expect(made.stdout).toContain(`the key is not in it: without \`${join(data, 'key')}\` it cannot be read`);
  expect((await readdir(join(folder, 'copy'))).toSorted()).toEqual(['backup.json', 'postgres', 'record']);
  // it goes on
  await people.register('eve', 'US-NY');
  // the record names her, and is not put back
  await decide('eve');
  lost = await people.choose('ben', ADS, 'denied');
  for (const user of ['ann', 'cal']) expect(await erase(user)).toMatchObject({ body: { erased: true } });
  await people.register('ann', 'US-NY');
  expect(await backup({ DATA_DIR: data }, 'create', 'copy')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('/copy` is not empty'),
  });
  expect(await backup({ DATA_DIR: data }, 'restore', 'copy')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not empty'),
  });
  await service.kill('SIGKILL');
});

test('it is verified without the service, and a byte that was altered is found', async () => {
  // what a command left that was killed
  const TMPDIR = join(folder, 'temporary');
  await mkdir(join(TMPDIR, `assent-verify.unfinished.${randomUUID()}/data`), {
    recursive: true,
    mode: 0o700,
  });
  const verified = await backup({ KEY_FILE: join(data, 'key'), TMPDIR }, 'verify', 'copy');
  expect((await readdir(TMPDIR)).filter((name) => name.startsWith('assent-'))).toEqual([]);
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  expect(verified.stdout).toMatch(/the consent log is intact: revision 6 has the hash [\w-]{43}/);
  await cp(join(folder, 'copy'), join(folder, 'altered'), { recursive: true });
  await appendFile(join(folder, 'altered/postgres/PG_VERSION'), ' ');
  expect(await backup({ KEY_FILE: join(data, 'key') }, 'verify', 'altered')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('`postgres/PG_VERSION` is not as it was written'),
  });
  expect(await backup({}, 'restore', 'altered', 'nowhere')).toMatchObject({ code: 2 });
  expect(await readdir(folder)).not.toContain('nowhere');
});

test('it is restored into a new folder, on which the service does not start without the list', async () => {
  for (const erasures of ['erasuers', 'copy'])
    expect(await backup({}, 'restore', 'copy', 'restored', '--erasures', erasures)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`there is no list of erasures in \`${erasures}\``),
    });
  const made = await backup({}, 'restore', 'copy', 'restored');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const restored = join(folder, 'restored');
  await cp(join(data, 'key'), join(restored, 'key'));
  await cp(join(data, 'development-key.json'), join(restored, 'development-key.json'));
  expect(await refusalToStart({ DATA_DIR: restored })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no list of erasures in'),
  });
});

test('a ledger that is made anew on it gives nobody the number of somebody whom it has lost', async () => {
  const DATA_DIR = join(folder, 'counted-anew');
  await cp(join(folder, 'restored'), DATA_DIR, { recursive: true });
  const made = await run('record', { DATA_DIR, RECORD_DIR: join(data, 'record') }, 'rebuild');
  expect(made.stdout).toContain(
    'the numbers of users whom the database has lost are given to nobody else: 1',
  );
});

test('with the list, whoever was erased since is erased again before anything is answered', async () => {
  service = await startService({
    DATA_DIR: join(folder, 'restored'),
    ERASURES_DIR: join(data, 'erasures'),
    RECORD_DIR: join(data, 'record'),
  });
  people = await peopleOf(service);
  expect(await knownOf('ann', 'ben', 'cal', 'dora', 'eve')).toEqual(['ben', 'dora']);
  const ann = await service.token({ sub: 'ann' });
  expect((await service.request('GET', '/v1/users/me/history', { token: ann })).body).toMatchObject({
    events: [],
  });
  const auditor = await service.token({ sub: 'auditor', roles: ['auditor'] });
  const { body } = await service.request('GET', '/v1/erasures', { token: auditor });
  expect(listAt(body, 'erasures').map((one) => textAt(one, 'by', 'kind'))).toEqual([
    'service',
    'engine',
    'engine',
  ]);
  expect(await service.request('POST', '/v1/log/verification', { token: auditor })).toMatchObject({
    body: { intact: true },
  });
  expect(await decide('ben', lost)).toMatchObject({
    status: 400,
    body: { type: 'urn:assent:problem:change_lost' },
  });
});

test('an import brings nobody back who was erased, unless it says when they came back', async () => {
  const before = new Date(Date.now() - 86_400_000).toISOString();
  const profile = { region: 'DE', age_band: 'adult' };
  await importRows(service, 'back', [
    { user: 'ann', ...profile },
    { user: 'ann', ...profile, came_back_at: before },
    { user: 'cal', ...profile, came_back_at: new Date().toISOString() },
    { user: 'cal', purpose: ADS, choice: 'denied' },
    { user: 'fay', ...profile },
  ]);
  const token = await service.token({ sub: 'migration', purposes: [], scope: 'choices:import' });
  expect(await service.request('GET', '/v1/imports/back', { token })).toMatchObject({
    body: { summary: { changed: 3, refused: 2, reasons: { user_erased: 2 } } },
  });
  expect(await knownOf('ann', 'cal', 'fay')).toEqual(['cal', 'fay']);
});

test('the uses of somebody whom the copy has lost are shown to nobody who was registered since', async () => {
  expect(await service.logged()).toContain('their numbers are given to nobody else');
  const restored = Date.now();
  for (const user of ['cal', 'fay']) {
    const token = await service.token({ sub: user });
    const uses = async () => {
      const { body } = await service.request('GET', '/v1/users/me/uses', { token });
      const until = valueAt(body, 'complete_until');
      return typeof until === 'string' && Date.parse(until) > restored && listAt(body, 'uses');
    };
    await expect.poll(uses).toEqual([]);
  }
});
