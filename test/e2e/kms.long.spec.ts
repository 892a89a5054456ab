/** The built service and its commands with a KMS that wraps the key of the store, as docs/keys.md says it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { newDataFolder } from '../data-folder.js';
import { type Kms, startKms } from '../kms.js';
import { type Service, refusalToStart, startService, temporaryFolder } from './service.js';

const COMMAND = new URL('../../dist/cli/keys.js', import.meta.url).pathname;
const PAGE = new URL('../../docs/keys.md', import.meta.url);

type Settings = Readonly<Record<string, string>>;

let kms: Kms;
let postgres: PostgresServer;
let page: string;
beforeAll(async () => {
  [kms, postgres, page] = await Promise.all([startKms(), startPostgres(), readFile(PAGE, 'utf8')]);
});
afterAll(async () => {
  await kms.stop();
  await postgres.stop();
});

/** What a command says, with its exit code before it. */
async function keys(settings: Settings, ...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { ...process.env, ...settings } });
  const [said, complained] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return `${child.exitCode} ${said}${complained}`;
}

async function started(settings: Settings): Promise<Service> {
  const service = await startService(settings);
  onTestFinished(() => void service.process.kill('SIGKILL'));
  return service;
}

async function register(service: Service, user: string): Promise<number> {
  const token = await service.token({ sub: 'accounts', purposes: [], scope: 'users:write' });
  const body = { region: 'DE', age_band: 'adult' };
  const { status } = await service.request('PUT', `/v1/users/${user}`, { token, body });
  return status;
}

/** Nothing that only the KMS may know, and no credentials, are in what a service has said. */
function isDiscreet(service: Service): void {
  const secrets = [
    ...kms.plains.map((plain) => plain.toString('base64')),
    kms.settings['AWS_SECRET_ACCESS_KEY'] ?? '',
    kms.settings['AWS_SESSION_TOKEN'] ?? '',
  ];
  expect(secrets.filter((secret) => service.output().includes(secret))).toEqual([]);
}

test('a store with a key gets under a KMS, has its key replaced and wrapped anew, and starts no more without it', async () => {
  const plain = { DATA_DIR: await newDataFolder(), DATABASE_URL: 'embedded', LOG_LEVEL: 'trace' };
  const secretFile = join(await temporaryFolder(), 'secret');
  await writeFile(secretFile, `${kms.settings['AWS_SECRET_ACCESS_KEY'] ?? ''}\n`, { mode: 0o600 });
  const { AWS_SECRET_ACCESS_KEY: _secret, ...others } = kms.settings;
  const settings = { ...plain, ...others, AWS_SECRET_ACCESS_KEY_FILE: secretFile };

  const before = await started(plain);
  expect(await register(before, 'one')).toBe(200);
  expect(await keys(settings, 'wrap')).toMatch(
    /^2 a service has the store in .*: stop it, then call this again\n$/,
  );
  await before.stop();
  const wrapped = await keys(settings, 'wrap');
  expect(wrapped).toBe('0 ok     the key file has 1 key, wrapped by alias/assent\n');
  expect(page).toContain(wrapped.slice(2));
  expect((await refusalToStart(plain)).stderr).toContain('are wrapped by `aws-kms`: set KMS_KEY');

  const service = await started(settings);
  expect(await register(service, 'two')).toBe(200);
  expect(await keys(settings, 'rotate')).toMatch(/^0 ok {5}everything is sealed with [\w-]{8}\n$/);
  const former = /^([\w-]{8}) .* former /m.exec(await keys(settings, 'show'))?.[1] ?? '';
  expect(await keys(settings, 'drop', former, '--now')).toBe(`0 ok     ${former} is gone\n`);
  kms.fail('torn');
  expect(await register(service, 'three')).toBe(200);
  await service.stop();
  isDiscreet(service);
  const away = await refusalToStart(settings);
  expect([away.code, away.stderr]).toEqual([
    1,
    expect.stringMatching(/^assent did not start: the KMS at .* cannot be reached/),
  ]);
  kms.fail('AccessDeniedException');
  const said = (await refusalToStart(settings)).stderr;
  kms.fail(undefined);
  expect(page).toContain(said.replace(kms.url, 'https://kms.eu-central-1.amazonaws.com').trim());

  kms.add('alias/next');
  const next = { ...settings, KMS_KEY: 'alias/next' };
  const again = await keys(next, 'wrap', '--from', 'alias/assent');
  expect(again).toBe('0 ok     the key file has 1 key, wrapped by alias/next\n');
  expect(page).toContain(again.slice(2));
  const last = await started(next);
  for (const user of ['one', 'two', 'three']) expect(await register(last, user)).toBe(200);
  await last.stop();
  expect(await readFile(join(plain.DATA_DIR, 'key'), 'utf8')).toMatch(
    /^keys of assent wrapped by aws-kms for [\w-]{8}\n\S+ \S+\n$/,
  );
}, 180_000);

test('processes on a server have a new key unwrapped before it seals, while they answer', async () => {
  const DATABASE_URL = await postgres.createDatabase('kms_of_several');
  const folders = [await temporaryFolder(), await temporaryFolder()];
  const KEY_FILE = join(folders[0] ?? '', 'key');
  const [mine = {}, theirs = {}] = folders.map((DATA_DIR) => ({
    ...kms.settings,
    DATABASE_URL,
    KEY_FILE,
    DATA_DIR,
  }));
  const services = [await started(mine), await started(theirs)];
  const stopping = new AbortController();
  let answers = 0;
  const registering = services.map(async (service, place) => {
    while (!stopping.signal.aborted) {
      expect([200, 503]).toContain(await register(service, `of-${place}-${answers}`));
      answers++;
    }
  });
  // told to whoever stops them
  for (const one of registering) one.catch(() => undefined);
  expect(await keys(mine, 'rotate')).toMatch(/^0 ok {5}everything is sealed with/);
  const between = answers;
  await expect.poll(() => answers).toBeGreaterThan(between + 4);
  stopping.abort();
  await Promise.all(registering);
  for (const service of services) {
    expect(await service.logged()).not.toMatch(/altered|the key file|"level":"error"/);
    isDiscreet(service);
    await service.stop();
  }
}, 180_000);
