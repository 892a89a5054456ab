/** Consent receipts over HTTP: who gets which, who can verify them, and with what. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectRefusal, ok } from './admins.js';
import { type People, peopleOf } from './people.js';
import { listAt, textAt, valueAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const USER = 'u-europe';
const OTHER = 'u-other';

let service: Service;
let people: People;
let folder: string;
/** Consistency tokens of what was done to the user, in order. */
const events = { profile: '', granted: '', withdrawn: '', signal: '', ofOther: '' };

beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startService({
    CONTROLLER_NAME: 'Example Network',
    CONTROLLER_CONTACT: 'mailto:privacy@network.example',
  });
  people = await peopleOf(service);
  events.profile = await people.register(USER, 'DE');
  events.granted = await people.choose(USER, 'ads.inferred', 'granted');
  await people.register(OTHER, 'US-CA');
  events.ofOther = await people.choose(OTHER, 'ads.personalised', 'denied');
  const token = await service.token({ sub: USER });
  const choice = { token, body: { choice: 'denied' } };
  const denied = await service.request('PUT', '/v1/users/me/choices/ads.inferred', choice);
  events.withdrawn = textAt(ok(denied), 'consistency_token');
  const signal = { token, body: { signal: 'gpc' } };
  events.signal = textAt(
    ok(await service.request('POST', '/v1/users/me/signals', signal)),
    'consistency_token',
  );
});

afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

async function get(path: string, sub = USER) {
  return service.request('GET', path, { token: await service.token({ sub }) });
}

async function jwsOf(event: string): Promise<string> {
  return textAt(ok(await get(`/v1/users/me/receipts/${event}`)), 'jws');
}

async function verify(body: unknown) {
  return ok(await service.request('POST', '/v1/receipts/verify', { body }));
}

async function keys(): Promise<unknown> {
  return ok(await service.request('GET', '/.well-known/receipt-keys.json'));
}

async function rotate(claims: Parameters<Service['token']>[0]) {
  return service.request('POST', '/v1/receipt-keys', { token: await service.token(claims) });
}

