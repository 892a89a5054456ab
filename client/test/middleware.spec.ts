/** The middleware for Express and the `preHandler` for Fastify: one core, the same answers. */
import { once } from 'node:events';
import { type IncomingMessage, createServer } from 'node:http';
import { fastify } from 'fastify';
import { describe, expect, test } from 'vitest';
import { createAssent } from '../src/assent.js';
import type { Assent } from '../src/assent.js';
import * as forExpress from '../src/express.js';
import * as forFastify from '../src/fastify.js';
import { FakeService } from './faults/fake-service.js';
import { FAULTS } from './faults/faults.js';
import { Permitting } from './asking/permitting.js';

const SECRET = 'metalwork';
const FIELDS = ['member.skills', 'member.email'];
const PROFILE = forExpress.shows({ skills: 'member.skills', email: 'member.email' }, { open: ['id'] });
const RESPONSE = { id: 'u-1', skills: SECRET, email: SECRET, birthday: SECRET };

type Options = { readonly user?: (request: unknown) => never };

/** Runs a route `/u/{user}`, and another that only masks: `/masked/{user}`. */
type Run = (
  assent: Assent,
  options: Options,
) => Promise<{ readonly url: string; readonly stop: () => Promise<unknown> }>;

/** As Express does, which is not installed here: it puts parameters there, and takes `next(error)` for a failure. */
const express: Run = async (assent, options) => {
  type Routed = IncomingMessage & { params?: object };
  const guard = forExpress.usesData<Routed>(assent, 'ai', FIELDS, options);
  const server = createServer((request: Routed, response) => {
    const [, route, user = ''] = (request.url ?? '').split('/');
    request.params = { user };
    const next = (error?: unknown) => {
      // as Express: no error, and the word `route`, go on
      if (error !== undefined && error !== 'route') response.writeHead(500).end();
      else response.end(JSON.stringify(RESPONSE));
    };
    if (route === 'u') void guard(request, response, next);
    else
      void forExpress
        .mask(assent, 'ai', PROFILE, RESPONSE, { user })
        .then((shown) => response.end(JSON.stringify(shown)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const stop = () => new Promise((resolve) => server.close(resolve));
  return { url: `http://127.0.0.1:${port}`, stop };
};

const fastifyServer: Run = async (assent, options) => {
  const server = fastify();
  type Route = { Params: { user: string } };
  const preHandler = forFastify.usesData(assent, 'ai', FIELDS, options);
  server.get<Route>('/u/:user', { preHandler }, () => Promise.resolve(RESPONSE));
  server.get<Route>('/masked/:user', ({ params: { user } }) =>
    forFastify.mask(assent, 'ai', PROFILE, RESPONSE, { user }),
  );
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  return { url, stop: () => server.close() };
};

const get = async (url: string) => {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: await response.text(),
  };
};

describe.each([
  ['Express', express],
  ['Fastify', fastifyServer],
])('in %s', (_what, run) => {
  async function answersOf(assent: Assent, paths: readonly string[], options: Options = {}) {
    const { url, stop } = await run(assent, options);
    try {
      return await Promise.all(paths.map((path) => get(`${url}/${path}`)));
    } finally {
      await stop();
    }
  }

  test('a request goes on where all may be read, and is refused in words where something may not', async () => {
    const service = new Permitting(({ user, field }) => user === 'u-1' || field === 'member.skills');
    const assent = createAssent({ transport: service });
    const [open, closed, shown, masked] = await answersOf(assent, [
      'u/u-1',
      'u/u-2',
      'masked/u-1',
      'masked/u-2',
    ]);
    expect(open).toMatchObject({ status: 200, body: JSON.stringify(RESPONSE) });
    expect(closed).toMatchObject({
      status: 403,
      type: expect.stringMatching(/^application\/problem\+json\b/),
    });
    expect(JSON.parse(closed?.body ?? '')).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      detail: '`ai` may not read `member.email`: the user denied the purpose, or one it depends on',
      purpose: 'ai',
      field: 'member.email',
      reason: 'opted_out',
    });
    expect(JSON.parse(shown?.body ?? '')).toEqual({ id: 'u-1', skills: SECRET, email: SECRET });
    expect(JSON.parse(masked?.body ?? '')).toEqual({ id: 'u-1', skills: SECRET });
  });

  test.each([
    ['nothing', undefined],
    ['the word `route`', 'route'],
    ['an error', new Error(SECRET)],
  ])(
    'a program that cannot say whose data it is, and throws %s, lets nothing through',
    async (_thrown, error) => {
      const assent = createAssent({ transport: new Permitting() });
      const user = () => {
        throw error;
      };
      const [answer] = await answersOf(assent, ['u/u-1'], { user });
      expect(answer?.status).toBe(500);
      expect(answer?.body).not.toContain(`"skills":"${SECRET}"`);
    },
  );

  test('a request without a user is refused', async () => {
    const [answer] = await answersOf(createAssent({ transport: new Permitting() }), ['u/']);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status: 403, reason: 'invalid_question' });
  });

  test.each(FAULTS)('a service that %s lets nothing through', async (_fault, reason, fault) => {
    const service = await new FakeService().start();
    service.doing = fault;
    const timeout = reason === 'timed_out' ? 250 : 30_000;
    const settings = { url: service.url, token: 'a-token', discharges: ['min_cohort_50'], timeout };
    const assent = createAssent(settings);
    const [refused, masked] = await answersOf(assent, ['u/u-1', 'masked/u-1']);
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({ status: 403, reason });
    expect(masked?.body).toBe('{"id":"u-1"}');
    assent.close();
    await service.stop();
  });
});
