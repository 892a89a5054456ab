import { rm } from 'node:fs/promises';
import { comparison, questions } from '../comparison.mjs';
import { askAll, httpRequest, loadServer, startService } from '../servers.mjs';
import { PATH as SINGLE_PATH, bodyOf, serviceData } from './evaluation.mjs';

const PATH = '/access/v1/evaluations';
const ITEMS = 100;

/** How a batch is written, and what its questions are. */
const SHAPES = {
  /** As a service asks for one purpose: what is the same for all items stands once, as AuthZEN's defaults. */
  assent: {
    asked: (wanted) => wanted.map((question) => ({ ...question, purpose: wanted[0].purpose })),
    written: (asked) => {
      const { resource: _resource, ...defaults } = JSON.parse(bodyOf(asked[0]));
      const evaluations = asked.map((question) => ({ resource: JSON.parse(bodyOf(question)).resource }));
      return JSON.stringify({ ...defaults, evaluations });
    },
  },
  /** Nothing is left to defaults, which is the most that a batch can hold. */
  whole: {
    asked: (wanted) => wanted,
    written: (asked) => `{"evaluations":[${asked.map(bodyOf).join(',')}]}`,
  },
};

/** Bodies of different batches. @param {keyof typeof SHAPES} name */
export function batches(name, count, users, seed) {
  const shape = SHAPES[name];
  return Array.from({ length: count }, (_, at) =>
    shape.written(shape.asked(questions(ITEMS, users, seed + at))),
  );
}

/** Whole requests of a load, `batch` or `single`: of those, as many as take about as long. */
export function messagesOf(load, count, users, authorization) {
  const [path, bodies] =
    load === 'batch'
      ? [PATH, batches('assent', count, users, 1)]
      : [SINGLE_PATH, questions(count * 40, users, 1).map((question) => bodyOf(question))];
  return bodies.map((body) => httpRequest('POST', path, [`authorization: ${authorization}`], body));
}

export default {
  name: 'evaluations',
  title: 'POST /access/v1/evaluations',
  shape: 'authenticated, keep-alive, 16 connections; 100 items a request; server on one core',
  size: '100,000 users; 4 purposes × 8 fields of the reference policy; 500 different requests in turn',
  worst:
    'every item is about another user and field; `whole`: each names its purpose, action and context itself too',
  measures: 'decisions a second: a request is 100 of them',
  load: 'closed loop from the other core',
  systems: [
    {
      name: 'assent',
      title: 'Assent',
      note: '`dist/main.js` as `npm start` starts it, with a bearer token; purpose, action and context stand once, as defaults',
    },
    { name: 'whole', title: 'Assent, items whole', note: 'the same with nothing left to defaults' },
  ],
  headline: { metric: 'decisions', unit: '1/s' },
  targets: [{ says: 'decisions/s', at: 'least', bound: 570_000, figure: (v) => v('assent', 'decisions') }],
  options: (quick) =>
    quick
      ? { users: 5_000, requests: 100, warmUpMs: 1_500, durationMs: 2_000 }
      : { users: 100_000, requests: 500, warmUpMs: 3_000, durationMs: 5_000 },
  overHttp: {
    async prepare({ users }) {
      const { policy } = await comparison();
      return serviceData(policy, users);
    },
    async measure(system, { dataDir, authorization }, { users, requests, warmUpMs, durationMs, nodeArgs }) {
      const server = await startService({ dataDir, nodeArgs });
      try {
        // a batch and the same questions one by one must be answered alike
        const shape = SHAPES[system];
        const wanted = shape.asked(questions(ITEMS, users, 0));
        const ask = (path, body) => ({ path, headers: { authorization }, body });
        const [batch] = await askAll(server.port, [ask(PATH, shape.written(wanted))]);
        const single = await askAll(
          server.port,
          wanted.map((question) => ask('/access/v1/evaluation', bodyOf(question))),
        );
        if (JSON.stringify(batch.evaluations) !== JSON.stringify(single))
          throw new Error('a batch is answered otherwise than its questions one by one');
        const messages = batches(system, requests, users, 1).map((body) =>
          httpRequest('POST', PATH, [`authorization: ${authorization}`], body),
        );
        const figures = await loadServer(server, messages, { connections: 16, warmUpMs, durationMs });
        if (figures.refused > 0) throw new Error(`requests were refused:\n${figures.sample}`);
        return [
          { metric: 'decisions', unit: '1/s', value: figures.perSecond * ITEMS },
          { metric: 'requests', unit: '1/s', value: figures.perSecond },
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