describe('a receipt', () => {
  test('says what the user did, in the name of the controller, and is what the JWS signs', async () => {
    const body = ok(await get(`/v1/users/me/receipts/${events.granted}`));
    const receipt = valueAt(body, 'receipt');
    expect(receipt).toMatchObject({
      '@type': 'dpv:ConsentReceipt',
      'dpv:hasEntity': { 'dpv:hasName': 'Example Network' },
      'dpv:hasRecordOfActivity': [
        {
          'dpv:hasApplicableLaw': [{ '@id': 'legal-eu:law-GDPR' }],
          'dpv:hasProcess': { 'dpv:hasPurpose': { 'dct:identifier': 'ads.inferred' } },
          'dpv:hasConsentStatus': {
            '@type': ['dpv:ConsentGiven', 'dpv:ExplicitlyExpressedConsent'],
            // a service did it for the user
            'dpv:isImplementedByEntity': { 'dct:identifier': 'accounts' },
          },
          'assent:event': events.granted,
        },
      ],
    });
    const payload = textAt(body, 'jws').split('.')[1] ?? '';
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual(receipt);
    expect(await verify(Object(body))).toMatchObject({ valid: true });
    const altered = { ...Object(receipt), 'dpv:hasEntity': { 'dpv:hasName': 'Somebody Else' } };
    expect(await verify({ ...Object(body), receipt: altered })).toEqual({
      valid: false,
      because: expect.stringContaining('it differs at `/dpv:hasEntity/'),
    });
  });

  test('refers to nothing that its holder cannot follow', async () => {
    for (const event of [events.granted, events.signal]) {
      const { receipt } = Object(ok(await get(`/v1/users/me/receipts/${event}`)));
      const described = new Set(
        [...JSON.stringify(receipt).matchAll(/\{"@id":"([^"]+)","@type"/g)].map(([, id]) => id),
      );
      const base = textAt(receipt, '@context', 'assent').replace('/vocabulary#', '');
      const referred = [...JSON.stringify(receipt).matchAll(/"(?:@id|assent)":"([^"]+)"/g)].flatMap(
        ([, id = '']) => (id.startsWith(`${base}/`) && !described.has(id) ? [id] : []),
      );
      expect(new Set(referred.map((id) => id.replace(base, '').split(/[?#]/)[0])).size).toBeGreaterThan(2);
      for (const id of new Set(referred)) {
        const reply = await get(id.replace(base, '').replace(/#.*/, ''));
        expect(reply.status, id).toBe(200);
      }
    }
  });

  test('has the hash of the very notice that it refers to', async () => {
    const body = ok(await get(`/v1/users/me/receipts/${events.granted}`));
    const notice = valueAt(body, 'receipt', 'dpv:hasRecordOfActivity', 0, 'dpv:hasNotice');
    const address = textAt(notice, 'dct:source', '@id').replace(/^https?:\/\/[^/]+/, '');
    const hashes = await Promise.all(
      ['en', 'de'].map(async (language) => textAt(ok(await get(`${address}&language=${language}`)), 'hash')),
    );
    // nobody said which language the user was shown
    expect(listAt(notice, 'assent:noticeHash')).toEqual(hashes);
  });

  test('of a no after a yes is a withdrawal; that of a signal speaks of what it closes', async () => {
    const withdrawn = ok(await get(`/v1/users/me/receipts/${events.withdrawn}`));
    const status = ['receipt', 'dpv:hasRecordOfActivity', 0, 'dpv:hasConsentStatus', '@type'];
    expect(textAt(withdrawn, ...status)).toBe('dpv:ConsentWithdrawn');
    const signal = ok(await get(`/v1/users/me/receipts/${events.signal}`));
    expect(listAt(signal, 'receipt', 'dpv:hasRecordOfActivity').length).toBeGreaterThan(1);
  });

  test('is the same about the event each time, under another id', async () => {
    const once = ok(await get(`/v1/users/me/receipts/${events.granted}`));
    const again = ok(await get(`/v1/users/me/receipts/${events.granted}`));
    expect(valueAt(once, 'receipt', 'dpv:hasRecordOfActivity')).toEqual(
      valueAt(again, 'receipt', 'dpv:hasRecordOfActivity'),
    );
    expect(valueAt(once, 'receipt', '@id')).not.toEqual(valueAt(again, 'receipt', '@id'));
  });

  test('is not found alike for the event of another user, a profile, and what is no event', async () => {
    const answers = await Promise.all(
      [events.ofOther, events.profile, 'cjEuOTk5OTk', 'cjEuMA', 'nonsense', 'x'.repeat(200)].map(
        async (event) => {
          const token = await service.token({ sub: USER });
          const headers = { 'x-request-id': 'the-same' };
          return service.request('GET', `/v1/users/${USER}/receipts/${event}`, { token, headers });
        },
      ),
    );
    for (const reply of answers) {
      expectRefusal(reply, 404, 'receipt_not_found');
      expect(reply.body).toEqual(answers[0]?.body);
    }
  });

  test.each([
    ['the user', { sub: USER }, 200],
    ['a service with settings:read', { sub: 's', purposes: [], scope: 'settings:read' }, 200],
    ['a service with other scopes', { sub: 's', purposes: [], scope: 'users:write choices:write' }, 403],
    ['another user', { sub: OTHER }, 403],
    ['a privacy officer without a reason', { sub: 'a', roles: ['privacy_officer'] }, 400],
    ['another admin', { sub: 'a', roles: ['policy_admin'] }, 403],
  ])('is for %s', async (_who, claims, status) => {
    const token = await service.token(claims);
    for (const path of [`/v1/users/${USER}/receipts`, `/v1/users/${USER}/receipts/${events.granted}`])
      expect((await service.request('GET', path, { token })).status, path).toBe(status);
  });
});

describe('the list of receipts', () => {
  test('has every choice and signal of the user, oldest first, in pages', async () => {
    const whole = ok(await get('/v1/users/me/receipts'));
    const listed = listAt(whole, 'receipts').map((entry) => textAt(entry, 'event'));
    expect(listed).toEqual([events.granted, events.withdrawn, events.signal]);
    expect(textAt(whole, 'next')).toBe('');
    const paged: string[] = [];
    for (let after = '', turn = 0; turn < 5; turn++) {
      const page = ok(await get(`/v1/users/me/receipts?limit=1&after=${after}`));
      paged.push(...listAt(page, 'receipts').map((entry) => textAt(entry, 'event')));
      after = textAt(page, 'next');
      if (after === '') break;
    }
    expect(paged).toEqual(listed);
  });

  test('is empty for a user who said nothing, known or not', async () => {
    expect(ok(await get('/v1/users/me/receipts', 'u-nobody'))).toEqual({ receipts: [], next: '' });
  });

  test.each(['limit=0', 'limit=201', 'limit=x', 'after=nonsense', 'limit=1&limit=2'])(
    'refuses %s',
    async (query) => {
      expectRefusal(await get(`/v1/users/me/receipts?${query}`), 400, 'invalid_request');
    },
  );
});

describe('anybody', () => {
  test('can verify a receipt', async () => {
    const jws = await jwsOf(events.granted);
    expect(await verify({ jws })).toMatchObject({
      valid: true,
      receipt: { '@type': 'dpv:ConsentReceipt' },
      key: { kid: expect.any(String), created_at: expect.any(String), retired_at: null },
    });
  });

  test('is told where what is shown beside the signature is not what was signed', async () => {
    const { receipt, jws } = Object(ok(await get(`/v1/users/me/receipts/${events.granted}`)));
    const written = JSON.stringify(receipt);
    const { 'dct:created': _, ...shorter } = receipt;
    const record = '/dpv:hasRecordOfActivity/0';
    for (const [shown, place] of [
      [
        JSON.parse(written.replace('dpv:ConsentGiven', 'dpv:ConsentRefused')),
        `${record}/dpv:hasConsentStatus/@type/0`,
      ],
      [{ ...receipt, 'dpv:hasRecordOfActivity': [] }, record],
      [{ ...receipt, 'dpv:hasRecordOfActivity': {} }, '/dpv:hasRecordOfActivity'],
      [shorter, '/dct:created'],
      [{ ...receipt, 'a/b~c': true }, '/a~1b~0c'],
      // a terminal would go up a line and write over what is wrong
      [{ ...receipt, '\u001b[1Aok': true }, String.raw`/\u{1b}[1Aok`],
      [null, ''],
      [written, ''],
    ])
      expect(await verify({ receipt: shown, jws }), place).toEqual({
        valid: false,
        because: `the \`receipt\` beside the JWS is not what was signed: it differs at \`${place}\``,
      });
    const reordered = Object.fromEntries(Object.entries(receipt).toReversed());
    expect(await verify({ reciept: receipt, jws })).toEqual({
      valid: false,
      because: 'something stands beside `jws` and `receipt`: correct its name, or take it out',
    });
    expect(await verify({ receipt: reordered, jws })).toMatchObject({ valid: true });
  });

  test('is told what is wrong with what is no receipt', async () => {
    const jws = await jwsOf(events.granted);
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const other = Buffer.from(
      Buffer.from(payload, 'base64url').toString().replace('ads.inferred', 'ads'),
    ).toString('base64url');
    for (const body of [
      { jws: `${header}.${other}.${signature}` },
      { jws: `${header}.${payload}.` },
      { jws: '' },
      { jws: 5 },
      { jws: [jws] },
      { jws: await service.token({ sub: USER }) },
      {},
      [],
      '[]',
      'null',
      '"text"',
    ])
      expect(await verify(body)).toEqual({ valid: false, because: expect.any(String) });
  });

  test('can send no more than a receipt could be', async () => {
    const reply = await service.request('POST', '/v1/receipts/verify', {
      body: { jws: 'x'.repeat(140_000) },
    });
    expectRefusal(reply, 413, 'body_too_large');
    expectRefusal(
      await service.request('POST', '/v1/receipts/verify', { body: '{"jws":' }),
      400,
      'invalid_request',
    );
  });

  test('can have the public keys, and nothing more of them', async () => {
    await jwsOf(events.granted);
    const reply = await service.request('GET', '/.well-known/receipt-keys.json');
    expect(reply.headers.get('cache-control')).toMatch(/^public, max-age=\d{3,}$/);
    for (const key of listAt(ok(reply), 'keys'))
      expect(Object.keys(Object(key)).toSorted()).toEqual(
        ['alg', 'created_at', 'crv', 'kid', 'kty', 'retired_at', 'use', 'x'].toSorted(),
      );
  });
});

describe('a new key', () => {
  test('is for privacy officers to make', async () => {
    for (const claims of [
      { sub: 'a', roles: ['policy_admin', 'auditor'] },
      { sub: USER },
      { sub: 's', purposes: [], scope: 'settings:read policies:write' },
      { sub: 's', purposes: [], scope: 'privacy_officer' },
    ])
      expectRefusal(await rotate(claims), 403, 'caller_not_allowed');
  });

  test('signs from then on, while what the old one signed stays verifiable', async () => {
    const before = await jwsOf(events.granted);
    const made = await rotate({ sub: 'oda', roles: ['privacy_officer'] });
    expect(made).toMatchObject({ status: 201, body: { kid: expect.any(String), retired_at: null } });
    const after = await jwsOf(events.granted);
    expect(textAt(await verify({ jws: after }), 'key', 'kid')).toBe(textAt(made.body, 'kid'));
    const old = await verify({ jws: before });
    expect(old).toMatchObject({ valid: true, key: { retired_at: expect.any(String) } });
    expect(textAt(old, 'key', 'kid')).not.toBe(textAt(made.body, 'kid'));
    expect(listAt(await keys(), 'keys').map((key) => textAt(key, 'kid'))).toEqual(
      expect.arrayContaining([textAt(made.body, 'kid'), textAt(old, 'key', 'kid')]),
    );
  });
});

describe('the log of the service', () => {
  test('names nobody who got a receipt', async () => {
    expect(await service.logged()).not.toContain(USER);
  });
});

describe('npm run receipt', () => {
  type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

  /** Runs the built command to its end. */
  function receipt(args: readonly string[], input = ''): Promise<Ended> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ['dist/cli/receipt.js', ...args],
        { cwd: ROOT, env: { PATH: process.env['PATH'] } },
        (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
      );
      child.stdin?.end(input);
    });
  }

  async function saved(name: string, content: unknown): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  test('verifies a receipt with a copy of the keys, and says what it proves', async () => {
    const answer = ok(await get(`/v1/users/me/receipts/${events.withdrawn}`));
    const file = await saved('receipt.json', answer);
    const copy = await saved('keys.json', await keys());
    const ended = await receipt(['verify', file, '--keys', copy]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^ok {5}signed with the key [\w-]{43}\n/);
    expect(ended.stdout).toContain('ads.inferred: dpv:ConsentWithdrawn');
    expect(ended.stdout).toContain(`of ${USER}`);
    const whole = await receipt(['verify', '-', '--json', '--keys', copy], `${textAt(answer, 'jws')}\n`);
    expect(JSON.parse(whole.stdout)).toEqual(valueAt(answer, 'receipt'));
  });

  test('verifies with the keys of the service itself', async () => {
    const file = await saved('receipt.jws', await jwsOf(events.granted));
    const url = `${service.url}/.well-known/receipt-keys.json`;
    expect(await receipt(['verify', file, '--keys', url])).toMatchObject({ code: 0 });
  });

  test('says no to what was altered, and to keys that did not sign it', async () => {
    const jws = await jwsOf(events.granted);
    const place = jws.indexOf('.') + 100;
    const altered = jws.slice(0, place) + (jws[place] === 'A' ? 'B' : 'A') + jws.slice(place + 1);
    const copy = await saved('keys.json', await keys());
    const beside = { jws, receipt: { '@context': 'https://example.com/another' } };
    const none = await saved('none.json', { keys: [] });
    for (const [file, use] of [
      [await saved('altered.jws', altered), copy],
      [await saved('garbage.json', '{"jws":5}'), copy],
      [await saved('beside.json', beside), copy],
      [await saved('genuine.jws', jws), none],
    ] as const) {
      const ended = await receipt(['verify', file, '--keys', use]);
      expect(ended, file).toMatchObject({ code: 1, stderr: '' });
      expect(ended.stdout).toMatch(/^wrong {2}/);
    }
  });

  test.each([
    [[], 'usage'],
    [['sign'], 'there is no command `sign`'],
    [['verify'], 'FILE is missing'],
    [['verify', 'receipt.jws'], '`--keys` is missing'],
    [['verify', 'nowhere.jws', '--keys', 'nowhere.json'], 'nowhere.json'],
    [['verify', 'package.json', '--keys', 'package.json'], 'the keys are not as a service publishes them'],
    [['verify', 'package.json', '--keys', 'http://consent.example/keys'], 'must be an https URL'],
    [['verify', 'package.json', '--key', 'x'], 'there is no option `--key`'],
  ])('says what is wrong with %j', async (args, said) => {
    const ended = await receipt(args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(said);
  });

  test('has a help', async () => {
    for (const args of [['--help'], ['verify', '--help']])
      expect((await receipt(args)).stdout).toMatch(/^usage: npm run -s receipt -- verify FILE --keys/);
  });
});
