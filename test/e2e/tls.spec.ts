/** TLS that the service itself speaks: with certificates that are replaced, and with those of its callers. */
import { execFile, execFileSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newDataFolder } from '../data-folder.js';
import { type OpenIdProvider, signed, startOpenIdProvider } from './openid-provider.js';
import { EVALUATION, mayRead } from './questions.js';
import { metricsUrlOf, scrape } from './scrape.js';
import { type Service, refusalToStart, startService, temporaryFolder } from './service.js';

const AUDIENCE = 'https://assent.example';
const PURPOSE = 'service';
/** Longer than the service takes to see that a file has changed. */
const SOON = { interval: 200 };

let folder: string;
let provider: OpenIdProvider;
const services: Service[] = [];

const at = (name: string) => join(folder, name);
const pem = (name: string) => readFileSync(at(name));

/** Makes `NAME.pem` and `NAME.key`; without an authority it is one. */
function certify(name: string, authority?: string): void {
  const by = authority === undefined ? [] : ['-CA', at(`${authority}.pem`), '-CAkey', at(`${authority}.key`)];
  const kind = authority === undefined ? 'CA:TRUE' : 'CA:FALSE';
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' ');
  const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)];
  const extensions = [`basicConstraints=critical,${kind}`, 'subjectAltName=IP:127.0.0.1'];
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  const args = ['req', '-x509', ...key, ...files, '-subj', `/CN=${name}`, ...by, ...added];
  execFileSync('openssl', args, { stdio: 'pipe' });
}

/** Puts a certificate and its key where the service looks for them. */
function install(name: string, as: string): void {
  copyFileSync(at(`${name}.pem`), at(`${as}.pem`));
  copyFileSync(at(`${name}.key`), at(`${as}.key`));
}

const shown = (name: string) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) });

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const authority of ['ours', 'theirs']) certify(authority);
  for (const name of ['first', 'second', 'feed', 'ads']) certify(name, 'ours');
  certify('stranger', 'theirs');
  // of the same key
  const ended = [
    '-in',
    at('second.pem'),
    '-signkey',
    at('second.key'),
    '-days',
    '-1',
    '-out',
    at('ended.pem'),
  ];
  execFileSync('openssl', ['x509', ...ended], { stdio: 'pipe' });
  provider = await startOpenIdProvider(AUDIENCE, { feed: { purposes: [PURPOSE] } });
});

afterAll(async () => {
  for (const service of services) await service.stop();
  await provider.unplug();
  rmSync(folder, { recursive: true });
});

async function start(as: string, more: Readonly<Record<string, string>> = {}): Promise<Service> {
  install('first', as);
  const service = await startService({
    DATA_DIR: await newDataFolder(),
    OIDC_ISSUER: provider.issuer,
    OIDC_AUDIENCE: AUDIENCE,
    PUBLIC_URL: AUDIENCE,
    TLS_CERT_FILE: at(`${as}.pem`),
    TLS_KEY_FILE: at(`${as}.key`),
    ...more,
  });
  services.push(service);
  return service;
}

