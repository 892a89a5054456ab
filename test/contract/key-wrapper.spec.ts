/** What wraps the keys of the store, held to one contract: with a KMS of ours, and with one that is named by `KMS_TEST`. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, asyncProperty, uint8Array } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config.js';
import { AwsKms, type AwsKmsSettings } from '../../src/kms/aws-kms.js';
import { type Failure, type Kms, startKms } from '../kms.js';

let kms: Kms;
beforeAll(async () => {
  kms = await startKms();
});
afterAll(() => kms.stop());

const credentials = (): { accessKeyId: string; secretAccessKey: string; sessionToken: string } => ({
  accessKeyId: kms.settings['AWS_ACCESS_KEY_ID'] ?? '',
  secretAccessKey: kms.settings['AWS_SECRET_ACCESS_KEY'] ?? '',
  sessionToken: kms.settings['AWS_SESSION_TOKEN'] ?? '',
});

const ours = (): AwsKmsSettings => ({
  key: kms.settings['KMS_KEY'] ?? '',
  region: kms.settings['AWS_REGION'] ?? '',
  endpoint: kms.url,
  credentials: credentials(),
});

/** With pauses for tests. @param attempt how long one may take: short only for what never answers */
const hasty = (attempt: number) => new AwsKms(ours(), Date.now, { attempt, pauses: [1, 1, 1] });

/** Another KMS: `KMS_TEST` is its URL, `KMS_TEST_KEY` a key of it. */
const theirs = (): AwsKmsSettings => ({
  key: process.env['KMS_TEST_KEY'] ?? '',
  region: process.env['AWS_REGION'] ?? 'us-east-1',
  endpoint: process.env['KMS_TEST'],
  credentials: {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
  },
});

describe.each([
  ['ours', ours, true],
  // needs such a KMS: moto, LocalStack, or AWS itself
  ['the one of KMS_TEST', theirs, process.env['KMS_TEST'] !== undefined],
])('a KMS, %s', (_which, settings, isThere) => {
  it.runIf(isThere)('unwraps for a store what it wrapped for it, and shows nothing of it', async () => {
    const wrapper = new AwsKms(settings());
    const keys = uint8Array({ minLength: 32, maxLength: 32 });
    await assert(
      asyncProperty(keys, async (key) => {
        const wrapped = Buffer.from(await wrapper.wrap(key, 'ours'));
        expect(wrapped.includes(Buffer.from(key))).toBe(false);
        expect([...(await wrapper.unwrap(wrapped, 'ours'))]).toEqual([...key]);
      }),
      { numRuns: 10 },
    );
  });

  it.runIf(isThere)('unwraps nothing for another store, and nothing that was altered', async () => {
    const wrapper = new AwsKms(settings());
    const wrapped = await wrapper.wrap(randomBytes(32), 'ours');
    await expect(wrapper.unwrap(wrapped, 'theirs')).rejects.toThrow('did not wrap this key');
    const altered = Buffer.from(wrapped);
    altered.writeUInt8(altered.readUInt8(altered.length - 1) ^ 1, altered.length - 1);
    await expect(wrapper.unwrap(altered, 'ours')).rejects.toThrow('did not wrap this key');
  });

  it.runIf(isThere)('says so when it has no such key', async () => {
    const key = 'arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000';
    await expect(new AwsKms({ ...settings(), key }).wrap(randomBytes(32), 'ours')).rejects.toThrow(
      'there is no such key there: correct KMS_KEY or AWS_REGION',
    );
  });
});

it('unwraps what was wrapped before its key was rotated', async () => {
  const wrapper = new AwsKms(ours());
  const key = randomBytes(32);
  const wrapped = await wrapper.wrap(key, 'ours');
  kms.rotate();
  expect(Buffer.from(await wrapper.unwrap(wrapped, 'ours'))).toEqual(key);
});

it('does not unwrap with another key than the one of the settings what that other one wrapped', async () => {
  kms.add('alias/other');
  const wrapped = await new AwsKms({ ...ours(), key: 'alias/other' }).wrap(randomBytes(32), 'ours');
  await expect(new AwsKms(ours()).unwrap(wrapped, 'ours')).rejects.toThrow('bring the key file and KMS_KEY');
});

