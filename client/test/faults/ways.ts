/** Every way to ask beside the functions of `functions.ts`, with how much a healthy server lets through. */
import { once } from 'node:events';
import { type IncomingMessage, createServer } from 'node:http';
import { fastify } from 'fastify';
import { type Assent, type Settings, createAssent } from '../../src/assent.js';
import { grantPreHandler, requiresGrant } from '../../src/grants/guards.js';
import { OwnKey } from '../../src/grants/own-key.js';
import { type Verifier, createVerifier } from '../../src/grants/verifier.js';
import { usesData as forExpress } from '../../src/express.js';
import { mask, shows, usesData as forFastify } from '../../src/fastify.js';
import type { Answer } from '../../src/terms/answer.js';
import { MAKER } from './fake-service.js';
import { requestWith } from '../grants/grant-maker.js';
import { get, startNest } from '../nest/app.js';

const SKILLS = 'member.skills';
const OWNER = 'https://profiles.example';

/** One who asks, again and again. */
type Asking = { readonly ask: () => Promise<number>; readonly close: () => unknown };

export type Way = {
  /** How much is let through where all is permitted. */
  readonly all: number;
  /** Whether it reads decisions: what may be wrong with those is wrong with it. */
  readonly isDecided: boolean;
  readonly open: (url: string, timeout: number) => Promise<Asking>;
};

/** 0 where it throws: whoever is told no by an error goes on with nothing. */
const countOf = (asking: Promise<unknown>): Promise<number> =>
  asking.then(
    () => 1,
    () => 0,
  );

/** By a client of its own. */
function byClient(
  all: number,
  isDecided: boolean,
  ask: (assent: Assent) => Promise<number>,
  more: Partial<Pick<Settings, 'cache'>> = {},
): Way {
  return {
    all,
    isDecided,
    open: (url, timeout) => {
      const settings = { url, token: 'a-token', purpose: 'ai', discharges: ['min_cohort_50'], timeout };
      const assent = createAssent({ ...settings, ...more });
      return Promise.resolve({ ask: () => ask(assent), close: () => assent.close() });
    },
  };
}

/** By a server of its own, which has a route `/u/u-1/refused` that lets a request through or does not. */
function byServer(
  isDecided: boolean,
  start: (assent: Assent) => Promise<{ readonly url: string; readonly stop: () => unknown }>,
): Way {
  return {
    all: 1,
    isDecided,
    open: async (url, timeout) => {
      const assent = createAssent({ url, token: 'a-token', discharges: ['min_cohort_50'], timeout });
      const server = await start(assent);
      return {
        ask: async () => ((await get(`${server.url}/u/u-1/refused`)).status === 200 ? 1 : 0),
        close: async () => {
          await server.stop();
          assent.close();
        },
      };
    },
  };
}

/** By an owner of data, who gets the keys of the service. */
function byOwner(ask: (verifier: Verifier, request: Request) => Promise<boolean>): Way {
  return {
    all: 1,
    isDecided: false,
    open: async (url) => {
      const key = await OwnKey.make();
      const verifier = createVerifier({ url, audience: 'profiles', discharges: ['min_cohort_50'] });
      const now = Date.now() / 1000;
      const grant = MAKER.grant(key.thumbprint, { iss: url, iat: now, nbf: now, exp: now + 60 });
      return {
        ask: async () => Number(await ask(verifier, await requestWith(grant, key))),
        close: () => verifier.close(),
      };
    },
  };
}
type Request = Awaited<ReturnType<typeof requestWith>>;

const wanted = { user: 'u-1', field: SKILLS };
const owned = { base: OWNER, fields: [SKILLS], user: () => 'u-1' };
const asRequest = ({ grant, proof, method, url }: Request) => ({
  method,
  url: new URL(url).pathname,
  headers: { 'assent-grant': grant, dpop: proof },
});
const PERMIT: Answer = {
  permitted: true,
  reason: 'permitted',
  obligations: ['o'],
  policy: 'p',
  revision: 'r',
  dischargeToken: 't',
};
const CHARGE = {
  purpose: 'ai',
  period: '2026-11',
  figure: 'f',
  data: 'd',
  epsilon: { numerator: 1n, denominator: 10n },
  delta: { numerator: 0n, denominator: 1n },
};

