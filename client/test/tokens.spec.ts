/** Tokens are got when they are needed, replaced before they expire and when they are refused; without one, all is a no. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Assent, type Settings, createAssent } from '../src/assent.js';
import type { TokenSettings } from '../src/http/tokens.js';
import { type Doing, FakeService } from './faults/fake-service.js';
import { FUNCTIONS } from './faults/functions.js';

const PATIENT = 30_000;

let service: FakeService;
let provider: FakeService;
/** The tokens that the provider gave, in order, and the one that the service takes. */
let given: string[];
let taken: (token: string) => boolean;
const open: Assent[] = [];

beforeEach(async () => {
  given = [];
  taken = () => true;
  service = await new FakeService().start();
  service.doing = (response, { headers, body }, request) => {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (taken(token)) response.writeHead(200, headers).end(body);
    else response.writeHead(401, headers).end('{"type":"urn:assent:problem:not_authenticated"}');
  };
  provider = await new FakeService().start();
  provider.doing = gives(3600);
});
afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await Promise.all([service.stop(), provider.stop()]);
  vi.useRealTimers();
});

/** Gives a new token each time. @param lifetime in seconds */
function gives(lifetime: number): Doing {
  return (response) => {
    const token = `token-${given.length + 1}`;
    given.push(token);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: lifetime }));
  };
}

const credentials = (): TokenSettings => ({
  tokenUrl: `${provider.url}/token`,
  clientId: 'a client',
  clientSecret: 's:ecret',
  scope: 'assent',
  parameters: { audience: 'assent' },
});

function clientWith(token: TokenSettings, more: Pick<Settings, 'timeout'> = {}): Assent {
  const client = createAssent({
    url: service.url,
    token,
    purpose: 'ai',
    discharges: ['min_cohort_50'],
    timeout: PATIENT,
    ...more,
  });
  open.push(client);
  return client;
}

const asks = (client: Assent) => client.may('u-1', 'member.skills');
const sent = () => service.received.map(({ headers }) => headers.authorization);

