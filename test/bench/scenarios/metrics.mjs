import { rm } from 'node:fs/promises';
import { comparison, questions } from '../comparison.mjs';
import { askAll, freePort, httpRequest, loadServer, startService } from '../servers.mjs';
import { PATH, bodyOf, serviceData } from './evaluation.mjs';
import { batches } from './evaluations.mjs';

const ITEMS = 100;
const LOADS = {
  single: { connections: 64, decisions: 1 },
  batch: { connections: 16, decisions: ITEMS },
};
const SETTINGS = ['off', 'on'];
/** Fifteen times as often as Prometheus is told to by `deploy/prometheus/prometheus.yaml`. */
const SCRAPE_MS = 1_000;

/** By processor time, which other work on the machine blurs less than the rate. */
const RATE = 'per second of processor time';
/** How much of the rate without metrics is left. */
const left = (v, load) => v(`${load} on`, RATE) / v(`${load} off`, RATE);

export default {
  name: 'metrics',
  title: 'What metrics cost',
  shape:
    'single evaluations, and batches of 100, each without `METRICS_PORT` and with it, read once a second; server on one core; `RECORD=off`, so that the cost is not hidden behind the disk',
  size: '100,000 users; 4 purposes × 8 fields of the reference policy',
  worst: 'every question is about another user',
  measures: 'decisions a second, and the 99th percentile of a request',
  load: 'closed loop from the other core; a new process for each figure, with and without in turn; all answers of both are compared first',
  rounds: 7,
  systems: Object.keys(LOADS).flatMap((load) =>
    SETTINGS.map((setting) => ({
      name: `${load} ${setting}`,
      title: `${load}, metrics ${setting}`,
      note: '`dist/main.js` as `npm start` starts it, with a bearer token',
    })),
  ),
  headline: { metric: 'decisions', unit: '1/s' },
  targets: Object.keys(LOADS).map((load) => ({
    says: `of ${load === 'single' ? 'single decisions' : 'decisions in batches'} with metrics`,
    at: 'least',
    bound: 0.97,
    percent: true,
    figure: (v) => left(v, load),
  })),
  options: (quick) =>
    quick
      ? { users: 5_000, requests: 100, agreed: 200, warmUpMs: 1_500, durationMs: 2_000 }
      : { users: 100_000, requests: 500, agreed: 2_000, warmUpMs: 3_000, durationMs: 5_000 },
  overHttp: {
    async prepare({ users }) {
      const { policy } = await comparison();
      return serviceData(policy, users);
    },
    async answers(system, shared, { users, agreed }) {
      const server = await start(system, shared);
      try {
        const bodies = questions(agreed, users, 0).map((question) => bodyOf(question));
        const { authorization } = shared;
        const answers = await askAll(
          server.port,
          bodies.map((body) => ({ path: PATH, headers: { authorization }, body })),
        );
        return answers.map(({ decision, context }) => ({ decision, reason: context.reason }));
      } finally {
        await server.stop();
      }
    },
    async measure(system, shared, { users, requests, warmUpMs, durationMs, nodeArgs }) {
      const [load] = system.split(' ');
      const { connections, decisions } = LOADS[load];
      const bodies =
        load === 'batch'
          ? batches('assent', requests, users, 1)
          : questions(requests * 40, users, 1).map((question) => bodyOf(question));
      const path = load === 'batch' ? `${PATH}s` : PATH;
      const messages = bodies.map((body) =>
        httpRequest('POST', path, [`authorization: ${shared.authorization}`], body),
      );
      const server = await start(system, shared, nodeArgs);
      const reader = server.metrics && setInterval(() => void read(server.metrics), SCRAPE_MS);
      try {
        const figures = await loadServer(server, messages, { connections, warmUpMs, durationMs });
        if (figures.refused > 0) throw new Error(`requests were refused:\n${figures.sample}`);
        if (server.metrics !== undefined) await mustCount(server.metrics, figures.total * decisions);
        return [
          { metric: 'decisions', unit: '1/s', value: figures.perSecond * decisions },
          {
            metric: RATE,
            unit: '1/s',
            value: (figures.perSecond * decisions) / figures.busy,
          },
          { metric: 'p50', unit: 'ms', value: figures.p50 },
          { metric: 'p99', unit: 'ms', value: figures.p99 },
          { metric: 'server core busy', unit: '%', value: figures.busy * 100 },
        ];
      } finally {
        clearInterval(reader);
        await server.stop();
      }
    },
    finish: ({ dataDir }) => rm(dataDir, { recursive: true, force: true }),
  },
};

async function start(system, { dataDir }, nodeArgs) {
  const port = system.endsWith(' on') ? await freePort() : undefined;
  const env = { RECORD: 'off', ...(port === undefined ? {} : { METRICS_PORT: String(port) }) };
  const server = await startService({ dataDir, nodeArgs, env });
  return port === undefined ? server : { ...server, metrics: `http://127.0.0.1:${port}/metrics` };
}

async function read(url) {
  return (await fetch(url)).text();
}

/** What was counted must be what was asked, or the cost is that of something else. */
async function mustCount(url, asked) {
  const counted = (await read(url)).matchAll(/^assent_decisions_total\{.*\} (\d+)$/gm);
  const sum = Array.from(counted, ([, count]) => Number(count)).reduce((all, count) => all + count, 0);
  if (sum !== asked) throw new Error(`${asked} decisions were asked for, and ${sum} counted`);
}