type Asked = Omit<RequestOptions, 'headers'> & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** Asks over a connection of its own, unless it is given an agent. */
async function ask(service: Service, path: string, { headers, body, ...how }: Asked = {}) {
  const sent = request(`${service.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ca: pem('ours.pem'),
    agent: false,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...how,
  });
  const payload = body === undefined ? '' : JSON.stringify(body);
  // what is asked before the router says how long it is
  if (body !== undefined) sent.setHeader('content-length', Buffer.byteLength(payload));
  sent.end(payload);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject);
  });
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

/** The name of the certificate that a connection gets. */
function nameAt({ url }: Service, options: ConnectionOptions = {}): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), ca: pem('ours.pem'), ...options }, () => {
      resolve(socket.getPeerX509Certificate()?.subject ?? 'none');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('a service with a certificate', () => {
  let service: Service;
  beforeAll(async () => {
    service = await start('plain', { METRICS_PORT: '0' });
  });

  test('speaks TLS from 1.2 on and nothing else, and has browsers come by it alone', async () => {
    const { status, headers } = await ask(service, '/health/ready');
    expect(status).toBe(200);
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(await nameAt(service, { maxVersion: 'TLSv1.2' })).toBe('CN=first');
    await expect(
      nameAt(service, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).rejects.toThrow();
    await expect(fetch(service.url.replace('https:', 'http:'))).rejects.toThrow();
    expect(await ask(service, '/health/live')).toMatchObject({ status: 200 });
  });

  test('is found at its public URL by commands that have its settings', async () => {
    const env = {
      TLS_CERT_FILE: at('plain.pem'),
      TLS_KEY_FILE: at('plain.key'),
      PUBLIC_URL: service.url,
      NODE_EXTRA_CA_CERTS: at('ours.pem'),
      POLICY_TOKEN: 'none',
    };
    const cwd = new URL('../..', import.meta.url);
    const called = promisify(execFile)(process.execPath, ['dist/cli/keys.js', 'rotate', 'receipts'], {
      cwd,
      env,
    });
    await expect(called).rejects.toThrow('the server answered 401');
  });

  test('takes no token that is bound to a certificate, for it asks for none', async () => {
    const { status, body } = await ask(service, '/v1/me', {
      headers: await bearer('feed'),
      ...shown('feed'),
    });
    expect([status, body]).toEqual([401, expect.stringContaining('bound to a certificate')]);
  });

  test('uses new files when both are there and hold, and the former ones until then', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await ask(service, '/health/live', { agent })).toMatchObject({ status: 200 });
    writeFileSync(at('plain.pem'), pem('second.pem'));
    await expect.poll(service.output, SOON).toContain('not the key of the certificate in TLS_CERT_FILE');
    expect(await nameAt(service)).toBe('CN=first');
    writeFileSync(at('plain.key'), pem('second.key'));
    await expect.poll(() => nameAt(service), SOON).toBe('CN=second');
    writeFileSync(at('plain.pem'), 'half of a cert');
    await expect.poll(service.output, SOON).toContain('has no certificate in PEM');
    expect(await nameAt(service)).toBe('CN=second');
    writeFileSync(at('plain.pem'), pem('ended.pem'));
    await expect
      .poll(service.output, SOON)
      .toContain('has ended or does not hold yet, and that in use holds');
    expect(await nameAt(service)).toBe('CN=second');
    writeFileSync(at('plain.pem'), Buffer.alloc(3_000_000));
    await expect.poll(service.output, SOON).toContain('which is no file of at most');
    expect(await nameAt(service)).toBe('CN=second');
    const told = new Map((await scrape(await metricsUrlOf(service))).map(({ name, value }) => [name, value]));
    const { validFrom, validTo } = new X509Certificate(pem('second.pem'));
    expect(told.get('assent_tls_certificate_start_seconds')).toBe(Date.parse(validFrom) / 1_000);
    expect(told.get('assent_tls_certificate_end_seconds')).toBe(Date.parse(validTo) / 1_000);
    // nobody is thrown out for it
    expect(await ask(service, '/health/live', { agent })).toMatchObject({ status: 200 });
    agent.destroy();
    expect(service.output()).not.toContain('PRIVATE KEY');
  });
});

/** A token of the service `feed`, bound to a certificate. */
async function bearer(certificate?: string): Promise<{ authorization: string }> {
  const now = Math.floor(Date.now() / 1_000);
  const thumbprint = (name: string) =>
    createHash('sha256')
      .update(new X509Certificate(pem(`${name}.pem`)).raw)
      .digest('base64url');
  const claims = {
    iss: provider.issuer,
    aud: AUDIENCE,
    sub: 'feed',
    client_id: 'feed',
    purposes: [PURPOSE],
    iat: now,
    exp: now + 600,
    ...(certificate === undefined ? {} : { cnf: { 'x5t#S256': thumbprint(certificate) } }),
  };
  return { authorization: `Bearer ${await signed(claims, provider.key())}` };
}

describe('a service that trusts an authority of clients', () => {
  let service: Service;
  beforeAll(async () => {
    copyFileSync(at('ours.pem'), at('authorities.pem'));
    service = await start('mutual', { TLS_CLIENT_CA_FILE: at('authorities.pem'), METRICS_PORT: '0' });
  });

  const decides = async (headers: { authorization: string }, certificate?: string) => {
    const how = certificate === undefined ? {} : shown(certificate);
    return (await ask(service, EVALUATION, { body: mayRead(PURPOSE, 'u-1'), headers, ...how })).status;
  };

  test('answers nobody without a certificate of it, but for probes', async () => {
    const headers = await bearer();
    for (const path of ['/health/live', '/health/ready'])
      expect(await ask(service, path), path).toMatchObject({ status: 200 });
    expect(await decides(headers, 'feed')).toBe(200);
    // also where the token was verified before, so that it is answered before the router
    for (const certificate of [undefined, 'stranger']) {
      expect(await decides(headers, certificate)).toBe(401);
      const how = certificate === undefined ? {} : shown(certificate);
      for (const path of [
        '/',
        '/v1/me',
        '/settings',
        '/console',
        '/nowhere',
        '/.well-known/authzen-configuration',
      ])
        expect(await ask(service, path, { headers, ...how }), path).toMatchObject({ status: 401 });
    }
  });

  test('takes a token that is bound to a certificate from whoever has that one alone', async () => {
    const bound = await bearer('feed');
    for (let again = 0; again < 2; again++) {
      expect(await decides(bound, 'feed')).toBe(200);
      expect(await decides(bound, 'ads')).toBe(401);
      expect(await decides(bound)).toBe(401);
    }
    expect(await decides(await bearer('stranger'), 'stranger')).toBe(401);
    expect(await decides(await bearer('ads'), 'feed')).toBe(401);
  });

  test('counts a token that is bound to a certificate for the limit of its client, from whoever has that one alone', async () => {
    const limited = await start('limited', {
      TLS_CLIENT_CA_FILE: at('authorities.pem'),
      CLIENT_RATE_LIMIT: '1',
      OVERLOAD_WAIT_MS: '0',
    });
    const headers = await bearer('feed');
    const asked = async (certificate: string, times: number) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const how = { headers, agent, body: mayRead(PURPOSE, 'u-1'), ...shown(certificate) };
      const replies = Array.from({ length: times }, () => ask(limited, EVALUATION, how));
      const statuses = (await Promise.all(replies)).map(({ status }) => status);
      agent.destroy();
      return new Set(statuses);
    };
    // what is not known yet is not counted
    expect(await asked('feed', 1)).toEqual(new Set([200]));
    expect(await asked('ads', 20)).toEqual(new Set([401]));
    expect(await asked('feed', 20)).toEqual(new Set([200, 429]));
  });

  test('trusts another authority as soon as it is in the file, and the former one no more', async () => {
    const headers = await bearer();
    const agent = new Agent({ keepAlive: false, maxCachedSessions: 10 });
    const as = async (certificate: string) =>
      (await ask(service, '/v1/me', { headers, agent, ...shown(certificate) })).status;
    expect([await as('feed'), await as('stranger')]).toEqual([200, 401]);
    copyFileSync(at('theirs.pem'), at('authorities.pem'));
    await expect.poll(() => as('stranger'), SOON).toBe(200);
    // no session that was made before lets it in
    expect(await as('feed')).toBe(401);
  });

  test('takes authorities out also while its own certificate cannot be replaced, and tells what it refuses', async () => {
    const headers = await bearer();
    const as = async (certificate: string) =>
      (await ask(service, '/v1/me', { headers, ...shown(certificate) })).status;
    writeFileSync(at('mutual.key'), 'half of a key');
    writeFileSync(at('authorities.pem'), Buffer.concat([pem('ours.pem'), pem('theirs.pem')]));
    await expect.poll(async () => [await as('feed'), await as('stranger')], SOON).toEqual([200, 200]);
    copyFileSync(at('ours.pem'), at('authorities.pem'));
    await expect.poll(() => as('stranger'), SOON).toBe(401);
    writeFileSync(
      at('authorities.pem'),
      `${pem('ours.pem').toString()}${pem('theirs.pem').toString().slice(0, 200)}`,
    );
    const told = async (name: string) =>
      (await scrape(await metricsUrlOf(service))).find((sample) => sample.name === name)?.value;
    await expect.poll(() => told('assent_tls_files_refused'), SOON).toBe(2);
    install('first', 'mutual');
    copyFileSync(at('ours.pem'), at('authorities.pem'));
    await expect.poll(() => told('assent_tls_files_refused'), SOON).toBe(0);
    const { validTo } = new X509Certificate(pem('ours.pem'));
    expect(await told('assent_tls_authorities_end_seconds')).toBe(Date.parse(validTo) / 1_000);
    expect([await as('feed'), await as('stranger')]).toEqual([200, 401]);
  });
});

test('a pipe in place of a file refuses the start, and is not waited for', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  const { code, stderr } = await refusalToStart({ TLS_CERT_FILE: at('pipe'), TLS_KEY_FILE: at('first.key') });
  expect(code).toBe(1);
  expect(stderr).toContain('which is no file of at most');
});

test('files that cannot be used refuse the start in words, and are not repeated', async () => {
  const { code, stderr } = await refusalToStart({
    TLS_CERT_FILE: at('first.pem'),
    TLS_KEY_FILE: at('second.key'),
  });
  expect(code).toBe(1);
  expect(stderr).toBe(
    'assent did not start: the file of TLS_KEY_FILE has not the key of the certificate in TLS_CERT_FILE: replace it\n',
  );
});