describe('client credentials', () => {
  test('are sent as RFC 6749 says, and the token with each request', async () => {
    const client = clientWith(credentials());
    expect([await asks(client), await asks(client)]).toEqual([true, true]);
    const [request] = provider.received;
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'assent',
      audience: 'assent',
    });
    expect(request?.headers.authorization).toBe(
      `Basic ${Buffer.from('a+client:s%3Aecret').toString('base64')}`,
    );
    expect(sent()).toEqual(['Bearer token-1', 'Bearer token-1']);
    expect(given).toHaveLength(1);
  });

  test('get one token for all who ask at once', async () => {
    const client = clientWith(credentials());
    const permits = await Promise.all(Object.values(FUNCTIONS).map((ask) => ask(client)));
    expect(permits.every((permit) => permit > 0)).toBe(true);
    expect(given).toEqual(['token-1']);
  });

  test('get another token when the service takes the old one no more', async () => {
    const client = clientWith(credentials());
    await asks(client);
    taken = (token) => token === 'token-2';
    expect(await asks(client)).toBe(true);
    expect(await asks(client)).toBe(true);
    expect(given).toEqual(['token-1', 'token-2']);
  });

  test('get another token when the old one expires', async () => {
    provider.doing = gives(0);
    const client = clientWith(credentials());
    expect([await asks(client), await asks(client)]).toEqual([true, true]);
    expect(sent()).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test.each([
    ['an hour fast', 3_600_000],
    ['an hour slow', -3_600_000],
  ])('do not mind a clock that goes %s', async (_what, milliseconds) => {
    const client = clientWith(credentials());
    await asks(client);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
    expect(await asks(client)).toBe(true);
    expect(given).toEqual(['token-1']);
  });

  test('get another token before the old one expires, and use that one until it is there', async () => {
    const times = vi.spyOn(performance, 'now');
    const client = clientWith(credentials());
    await asks(client);
    const began = performance.now();
    times.mockImplementation(() => began + 3_000_000);
    expect(await asks(client)).toBe(true);
    await expect.poll(() => given).toEqual(['token-1', 'token-2']);
    expect(sent()).toEqual(['Bearer token-1', 'Bearer token-1']);
    times.mockRestore();
  });

  test('keep to a token that is still good while no other can be got', async () => {
    // soon to be replaced, and good for a while
    const times = vi.spyOn(performance, 'now');
    const client = clientWith(credentials());
    await asks(client);
    const began = performance.now();
    times.mockImplementation(() => began + 3_000_000);
    provider.doing = (response) => response.destroy();
    expect([await asks(client), await asks(client)]).toEqual([true, true]);
    times.mockImplementation(() => began + 3_700_000);
    expect(await asks(client)).toBe(false);
    times.mockRestore();
  });

  const REFUSALS: readonly (readonly [string, Doing])[] = [
    ['hangs up', (response) => response.destroy()],
    ['refuses', (response) => response.writeHead(401).end('{"error":"invalid_client"}')],
    ['redirects', (response) => response.writeHead(307, { location: '/again' }).end()],
    ['gives no JSON', (response) => response.writeHead(200).end('<html>')],
    ['gives no token', answers({ token_type: 'Bearer' })],
    ['gives a token that would be a header', answers({ access_token: 'a\r\nx: y', token_type: 'Bearer' })],
    ['gives a token of another type', answers({ access_token: 'a', token_type: 'DPoP' })],
    ['says how long in words', answers({ access_token: 'a', token_type: 'Bearer', expires_in: 'long' })],
    ['gives a token from the past', answers({ access_token: 'a', token_type: 'Bearer', expires_in: -1 })],
    ['never stops', (response) => response.writeHead(200).end('{'.repeat(100_000))],
  ];
  test.each(REFUSALS)('of a provider that %s permit nothing, and are tried again', async (_what, doing) => {
    provider.doing = doing;
    for (const [name, ask] of Object.entries(FUNCTIONS))
      expect(await ask(clientWith(credentials())), name).toBe(0);
    const client = clientWith(credentials());
    const [answer] = await client.checkMany([{ user: 'u-1', field: 'member.skills' }]);
    expect(answer).toMatchObject({ permitted: false, reason: 'unauthorised' });
    expect(JSON.stringify(answer)).not.toContain('ecret');
    expect(service.received).toEqual([]);
    provider.doing = gives(3600);
    expect(await asks(client)).toBe(true);
  });

  test('of a provider that says nothing permit nothing, in time', async () => {
    provider.doing = () => undefined;
    const permits = Object.values(FUNCTIONS).map((ask) => ask(clientWith(credentials(), { timeout: 250 })));
    expect(await Promise.all(permits)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

function answers(body: object): Doing {
  return (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

test('a token that is empty is told of as one that was never set', () => {
  expect(() => clientWith('')).toThrow(/^`token` is empty: set a bearer token/);
});

describe('a function that gets tokens', () => {
  test('is asked for each request, and again when its token was refused', async () => {
    let count = 0;
    const client = clientWith(() => `token-${++count}`);
    expect(await asks(client)).toBe(true);
    taken = (token) => token === 'token-3';
    expect(await asks(client)).toBe(true);
    expect(sent()).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-3']);
  });

  test('is asked for one more token, not for ever, where none is taken', async () => {
    let count = 0;
    taken = () => false;
    const [answer] = await clientWith(() => `token-${++count}`).checkMany([
      { user: 'u-1', field: 'member.skills' },
    ]);
    expect(answer).toMatchObject({ permitted: false, reason: 'unauthorised' });
    expect(sent()).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test.each([
    ['401 and 503', [401, 503, 401, 503]],
    ['503 and 401', [503, 401, 503, 401]],
  ])(
    'does not make more than three requests of one that is answered with %s in turn',
    async (_what, codes) => {
      let count = 0;
      const left = [...codes];
      service.doing = (response, { headers }) => response.writeHead(left.shift() ?? 500, headers).end('{}');
      expect(await asks(clientWith(() => `token-${++count}`))).toBe(false);
      expect(service.received).toHaveLength(3);
    },
  );

  const FAULTS: readonly (readonly [string, () => string | Promise<string>])[] = [
    [
      'throws',
      () => {
        throw new Error('the secret is 1234');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the secret is 1234'))],
    ['gives nothing', () => ''],
    ['gives two lines', () => 'a\nb'],
  ];
  test.each(FAULTS)('and %s permits nothing, and repeats no secret', async (_what, token) => {
    for (const [name, ask] of Object.entries(FUNCTIONS)) expect(await ask(clientWith(token)), name).toBe(0);
    const [answer] = await clientWith(token).checkMany([{ user: 'u-1', field: 'member.skills' }]);
    expect(answer).toMatchObject({ permitted: false, reason: 'unauthorised' });
    expect(JSON.stringify(answer)).not.toContain('1234');
    expect(service.received).toEqual([]);
  });

  test('and never ends permits nothing, in time', async () => {
    const never = () => new Promise<string>(() => undefined);
    const permits = Object.values(FUNCTIONS).map((ask) => ask(clientWith(never, { timeout: 250 })));
    expect(await Promise.all(permits)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

test('a question that the service refuses among others is denied with the code of the refusal', async () => {
  const error = { status: 400, code: 'change_lost', message: 'the log no longer has the change' };
  service.doing = (response, { headers }) =>
    response
      .writeHead(200, headers)
      .end(JSON.stringify({ evaluations: [{ decision: false, context: { error } }] }));
  const context = { consistency_token: 'of-before' };
  expect(await clientWith('a').check('u-1', ['member.skills'], { context })).toMatchObject({
    'member.skills': { permitted: false, reason: 'invalid_question', code: 'change_lost' },
  });
});

describe('a service that repeats the token', () => {
  const TOKEN = 'a-token-that-is-secret';
  const READER = 'of-a-reader-and-secret';
  const said = `\u001b[2J${'x'.repeat(485)}${TOKEN} ${READER}`;
  test.each<[string, Doing]>([
    [
      'in a problem',
      (response, { headers }) =>
        response
          .writeHead(400, headers)
          .end(JSON.stringify({ type: 'urn:assent:problem:invalid_request', detail: said })),
    ],
    [
      'about a question or a user',
      (response, { headers, body }) => {
        const error = { status: 400, message: said };
        const items = JSON.stringify({ evaluations: [{ decision: false, context: { error } }] });
        const summary = { policy: 'p', revision: 'r', obligations: [], users: 0, malformed_lines: 1 };
        const lines = [{ line: 1, error: said }, summary].map((line) => `${JSON.stringify(line)}\n`).join('');
        response.writeHead(200, headers).end(body.startsWith('{"evaluations"') ? items : lines);
      },
    ],
  ])('%s is not repeated by the client', async (_what, doing) => {
    service.doing = doing;
    const client = clientWith(TOKEN);
    const context = { case: 'c', reader_token: READER };
    const messages = [await client.explain('u-1', 'member.skills', { context })];
    for await (const { message } of client.audience(['u-1'], ['member.skills']))
      messages.push(String(message));
    for (const message of messages) {
      expect(message).toContain('\\u{1b}[2Jxxx');
      expect(message).not.toMatch(/a-tok|of-a-re|\p{Cc}/u);
      expect(message.length).toBeLessThan(700);
    }
  });
});

test.each([
  ['`url`', { url: 'http://assent.example', token: 'a' }],
  ['`url`', { url: 'no address', token: 'a' }],
  ['`token`', { url: 'https://assent.example', token: 'a b' }],
  ['`token`', { url: 'https://assent.example', token: '' }],
  [
    '`token.tokenUrl`',
    { url: 'https://a.example', token: { tokenUrl: 'http://b.example', clientId: 'a', clientSecret: 'b' } },
  ],
  [
    '`clientId`',
    { url: 'https://a.example', token: { tokenUrl: 'https://b.example', clientId: '', clientSecret: 'b' } },
  ],
  ['`timeout`', { url: 'https://a.example', token: 'a', timeout: 0 }],
  ['`timeout`', { url: 'https://a.example', token: 'a', timeout: Infinity }],
  ['`timeout`', { url: 'https://a.example', token: 'a', timeout: 2 ** 31 }],
  ['`purpose`', { url: 'https://a.example', token: 'a', purpose: '' }],
])('settings whose %s cannot work are refused in words', (name, settings) => {
  expect(() => createAssent(settings)).toThrow(name);
});
