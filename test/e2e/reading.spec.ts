/** What comes in over HTTP is read one way, or refused in words. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CompactSign, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from './raw-request.js';
import { textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

let service: Service;
let token: string;

beforeAll(async () => {
  service = await startService();
  token = await service.token({
    sub: 'a-client',
    purposes: ['ads.personalised'],
    scope: 'users:write choices:write settings:read users:erase users:export users:import',
  });
});

afterAll(() => service.stop());

const json = { 'content-type': 'application/json' };

function raw(method: string, path: string, headers: Record<string, string> = {}, body?: string | Buffer) {
  return rawRequest(service.url, {
    method,
    path,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body: [body] }),
  });
}

function evaluationOf(user: string): string {
  return `{"subject":{"type":"purpose","id":"ads.personalised"},"action":{"name":"read"},"resource":{"type":"field","id":"member.skills","properties":{"user":${user}}}}`;
}

/** A user as bytes of Latin-1. */
const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe('a header that has one value', () => {
  const asked = (...more: string[]) => {
    const body = evaluationOf('"u-1"');
    const headers = [
      'connection: close',
      'host: assent.example',
      `authorization: Bearer ${token}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
      ...more,
    ];
    return spoken(`POST /access/v1/evaluation HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
  };

  it.each(['Authorization: Bearer other', 'Content-Type: application/json', 'Host: assent.example'])(
    'is refused where it comes twice: %s',
    async (second) => {
      expect(await asked()).toMatch(/^HTTP\/1.1 200 /);
      const [name = ''] = second.toLowerCase().split(':');
      const answer = await asked(second);
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      expect(answer).toContain(`\`${name}\` occurs twice`);
    },
  );
});

describe('a body that is compressed', () => {
  it('is refused by what it is, not by the bytes that it has', async () => {
    const body = gzipSync(evaluationOf('"u-1"'));
    for (const [method, path] of [
      ['POST', '/access/v1/evaluation'],
      ['PUT', '/v1/users/u-1/choices/ads.personalised'],
    ] as const) {
      const reply = await raw(method, path, { ...json, 'content-encoding': 'gzip' }, body);
      expect([reply.status, reply.body]).toEqual([
        400,
        expect.stringContaining('without `Content-Encoding`'),
      ]);
    }
  });
});

describe('bytes that are not UTF-8', () => {
  it.each([
    ['a decision', 'POST', '/access/v1/evaluation', evaluationOf('"m\xfcller"')],
    ['a profile', 'PUT', '/v1/users/u-1', '{"region":"DE","age_band":"adult","note":"\xfc"}'],
    ['a choice', 'PUT', '/v1/users/u-1/choices/ads.personalised', '{"choice":"denied","x":"\xff"}'],
  ])('are refused in %s', async (_what, method, path, body) => {
    const reply = await raw(method, path, json, latin1(body));
    expect([reply.status, reply.body]).toEqual([400, expect.stringContaining('not UTF-8')]);
  });

  it.each(['/v1/users/m%FCller/settings', '/v1/policies?x=%FC', '/v1/users/m\xfcller/settings'])(
    'are refused in the address %s',
    async (path) => {
      // a socket, for clients do not send such an address
      const reply = await spoken(
        latin1(
          `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${token}\r\n\r\n`,
        ),
      );
      expect(reply).toMatch(/^HTTP\/1\.1 400 /);
      expect(reply).toMatch(/percent-encoded UTF-8|not a request as HTTP/);
    },
  );

  it.each(['x-request-id', 'accept-language'])('are refused in the header %s', async (name) => {
    const reply = await raw('GET', '/v1/users/u-1/settings', { [name]: 'm\xfcller' });
    expect([reply.status, reply.body]).toEqual([400, expect.stringContaining(`\`${name}\``)]);
  });
});

describe('a member that stands twice', () => {
  it.each([
    [
      'POST',
      '/access/v1/evaluation',
      `${evaluationOf('"u-1"').slice(0, -1)},"action":{"name":"read"}}`,
      '/action',
    ],
    [
      'PUT',
      '/v1/users/u-1/choices/ads.personalised',
      '{"choice":"denied","ch\\u006fice":"granted"}',
      '/choice',
    ],
    ['PUT', '/v1/users/u-1', '{"region":"US-CA","age_band":"minor","age_band":"adult"}', '/age_band'],
    [
      'POST',
      '/v1/audiences',
      '{"purpose":"ads.personalised","fields":["member.skills"],"users":[],"users":["u"]}',
      '/users',
    ],
  ])('is refused by %s %s, and named', async (method, path, body, member) => {
    const reply = await service.request(method, path, { token, body });
    expect([reply.status, valueAt(reply.body, 'member')]).toEqual([400, member]);
    expect(textAt(reply.body, 'detail')).toContain('twice');
  });

  it('denies its item of a batch alone', async () => {
    const body = `{"evaluations":[${evaluationOf('"u-1"')},{"action":{},"action":{}},${evaluationOf('"u-1"')}]}`;
    const { status, body: answer } = await service.request('POST', '/access/v1/evaluations', { token, body });
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      evaluations: [
        { decision: false, context: { reason: 'unknown_user' } },
        { decision: false, context: { error: { status: 400, member: '/evaluations/1/action' } } },
        { decision: false, context: { reason: 'unknown_user' } },
      ],
    });
  });
});

