import { rm } from 'node:fs/promises';
import { PURPOSES, attributesOfUser, choiceName, comparison, questions } from '../comparison.mjs';
import {
  askAll,
  cerbosBinary,
  fillStore,
  httpRequest,
  loadServer,
  startCerbos,
  startEcho,
  startService,
  temporaryFolder,
  tokenFor,
} from '../servers.mjs';
import { population } from '../users.mjs';

export const PATH = '/access/v1/evaluation';
const CERBOS_PATH = '/api/check/resources';

export function bodyOf({ user, purpose, field }) {
  return JSON.stringify({
    subject: { type: 'purpose', id: purpose },
    action: { name: 'read' },
    resource: { type: 'field', id: field, properties: { user } },
    context: { actor: 'automated' },
  });
}

/** What Cerbos is asked: it keeps no users, so a question brings the user's attributes with it. */
function cerbosBodyOf({ user, purpose, field }, { policy, dependencies }, people) {
  const number = Number(user.slice('member-'.length)) - 1_000_001;
  const { regime, age, gpc, choices } = attributesOfUser(policy, dependencies, people.user(number));
  return JSON.stringify({
    requestId: '1',
    principal: { id: purpose, roles: ['service'] },
    resources: [
      {
        actions: [purpose],
        resource: {
          kind: 'field',
          id: field,
          attr: { regime, age, gpc, ...Object.fromEntries(named(choices, dependencies)) },
        },
      },
    ],
  });
}

function named(choices, dependencies) {
  return dependencies.map((id, place) => [`choice${place}`, choices[choiceName(id)]]);
}

/** The permits as one resource policy: a rule per purpose and group of regimes that mean the same. */
function cerbosPolicies({ permits, dependencies }) {
  const oneOf = (values, name) => `${name} in ${JSON.stringify(values)}`;
  const rules = permits.map(({ purpose, fields, regimes, ages, gpc, choices }) => ({
    actions: [purpose],
    effect: 'EFFECT_ALLOW',
    roles: ['service'],
    condition: {
      match: {
        expr: [
          oneOf(fields, 'R.id'),
          oneOf(regimes, 'R.attr.regime'),
          ...(ages.length < 3 ? [oneOf(ages, 'R.attr.age')] : []),
          ...(gpc.length < 2 ? [oneOf(gpc, 'R.attr.gpc')] : []),
          ...Object.entries(choices).map(([id, standings]) =>
            oneOf(standings, `R.attr.choice${dependencies.indexOf(id)}`),
          ),
        ].join(' && '),
      },
    },
  }));
  return {
    'field.yaml': JSON.stringify({
      apiVersion: 'api.cerbos.dev/v1',
      resourcePolicy: { version: 'default', resource: 'field', rules },
    }),
  };
}

/** A data folder with users in it, that a service can be started on again and again. */
export async function serviceData(policy, users) {
  const dataDir = await temporaryFolder();
  await fillStore({ dataDir }, policy, users);
  const token = await tokenFor(dataDir, { sub: 'bench', purposes: PURPOSES });
  return { dataDir, authorization: `Bearer ${token}` };
}