it.each<[Failure]>([['KMSInternalException'], ['torn']])(
  'asks again after a fault that passes: %s',
  async (how) => {
    kms.fail(how, 2);
    await expect(new AwsKms(ours()).wrap(randomBytes(32), 'ours')).resolves.toBeDefined();
  },
);

it.each<[Failure, string, number]>([
  ['KMSInternalException', 'answers 500 (KMSInternalException) to Decrypt: try again', 4],
  ['torn', 'cannot be reached (', 4],
  ['silent', 'cannot be reached (TimeoutError)', 4],
  ['AccessDeniedException', 'allow kms:Encrypt and kms:Decrypt', 1],
  ['nonsense', 'see that KMS_ENDPOINT is that of a KMS', 1],
])('gives up in words after %s', async (how, words, times) => {
  kms.fail(how);
  onTestFinished(() => kms.fail(undefined));
  const before = kms.asked.length;
  const attempt = how === 'silent' ? 500 : 30_000;
  await expect(hasty(attempt).unwrap(randomBytes(60), 'ours')).rejects.toThrow(words);
  expect(kms.asked).toHaveLength(before + times);
});

it.each([
  [
    'other credentials',
    (): Partial<AwsKmsSettings> => ({ credentials: { ...credentials(), secretAccessKey: 'x' } }),
  ],
  ['another region', (): Partial<AwsKmsSettings> => ({ region: 'us-east-1' })],
])('says so when it does not take %s', async (_what, other) => {
  await expect(new AwsKms({ ...ours(), ...other() }).wrap(randomBytes(32), 'ours')).rejects.toThrow(
    'it does not take the credentials',
  );
});

it('says so when its clock is another one, and repeats no secret', async () => {
  const hour = Date.now() - 3_600_000;
  const refused = new AwsKms(ours(), () => hour).wrap(randomBytes(32), 'ours');
  await expect(refused).rejects.toThrow('set the clock right');
  await expect(refused).rejects.not.toThrow(credentials().secretAccessKey);
});

it('takes the credentials that the machine hands out, by a token in a file that is renewed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assent-kms-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const tokenFile = join(folder, 'token');
  let expected = 'one';
  const { url } = await handingOut(() => expected);
  const wrapper = new AwsKms({ ...ours(), credentials: { url, tokenFile } });
  for (const token of ['one', 'two']) {
    await writeFile(tokenFile, `${token}\n`);
    expected = token;
    await expect(wrapper.wrap(randomBytes(32), 'ours')).resolves.toBeDefined();
  }
  await writeFile(tokenFile, 'three');
  await expect(wrapper.wrap(randomBytes(32), 'ours')).rejects.toThrow('answers 401');
});

it('takes credentials from files as they are then, when they were renewed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assent-kms-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, ...settings } = kms.settings;
  const parts = Object.entries({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN });
  const write = async (end: string) => {
    for (const [name, value] of parts) await writeFile(join(folder, name), `${value}${end}\n`);
  };
  await write('-ended');
  const { kms: read } = readConfig({
    ...settings,
    ...Object.fromEntries(parts.map(([name]) => [`${name}_FILE`, join(folder, name)])),
  });
  const wrapper = new AwsKms(read ?? expect.unreachable());
  await expect(wrapper.wrap(randomBytes(32), 'ours')).rejects.toThrow('it does not take the credentials');
  await write('');
  await expect(wrapper.wrap(randomBytes(32), 'ours')).resolves.toBeDefined();
  await rm(join(folder, 'AWS_SESSION_TOKEN'));
  const hastily = new AwsKms(read ?? expect.unreachable(), Date.now, { attempt: 30_000, pauses: [] });
  await expect(hastily.wrap(randomBytes(32), 'ours')).rejects.toThrow(
    /^AWS_SESSION_TOKEN_FILE names `.*`, which cannot be read: correct the path/,
  );
});

/** What hands out credentials to who shows the token. */
async function handingOut(token: () => string): Promise<{ url: string }> {
  const server: Server = createServer((request, response) => {
    if (request.headers.authorization !== token()) response.writeHead(401).end();
    else {
      const { accessKeyId, secretAccessKey, sessionToken } = credentials();
      const given = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken };
      response.end(JSON.stringify({ ...given, Expiration: '2099-01-01T00:00:00Z' }));
    }
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return { url: `http://127.0.0.1:${address.port}/v1/credentials` };
}