describe('a parameter of the query that is not known', () => {
  it.each([
    ['/v1/users/u-1/history?limti=5', '`limti` is not known here: did you mean `limit`?'],
    [
      '/v1/users/u-1/receipts?page=2',
      '`page` is not known here: leave it out, or correct it to one of `after`, `limit`, `reason`',
    ],
    [
      '/v1/users/u-1/settings?at=2026-01-01',
      '`at` is not known here: leave it out, or correct it to `language`',
    ],
    ['/v1/policies/versions?curser=x', '`curser` is not known here: did you mean `cursor`?'],
    ['/v1/policies/drafts/d/impact?sample=5', '`sample` is not known here: did you mean `samples`?'],
  ])('is refused at %s', async (path, detail) => {
    const { status, body } = await raw('GET', path);
    expect([status, textAt(JSON.parse(body), 'detail')]).toEqual([400, detail]);
  });

  it('is refused beside a stream', async () => {
    const { status, body } = await raw(
      'POST',
      '/v1/audiences?purpose=ads.personalised&fields=member.skills&consistencytoken=x',
      { 'content-type': 'text/plain' },
      'u-1\n',
    );
    expect([status, textAt(JSON.parse(body), 'detail')]).toEqual([
      400,
      '`consistencytoken` is not known here: did you mean `consistency_token`?',
    ]);
  });

  it('is ignored where a client of AuthZEN, or a load balancer, adds it', async () => {
    const reply = await raw('POST', '/access/v1/evaluation?trace=x', json, evaluationOf('"u-1"'));
    expect(reply.status).toBe(200);
    expect((await raw('GET', '/health/live?x')).status).toBe(200);
  });
});

describe('a body of a type that a route does not take', () => {
  it.each([
    ['PUT', '/v1/users/u-1', 'text/csv', '`Content-Type: application/json`'],
    [
      'POST',
      '/v1/audiences',
      'text/csv',
      '`Content-Type: application/json`, `Content-Type: application/x-ndjson` or `Content-Type: text/plain`',
    ],
    [
      'POST',
      '/v1/imports/i?from=1',
      'text/csv',
      '`Content-Type: application/x-ndjson` or `Content-Type: text/plain`',
    ],
    [
      'POST',
      '/v1/imports/i?from=1',
      'application/json',
      '`Content-Type: application/x-ndjson` or `Content-Type: text/plain`',
    ],
    [
      'PUT',
      '/v1/policies/drafts/d/document',
      'text/csv',
      '`Content-Type: application/json` or `Content-Type: application/yaml`',
    ],
    [
      'POST',
      '/v1/policies/check',
      'text/plain',
      '`Content-Type: application/json` or `Content-Type: application/yaml`',
    ],
    [
      'PATCH',
      '/v1/policies/drafts/d/document',
      'application/yaml',
      '`Content-Type: application/json` or `Content-Type: application/json-patch+json`',
    ],
  ])('at %s %s is told which types there are', async (method, path, type, types) => {
    const { status, body } = await raw(method, path, { 'content-type': type }, '{}');
    expect([status, textAt(JSON.parse(body), 'detail')]).toEqual([
      400,
      `the body is of another type than this route takes: send it as ${types}`,
    ]);
  });
});