export default {
  name: 'evaluation',
  title: 'POST /access/v1/evaluation',
  shape: 'authenticated, keep-alive, 64 connections, each with one request on its way; server on one core',
  size: '100,000 users; 4 purposes × 8 fields of the reference policy; 20,000 different requests in turn',
  worst: 'every request is about another user, and answers differ from one to the next',
  measures: 'requests a second; the ceiling is a bare `node:http` server that answers always the same bytes',
  load: 'closed loop from the other core; sockets written and read directly, so that the server is the limit',
  systems: [
    { name: 'assent', title: 'Assent', note: '`dist/main.js` as `npm start` starts it, with a bearer token' },
    {
      name: 'cerbos',
      title: 'Cerbos (REST)',
      note: "the real server; not authenticated; keeps no users, so each request brings the user's attributes; GOMAXPROCS=1",
    },
    {
      name: 'echo',
      title: 'node:http echo',
      note: 'the ceiling: reads the same requests, answers the headers and bytes of one answer of Assent',
    },
  ],
  headline: { metric: 'requests', unit: '1/s' },
  peers: ['cerbos', 'echo'],
  targets: [
    {
      says: 'of the raw `node:http` echo',
      at: 'least',
      bound: 0.65,
      percent: true,
      figure: (v) => v('assent', 'requests') / v('echo', 'requests'),
    },
    {
      says: '× Cerbos REST',
      at: 'least',
      bound: 8,
      figure: (v) => v('assent', 'requests') / v('cerbos', 'requests'),
    },
  ],
  options: (quick) =>
    quick
      ? { users: 5_000, requests: 2_000, agreed: 500, warmUpMs: 1_500, durationMs: 2_000 }
      : { users: 100_000, requests: 20_000, agreed: 2_000, warmUpMs: 3_000, durationMs: 5_000 },
  overHttp: {
    async prepare({ users }) {
      const asked = await comparison();
      return { asked, people: population(asked.policy), ...(await serviceData(asked.policy, users)) };
    },
    skips: (system) =>
      system === 'cerbos' && cerbosBinary() === undefined
        ? '`@cerbos/cerbos-linux-x64` has no binary for this platform'
        : undefined,
    async answers(system, shared, { users, agreed }) {
      const wanted = questions(agreed, users, 0);
      const server = await start(system, shared);
      try {
        if (system === 'echo') {
          return undefined;
        }
        if (system === 'cerbos') {
          const bodies = await askAll(
            server.port,
            wanted.map((question) => ({
              path: CERBOS_PATH,
              body: cerbosBodyOf(question, shared.asked, shared.people),
            })),
          );
          return bodies.map(({ results }) => ({
            permit: Object.values(results[0].actions)[0] === 'EFFECT_ALLOW',
          }));
        }
        const bodies = await askAll(
          server.port,
          wanted.map((question) => ({
            path: PATH,
            headers: { authorization: shared.authorization },
            body: bodyOf(question),
          })),
        );
        return bodies.map(({ decision }) => ({ permit: decision }));
      } finally {
        await server.stop();
      }
    },
    async measure(system, shared, { users, requests, warmUpMs, durationMs, nodeArgs }) {
      const wanted = questions(requests, users, 1);
      const server = await start(system, shared, nodeArgs);
      try {
        const messages = wanted.map((question) =>
          system === 'cerbos'
            ? httpRequest('POST', CERBOS_PATH, [], cerbosBodyOf(question, shared.asked, shared.people))
            : httpRequest('POST', PATH, [`authorization: ${shared.authorization}`], bodyOf(question)),
        );
        const figures = await loadServer(server, messages, { connections: 64, warmUpMs, durationMs });
        if (figures.refused > 0) throw new Error(`${system} refused requests:\n${figures.sample}`);
        if (system === 'assent') shared.sample = figures.sample;
        return [
          { metric: 'requests', unit: '1/s', value: figures.perSecond },
          { metric: 'p50', unit: 'ms', value: figures.p50 },
          { metric: 'p99', unit: 'ms', value: figures.p99 },
          { metric: 'server core busy', unit: '%', value: figures.busy * 100 },
        ];
      } finally {
        await server.stop();
      }
    },
    finish: ({ dataDir }) => rm(dataDir, { recursive: true, force: true }),
  },
};

async function start(system, shared, nodeArgs) {
  if (system === 'cerbos') return startCerbos(cerbosPolicies(shared.asked));
  if (system === 'echo') return startEcho(await answerToEcho(shared));
  return startService({ dataDir: shared.dataDir, nodeArgs });
}

/** What the echo answers: an answer of the service, headers and all, but for those that `node:http` sets itself. */
async function answerToEcho(shared) {
  if (shared.sample === undefined) return { headers: { 'content-length': '2' }, body: '{}' };
  const [head, body] = shared.sample.split('\r\n\r\n');
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
      .filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name.toLowerCase())),
  );
  return { headers, body: Buffer.from(body, 'latin1').toString('utf8') };
}
