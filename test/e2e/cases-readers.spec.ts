/** Who reads under a case where several issuers are trusted and several processes decide. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BareProvider, DISCOVERY, startBareProvider } from '../bare-provider.js';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { ok } from './admins.js';
import { type FreezingProxy, freezingProxy } from './freezing-proxy.js';
import { type SigningKey, newSigningKey, signed } from './openid-provider.js';
import { EVALUATION, READ, purpose } from './questions.js';
import { textAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';

const REPORTS = 'safety.report_review';

const caseOf = (reviewer: object) => ({
  purpose: REPORTS,
  user: 'u-1',
  report: 'r-1',
  items: ['m-1'],
  reviewers: [reviewer],
  reason: 'threats',
  expires_at: new Date(Date.now() + 3_600_000).toISOString(),
});

async function opened(at: Service, token: string, reviewer: object): Promise<string> {
  const reply = await at.request('POST', '/v1/cases', { token, body: caseOf(reviewer) });
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return textAt(reply.body, 'id');
}

async function reasonOf(at: Service, token: string, id: string, reader: string): Promise<string> {
  const body = {
    subject: purpose(REPORTS),
    action: READ,
    resource: { type: 'field', id: 'message.body', properties: { user: 'u-1', item: 'm-1' } },
    context: { case: id, reader_token: reader },
  };
  const reply = await at.request('POST', EVALUATION, { token, body });
  return textAt(reply.body, 'context', 'reason');
}

describe('where two issuers are trusted', () => {
  let folder: string;
  let provider: BareProvider;
  let key: SigningKey;
  let service: Service;
  let safety: string;
  const issuerOf = (name: string) => `${provider.issuer}/${name}`;

  const tokenBy = (name: string, claims: JWTPayload, by = key) => {
    const now = Math.floor(Date.now() / 1_000);
    const common = { iss: issuerOf(name), aud: 'assent', client_id: 'web', iat: now, exp: now + 600 };
    return signed({ ...common, ...claims }, by);
  };
  const rita = { sub: 'rita', roles: ['case_reviewer'] };

  beforeAll(async () => {
    folder = await temporaryFolder();
    key = await newSigningKey();
    provider = await startBareProvider();
    await provider.publish([key]);
    const issuers = ['staff', 'partners'].map((name) => {
      const issuer = issuerOf(name);
      const document = { issuer, jwks_uri: `${provider.issuer}/keys` };
      provider.answer(`/${name}${DISCOVERY}`, JSON.stringify(document));
      return { issuer, audience: 'assent', shared_ids: 'yes' };
    });
    const file = join(folder, 'issuers.json');
    await writeFile(file, JSON.stringify({ issuers }));
    service = await startService({ OIDC_FILE: file });
    safety = await tokenBy('staff', {
      sub: 'safety',
      client_id: 'safety',
      purposes: [REPORTS],
      scope: 'cases:write users:write',
    });
    const body = { region: 'DE', age_band: 'adult' };
    ok(await service.request('PUT', '/v1/users/u-1', { token: safety, body }));
  });
  afterAll(async () => {
    await service.stop();
    await provider.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('the reader is the one whom the named issuer calls so, with a token that holds', async () => {
    const id = await opened(service, safety, { issuer: issuerOf('staff'), id: 'rita' });
    const asks = async (token: string) => reasonOf(service, safety, id, token);
    expect(await asks(await tokenBy('staff', rita))).toBe('permitted');
    const past = Math.floor(Date.now() / 1_000) - 1;
    const others = await Promise.all([
      tokenBy('partners', rita),
      tokenBy('nobody', rita),
      tokenBy('staff', { ...rita, exp: past }),
      tokenBy('staff', { ...rita, aud: 'elsewhere' }),
      tokenBy('staff', { ...rita, sub: 'Rita' }),
      tokenBy('staff', { ...rita, roles: [] }),
      tokenBy('staff', { ...rita, client_id: 'rita' }),
      tokenBy('staff', { ...rita, cnf: { jkt: 'a'.repeat(43) } }),
      tokenBy('staff', rita, await newSigningKey()),
    ]);
    for (const [place, token] of others.entries())
      expect(await asks(token), `token ${place}`).toBe('case_reader');
  });

  test('a reader without an issuer is refused, and told which there are', async () => {
    const { status, body } = await service.request('POST', '/v1/cases', {
      token: safety,
      body: caseOf({ id: 'rita' }),
    });
    expect(status).toBe(400);
    expect(textAt(body, 'detail')).toBe(
      `\`reviewers.0.issuer\` is missing: give \`${issuerOf('staff')}\` or \`${issuerOf('partners')}\``,
    );
  });

  test('a reader proves nothing in place of the service, and decisions are not for people', async () => {
    const id = await opened(service, safety, { issuer: issuerOf('staff'), id: 'rita' });
    const token = await tokenBy('staff', rita);
    const body = {
      subject: purpose('security.malware_scan'),
      action: READ,
      resource: { type: 'field', id: 'message.body', properties: { user: 'u-1', item: 'm-1' } },
      context: { case: id, reader_token: token, actor: 'automated' },
    };
    expect((await service.request('POST', EVALUATION, { token, body })).status).toBe(403);
  });
});

describe('where several processes decide', () => {
  let postgres: PostgresServer;
  let proxy: FreezingProxy;
  let services: readonly Service[];

  beforeAll(async () => {
    postgres = await startPostgres();
    const url = await postgres.createDatabase('cases');
    proxy = await freezingProxy(url);
    const keyFile = join(await temporaryFolder(), 'key');
    const start = (at: string) => startService({ DATABASE_URL: at, KEY_FILE: keyFile });
    services = [await start(url), await start(proxy.url)];
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    proxy.close();
    await postgres.stop();
  });

  /** Both processes, each with tokens that it trusts. */
  const everywhere = () =>
    Promise.all(
      services.map(async (at) => {
        const safety = await at.token({
          sub: 'safety',
          purposes: [REPORTS],
          scope: 'cases:write users:write',
        });
        const rita = await at.token({ sub: 'rita', roles: ['case_reviewer'] });
        return {
          open: () => opened(at, safety, { id: 'rita' }),
          register: async () =>
            ok(
              await at.request('PUT', '/v1/users/u-1', {
                token: safety,
                body: { region: 'DE', age_band: 'adult' },
              }),
            ),
          close: async (id: string) =>
            ok(
              await at.request('POST', `/v1/cases/${id}/closings`, { token: rita, body: { reason: 'done' } }),
            ),
          reasonOf: (id: string) => reasonOf(at, safety, id, rita),
        };
      }),
    );

  /** The reason once a process decides: who was kept from renewing its lease, or from the database, denies for a moment. */
  const decided = async (reason: () => Promise<string> | undefined) => {
    let given: string | undefined;
    await expect.poll(async () => (given = await reason())).not.toBe('consent_unavailable');
    return given;
  };

  test('a case that is opened or closed in one is so in the other at once', async () => {
    const [one, two] = await everywhere();
    await one?.register();
    for (const [here, there] of [
      [one, two],
      [two, one],
    ]) {
      const id = (await here?.open()) ?? '';
      expect(await decided(() => there?.reasonOf(id))).toBe('permitted');
      await here?.close(id);
      expect(await decided(() => there?.reasonOf(id))).toBe('case_closed');
    }
  });

  test('one that cannot ask the database permits nothing under a case', async () => {
    const [one, two] = await everywhere();
    const id = (await one?.open()) ?? '';
    expect(await decided(() => two?.reasonOf(id))).toBe('permitted');
    proxy.freeze();
    expect(await two?.reasonOf(id)).toBe('consent_unavailable');
    expect(await decided(() => one?.reasonOf(id))).toBe('permitted');
    proxy.thaw();
  });
});