describe('a body that says how it is written', () => {
  it.each(['iso-8859-1', '"windows-1252"', 'UTF-16', ''])('is refused as %j', async (charset) => {
    for (const [method, path, type] of [
      ['PUT', '/v1/users/u-1', 'application/json'],
      ['POST', '/access/v1/evaluation', 'application/json'],
      ['POST', '/v1/audiences?purpose=ads.personalised&fields=member.skills', 'text/plain'],
      ['POST', '/v1/imports/i?from=1', 'application/x-ndjson'],
    ] as const) {
      const { status, body } = await raw(
        method,
        path,
        { 'content-type': `${type};charset=${charset}` },
        '{}',
      );
      expect([status, textAt(JSON.parse(body), 'detail')]).toEqual([
        400,
        expect.stringContaining('encode the body as UTF-8'),
      ]);
    }
  });

  it.each(['utf-8', 'UTF-8', '"utf-8"', 'utf8', 'us-ascii'])('is read as %j', async (charset) => {
    const type = { 'content-type': `application/json; charset=${charset}` };
    expect((await raw('POST', '/access/v1/evaluation', type, evaluationOf('"u-1"'))).status).toBe(200);
  });
});

describe('a parameter of the query that stands twice', () => {
  it.each([
    ['GET', '/v1/users/u-1/history?limit=5&limit=6', 'limit'],
    ['GET', '/v1/notices/ads.personalised?version=1&version=1', 'version'],
    ['POST', '/v1/audiences?purpose=ads.personalised&fields=member.skills&fields=post.text', 'fields'],
  ])('is refused at %s %s', async (method, path, name) => {
    const { status, body } = await raw(
      method,
      path,
      method === 'POST' ? { 'content-type': 'text/plain' } : {},
    );
    expect([status, JSON.parse(body)]).toMatchObject([
      400,
      { detail: `\`${name}\` occurs twice in the query: send it once`, member: `/${name}` },
    ]);
  });
});

describe('a body that is missing', () => {
  it.each([
    ['PUT', '/v1/users/u-1', '{"region": …, "age_band": …}'],
    ['PUT', '/v1/users/u-1/choices', '{}'],
    ['POST', '/access/v1/evaluation', '{"subject": …, "action": …, "resource": …}'],
  ])('at %s %s is told what is to be in it, whatever its type', async (method, path, least) => {
    for (const headers of [json, {}]) {
      const { status, body } = await raw(method, path, { ...headers, 'content-length': '0' });
      expect([status, textAt(JSON.parse(body), 'detail')]).toEqual([
        400,
        `the body is missing: send JSON, as in \`${least}\``,
      ]);
    }
  });
});

