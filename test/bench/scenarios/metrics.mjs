import { rm } from 'node:fs/promises';
import { comparison, questions } from '../comparison.mjs';
import { askAll, freePort, loadServer, startService } from '../servers.mjs';
import { median } from '../timing.mjs';
import { PATH, bodyOf, serviceData } from './evaluation.mjs';
import { messagesOf } from './evaluations.mjs';

const ITEMS = 100;
const LOADS = {
  single: { connections: 64, decisions: 1 },
  batch: { connections: 16, decisions: ITEMS },
};
const SETTINGS = ['off', 'on'];
/** Fifteen times as often as Prometheus is told to by `deploy/prometheus/prometheus.yaml`. */
const SCRAPE_MS = 1_000;

/** A server whose turn it is again is loaded for so long before anything counts. */
const SETTLE_MS = 200;

/** Of the rate without metrics, by processor time, which other work on the machine blurs less; compared within each pair. */
const LEFT = 'of the rate without';

export default {
  name: 'metrics',
  title: 'What metrics cost',
  shape:
    'single evaluations, and batches of 100, each without `METRICS_PORT` and with it, read once a second; server on one core; `RECORD=off`, so that the cost is not hidden behind the disk',
  size: '100,000 users; 4 purposes × 8 fields of the reference policy',
  worst: 'every question is about another user',
  measures: 'decisions a second, and the 99th percentile of a request',
  load: 'closed loop from the other core; two new processes for each figure, loaded in turn for two seconds at a time, so that a slow moment of the machine slows both; all answers of both are compared first',
  together: true,
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
    figure: (v) => v(`${load} on`, LEFT) / 100,
  })),
  options: (quick) =>
    quick
      ? { users: 5_000, requests: 100, agreed: 200, pairs: 2, warmUpMs: 1_500, durationMs: 1_000 }
      : { users: 100_000, requests: 500, agreed: 2_000, pairs: 12, warmUpMs: 4_000, durationMs: 2_000 },
  overHttp: {
    async prepare({ users }) {
      const { policy } = await comparison();
      // each process needs a folder of its own
      const shared = {};
      for (const setting of SETTINGS) shared[setting] = await serviceData(policy, users);
      return shared;
    },
    async answers(system, shared, { users, agreed }) {
      const server = await start(system.split(' ')[1], shared);
      try {
        const bodies = questions(agreed, users, 0).map((question) => bodyOf(question));
        const { authorization } = server;
        const answers = await askAll(
          server.port,
          bodies.map((body) => ({ path: PATH, headers: { authorization }, body })),
        );
        return answers.map(({ decision, context }) => ({ decision, reason: context.reason }));
      } finally {
        await server.stop();
      }
    },
    async measure(_all, shared, sizes) {
      const figures = {};
      for (const load of Object.keys(LOADS)) Object.assign(figures, await measureInTurn(load, shared, sizes));
      return figures;
    },
    async finish(shared) {
      for (const { dataDir } of Object.values(shared)) await rm(dataDir, { recursive: true, force: true });
    },
  },
};

/** Both servers stand side by side, and each is loaded for a short while in turn. */
async function measureInTurn(load, shared, { users, requests, pairs, warmUpMs, durationMs, nodeArgs }) {
  const { connections, decisions } = LOADS[load];
  const servers = new Map();
  const slices = new Map(SETTINGS.map((setting) => [setting, []]));
  let asked = 0;
  try {
    for (const setting of SETTINGS) {
      const server = await start(setting, shared, nodeArgs);
      servers.set(setting, { ...server, messages: messagesOf(load, requests, users, server.authorization) });
    }
    for (let pair = 0; pair <= pairs; pair++)
      for (const setting of pair % 2 === 0 ? SETTINGS : SETTINGS.toReversed()) {
        const server = servers.get(setting);
        const figures = await loadInSight(server, {
          connections,
          warmUpMs: pair === 0 ? warmUpMs : SETTLE_MS,
          durationMs,
        });
        if (figures.refused > 0) throw new Error(`requests were refused:\n${figures.sample}`);
        if (setting === 'on') asked += figures.total * decisions;
        // the first is the warm-up of its process
        if (pair > 0) slices.get(setting).push(figures);
      }
    await mustCount(servers.get('on').metrics, asked);
  } finally {
    for (const server of servers.values()) await server.stop();
  }
  const rate = ({ perSecond, busy }) => (perSecond * decisions) / busy;
  const middle = (setting, read) => median(slices.get(setting).map(read));
  const figuresOf = (setting) => [
    { metric: 'decisions', unit: '1/s', value: middle(setting, ({ perSecond }) => perSecond * decisions) },
    { metric: 'per second of processor time', unit: '1/s', value: middle(setting, rate) },
    { metric: 'p50', unit: 'ms', value: middle(setting, ({ p50 }) => p50) },
    { metric: 'p99', unit: 'ms', value: middle(setting, ({ p99 }) => p99) },
    { metric: 'server core busy', unit: '%', value: middle(setting, ({ busy }) => busy * 100) },
  ];
  const left = median(slices.get('on').map((on, pair) => rate(on) / rate(slices.get('off')[pair])));
  return {
    [`${load} off`]: figuresOf('off'),
    [`${load} on`]: [...figuresOf('on'), { metric: LEFT, unit: '%', value: left * 100 }],
  };
}

/** Loads a server, whose metrics are read meanwhile. */
async function loadInSight(server, how) {
  const reads = [];
  const reader =
    server.metrics && setInterval(() => reads.push(read(server.metrics).catch((error) => error)), SCRAPE_MS);
  const figures = await loadServer(server, server.messages, how).finally(() => clearInterval(reader));
  const failed = (await Promise.all(reads)).find((text) => text instanceof Error);
  if (failed !== undefined) throw failed;
  if (server.metrics !== undefined && reads.length === 0) throw new Error('the metrics were not read');
  return figures;
}

async function start(setting, shared, nodeArgs) {
  const { dataDir, authorization } = shared[setting];
  const port = setting === 'on' ? await freePort() : undefined;
  const env = { RECORD: 'off', ...(port === undefined ? {} : { METRICS_PORT: String(port) }) };
  const server = await startService({ dataDir, nodeArgs, env });
  return {
    ...server,
    authorization,
    ...(port === undefined ? {} : { metrics: `http://127.0.0.1:${port}/metrics` }),
  };
}

async function read(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

/** What was counted must be what was asked, or the cost is that of something else. */
async function mustCount(url, asked) {
  const counted = (await read(url)).matchAll(/^assent_decisions_total\{.*\} (\d+)$/gm);
  const sum = Array.from(counted, ([, count]) => Number(count)).reduce((all, count) => all + count, 0);
  if (sum !== asked) throw new Error(`${asked} decisions were asked for, and ${sum} counted`);
}