export const WAYS: Readonly<Record<string, Way>> = {
  grant: byClient(3, false, async (assent) => {
    const grant = await assent.grant(['u-1', 'u-2'], [SKILLS], { audience: 'profiles' });
    const permits = grant.users.filter((user) => grant.may(user, SKILLS)).length;
    return permits + (await countOf(grant.headersFor('GET', OWNER)));
  }),
  grants: byClient(450, false, async (assent) => {
    let permits = 0;
    const users = Array.from({ length: 450 }, (_none, at) => `u-${at}`);
    for await (const grant of assent.grants(users, [SKILLS], { audience: 'profiles' }))
      permits += grant.users.filter((user) => grant.may(user, SKILLS)).length;
    return permits;
  }),
  discharged: byClient(1, false, (assent) => countOf(assent.discharged([PERMIT], 'o'))),
  budget: byClient(1, false, (assent) =>
    assent.budget.spend(CHARGE).then(
      (said) => Number(said === 'permitted'),
      () => 0,
    ),
  ),
  openExtract: byClient(1, false, (assent) => countOf(assent.openExtract([SKILLS]))),
  'extract.withdrawn': byClient(1, false, async (assent) =>
    countOf((await assent.extract('e-1')).withdrawn()),
  ),
  'extract.unlearned': byClient(1, false, async (assent) =>
    countOf((await assent.extract('e-1')).unlearned('s')),
  ),
  'extract.close': byClient(1, false, async (assent) => countOf((await assent.extract('e-1')).close())),
  cache: byClient(1, true, async (assent) => Number(await assent.may('u-1', SKILLS)), { cache: true }),
  mask: byClient(1, true, async (assent) => {
    const shape = shows({ skills: SKILLS });
    const shown = await mask(assent, 'ai', shape, { skills: 'metalwork' }, { user: 'u-1' });
    return Number(JSON.stringify(shown).includes('metalwork'));
  }),
  'express.usesData': byServer(true, async (assent) => {
    type Routed = IncomingMessage & { params?: object };
    const guard = forExpress<Routed>(assent, 'ai', [SKILLS]);
    const server = createServer((request: Routed, response) => {
      request.params = { user: 'u-1' };
      void guard(
        request,
        response,
        (error) => void response.writeHead(error === undefined ? 200 : 500).end(),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { url: `http://127.0.0.1:${port}`, stop: () => server.close() };
  }),
  'fastify.usesData': byServer(true, async (assent) => {
    const server = fastify();
    const preHandler = forFastify(assent, 'ai', [SKILLS]);
    server.get('/u/:user/refused', { preHandler }, () => Promise.resolve('yes'));
    return { url: await server.listen({ port: 0, host: '127.0.0.1' }), stop: () => server.close() };
  }),
  'nest.UsesData': byServer(true, async (assent) => {
    const { url, app } = await startNest(assent);
    return { url, stop: () => app.close() };
  }),
  'verifier.verify': byOwner(async (verifier, request) => (await verifier.verify(request, wanted)).permitted),
  'verifier.admit': byOwner(async (verifier, request) => {
    const admitted = await verifier.admit(request);
    return admitted.permitted && admitted.verdict(wanted).permitted;
  }),
  requiresGrant: byOwner(async (verifier, request) => {
    const guard = requiresGrant<object>(verifier, owned);
    let isThrough = false;
    const response: unknown = { writeHead: () => undefined, end: () => undefined };
    await Reflect.apply(guard, undefined, [
      asRequest(request),
      response,
      (error: unknown) => {
        isThrough = error === undefined;
      },
    ]);
    return isThrough;
  }),
  grantPreHandler: byOwner(async (verifier, request) => {
    const server = fastify();
    const preHandler = grantPreHandler(verifier, owned);
    server.get('/users/u-1', { preHandler }, () => Promise.resolve('yes'));
    const { method: _get, ...sent } = asRequest(request);
    const { statusCode } = await server.inject({ method: 'GET', ...sent });
    await server.close();
    return statusCode === 200;
  }),
};