describe('an address that no route is at', () => {
  it.each([
    ['GET', '/access/v1/evaluation', 'POST', 'this address takes `POST`: use it'],
    ['POST', '/v1/users/u-1', 'DELETE, PUT', 'this address takes `DELETE` and `PUT`: use one of them'],
    [
      'PATCH',
      '/v1/users/u-1/choices/ads?x=1',
      'DELETE, GET, HEAD, PUT',
      'this address takes `DELETE`, `GET`, `HEAD` and `PUT`: use one of them',
    ],
  ])('by the method %s at %s is told which there are', async (method, path, allowed, detail) => {
    const { status, headers, body } = await raw(method, path);
    expect([status, headers['allow'], textAt(JSON.parse(body), 'detail')]).toEqual([405, allowed, detail]);
  });

  it.each([
    ['/v1/user/u-1/settings', 'there is no such route: did you mean `/v1/users/{id}/settings`?'],
    ['/v1/users/u-1/setings', 'there is no such route: did you mean `/v1/users/{id}/settings`?'],
    ['/access/v1/evalutions', 'there is no such route: did you mean `/access/v1/evaluations`?'],
    ['/v1/users/u-1/settings/?x=1', 'there is no such route: did you mean `/v1/users/{id}/settings`?'],
    ['/nothing/like/it', 'there is no such route; correct the address, docs/api.md has those there are'],
  ])('is told at %s what is near', async (path, detail) => {
    const { status, headers, body } = await raw('GET', path);
    expect([status, headers['allow'], textAt(JSON.parse(body), 'detail')]).toEqual([404, undefined, detail]);
  });
});

describe('an address that is a slip from another, and has an id there', () => {
  it('is told which takes the method', async () => {
    const { status, headers, body } = await raw('POST', '/v1/policies/draft', json, '{"message":"m"}');
    expect([status, headers['allow'], textAt(JSON.parse(body), 'detail')]).toEqual([
      404,
      undefined,
      'there is no such route: did you mean `/v1/policies/drafts`?',
    ]);
    const slash = await raw('POST', '/v1/policies/drafts/', json, '{"message":"m"}');
    expect([slash.status, textAt(JSON.parse(slash.body), 'detail')]).toEqual([
      404,
      'there is no such route: did you mean `/v1/policies/drafts`?',
    ]);
    const other = await raw('DELETE', '/v1/policies/draft');
    expect([other.status, other.headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  it.each(['/v1/policies/draft', '/v1/policies/drafts/'])(
    'is told at %s that what stands there is no id, and what is near',
    async (path) => {
      const { status, body } = await raw('GET', path);
      expect(status).toBe(400);
      expect(textAt(JSON.parse(body), 'detail')).toMatch(
        /^`id` must be .+; or did you mean the address `\/v1\/policies\/drafts`\?$/,
      );
    },
  );
});

describe('a caller who asks for what admins do', () => {
  it('is told whose token it takes to read the log, which is no policy', async () => {
    for (const claims of [{ sub: 'u-1' }, { sub: 'ads', purposes: [] }]) {
      const { status, body } = await service.request('GET', '/v1/log', {
        token: await service.token(claims),
      });
      expect([status, textAt(body, 'detail')]).toEqual([
        403,
        'this is for admins with the role `privacy_officer` or `auditor`: use the token of one',
      ]);
    }
  });

  it('is told whose token it takes, if it is a service', async () => {
    const { status, body } = await raw(
      'POST',
      '/v1/decisions/replay',
      json,
      `{"evaluation":${evaluationOf('"u-1"')},"at":"2026-01-01T00:00:00Z"}`,
    );
    expect([status, textAt(JSON.parse(body), 'detail')]).toEqual([
      403,
      'this is for admins with the role `policy_admin`, `privacy_officer` or `auditor`: use the token of one',
    ]);
  });
});

describe('an id that looks like another', () => {
  it.each(['u-1 ', '\u00a0u-1', 'u\u200b-1', '\u202eu-1', 'mu\u0308ller', 'm\ufffdller'])(
    'is refused wherever a user is named: %j',
    async (id) => {
      const address = `/v1/users/${encodeURIComponent(id)}`;
      const quoted = JSON.stringify(id);
      const asked = [
        ['PUT', address, '{"region":"DE","age_band":"adult"}'],
        ['PUT', `${address}/choices/ads.personalised`, '{"choice":"denied"}'],
        ['GET', `${address}/settings`, undefined],
        ['POST', '/access/v1/evaluation', evaluationOf(quoted)],
        [
          'POST',
          '/v1/audiences',
          `{"purpose":"ads.personalised","fields":["member.skills"],"users":["a",${quoted}]}`,
        ],
      ] as const;
      for (const [method, path, body] of asked) {
        const reply = await service.request(method, path, body === undefined ? { token } : { token, body });
        expect(reply.status, `${method} ${path}`).toBe(400);
      }
      const { body } = await service.request('POST', '/access/v1/evaluations', {
        token,
        body: `{"evaluations":[${evaluationOf(quoted)}]}`,
      });
      expect(body).toMatchObject({ evaluations: [{ decision: false, context: { error: { status: 400 } } }] });
    },
  );
});

describe('a time', () => {
  it.each([
    ['2099-02-30T00:00:00Z', 'does not exist'],
    ['2099-01-31T24:00:00Z', 'time of day'],
    ['1767225600', 'seconds since 1970'],
    ['46023', 'spreadsheets'],
    ['1999-01-01T00:00:00Z', 'before the year 2000'],
  ])('%s ends no grant and makes nobody an adult', async (time, words) => {
    const grant = await service.request('PUT', '/v1/users/u-1/choices/ads.personalised', {
      token,
      body: { choice: 'granted', until: time },
    });
    expect([grant.status, textAt(grant.body, 'detail')]).toEqual([400, expect.stringContaining(words)]);
    const minor = await service.request('PUT', '/v1/users/u-1', {
      token,
      body: { region: 'DE', age_band: 'minor', adult_from: time },
    });
    expect([minor.status, textAt(minor.body, 'detail')]).toEqual([400, expect.stringContaining(words)]);
  });
});

describe('a route without a body', () => {
  it.each([
    ['no type', {}, undefined],
    ['JSON and nothing in it', json, undefined],
    ['JSON of length 0', { ...json, 'content-length': '0' }, undefined],
    ['a type that is none', { 'content-type': 'garbage' }, undefined],
    ['a body that is no JSON', { ...json, 'content-length': '1' }, '{'],
    ['a body of another type', { 'content-type': 'text/csv', 'content-length': '3' }, 'a;b'],
  ])('erases, and reads, when it is sent %s', async (_what, headers, body) => {
    for (const [method, path] of [
      ['DELETE', '/v1/users/nobody'],
      ['GET', '/v1/users/nobody/settings'],
    ] as const)
      expect((await raw(method, path, headers, body)).status).toBe(200);
  });
});

/** Every operation of the documentation: method, address and description. */
async function operations(): Promise<[string, string, object][]> {
  const { body } = await service.request('GET', '/openapi.json');
  const paths = valueAt(body, 'paths');
  if (typeof paths !== 'object' || paths === null) throw new Error('the documentation lists addresses');
  return Object.entries(paths).flatMap(([path, described]: [string, object]) =>
    Object.entries(described).map(([method, operation]: [string, object]): [string, string, object] => [
      method.toUpperCase(),
      path,
      operation,
    ]),
  );
}

/** Every operation that describes no body, at addresses of what does not exist. */
async function withoutBody(): Promise<string[][]> {
  return (await operations())
    .filter(([, , operation]) => !('requestBody' in operation))
    .map(([method, path]) => [method, path.replaceAll(/\{\w+\}/g, 'nobody')]);
}

describe('the documentation', () => {
  it('says of every operation how it tells of a failure', async () => {
    const silent = (await operations()).filter(
      ([, , operation]) =>
        valueAt(operation, 'responses', 'default', 'content', 'application/problem+json') === undefined,
    );
    expect(silent.map(([method, path]) => `${method} ${path}`)).toEqual([]);
  });

  it('describes what an edit of a draft is', async () => {
    const patch = (await operations()).find(([method]) => method === 'PATCH');
    const schema = valueAt(patch?.[2], 'requestBody', 'content', 'application/json-patch+json', 'schema');
    expect(schema).toMatchObject({
      type: 'array',
      items: { $ref: '#/components/schemas/PatchOperation' },
    });
    const { body } = await service.request('GET', '/openapi.json');
    expect(valueAt(body, 'components', 'schemas', 'PatchOperation')).toMatchObject({
      properties: { op: { enum: expect.arrayContaining(['add', 'remove', 'test']) } },
    });
  });
});

describe('whoever sends a body to a route that takes none', () => {
  it('is answered as if they had not, on every such route', async () => {
    const operations = await withoutBody();
    expect(operations.length).toBeGreaterThan(30);
    const admin = await service.token({ sub: 'ann', roles: ['policy_admin'] });
    const held: string[] = [];
    for (const [method = '', path = ''] of operations)
      for (const bearer of [token, admin]) {
        const asked = (headers: Record<string, string>, body?: string) =>
          rawRequest(service.url, {
            method,
            path,
            headers: { authorization: `Bearer ${bearer}`, ...headers },
            ...(body === undefined ? {} : { body: [body] }),
          });
        const plain = await asked({});
        for (const [headers, body] of [
          [json, undefined],
          [{ 'content-type': 'garbage' }, undefined],
          [{ ...json, 'content-length': '1' }, '{'],
        ] as const)
          if ((await asked(headers, body)).status !== plain.status) held.push(`${method} ${path}`);
      }
    expect(held).toEqual([]);
  });
});

describe('a token', () => {
  it('that names a claim twice, or is not UTF-8, is refused though it is signed', async () => {
    const key: unknown = JSON.parse(await readFile(join(service.dataDir, 'development-key.json'), 'utf8'));
    const jwk = { kty: 'EC', crv: 'P-256', x: textAt(key, 'x'), y: textAt(key, 'y'), d: textAt(key, 'd') };
    const [, given = ''] = token.split('.');
    const claims = Buffer.from(given, 'base64url').toString();
    const signed = async (payload: Buffer) =>
      new CompactSign(payload)
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: textAt(key, 'kid') })
        .sign(await importJWK(jwk, 'ES256'));
    const asked = async (payload: Buffer) =>
      service.request('GET', '/v1/users/u-1/settings', { token: await signed(payload) });
    expect((await asked(Buffer.from(claims))).status).toBe(200);
    const twice = await asked(Buffer.from(`${claims.slice(0, -1)},"sub":"another"}`));
    expect([twice.status, textAt(twice.body, 'detail')]).toEqual([
      401,
      expect.stringContaining('`sub` twice'),
    ]);
    expect((await asked(latin1(claims.replace('a-client', 'm\xfcller')))).status).toBe(401);
  });
});

describe('a byte-order mark', () => {
  it('is no part of a JSON body', async () => {
    const reply = await raw('POST', '/access/v1/evaluation', json, `\ufeff${evaluationOf('"u-1"')}`);
    expect(reply.status).toBe(200);
  });

  it.each([
    ['text/plain', '\ufeffu-1\nu-2\n'],
    ['application/x-ndjson', '\ufeff"u-1"\n"u-2"\n'],
  ])('is no part of the first id of an audience of %s', async (type, body) => {
    const { body: answer } = await raw(
      'POST',
      '/v1/audiences?purpose=ads.personalised&fields=member.skills',
      { 'content-type': type, accept: 'application/x-ndjson' },
      body,
    );
    expect(answer).toContain('{"user":"u-1"');
    expect(answer).toContain('"malformed_lines":0');
  });
});

/** What the service says on a socket to these bytes, until it closes it. */
function spoken(bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('what is no request', () => {
  it.each([
    [
      'headers that are too large',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'a request that names no host',
      'GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n',
      400,
      'invalid_request',
    ],
    ['a line that is no request', 'nonsense\r\n\r\n', 400, 'invalid_request'],
  ])('is answered with a problem document: %s', async (_what, bytes, status, code) => {
    const answer = await spoken(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('content-type: application/problem+json');
    expect(answer).toContain(`urn:assent:problem:${code}`);
  });
});
