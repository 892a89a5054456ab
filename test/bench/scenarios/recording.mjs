import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { comparison } from '../comparison.mjs';
import { loadServer, startService, streamTo } from '../servers.mjs';
import { median } from '../timing.mjs';
import { idOf } from '../users.mjs';
import { FIELDS, PURPOSE } from './audience.mjs';
import { serviceData } from './evaluation.mjs';
import { messagesOf } from './evaluations.mjs';

const ITEMS = 100;
const STREAMS = 5;
/** So many that the server's core stays busy while answers wait for the disk: fewer would measure the wait. */
const LOADS = {
  single: { connections: 512, decisions: 1 },
  batch: { connections: 64, decisions: ITEMS },
};
const SETTINGS = ['on', 'fast', 'off'];

/** How much of the rate without a record is left. */
const left = (v, load, setting = 'on') =>
  v(`${load} ${setting}`, 'decisions') / v(`${load} off`, 'decisions');

export default {
  name: 'recording',
  title: 'What the record costs',
  shape:
    'single evaluations, batches of 100, and a stream of ids, each with `RECORD` on, fast and off; server on one core',
  size: '100,000 users; 4 purposes × 8 fields of the reference policy; the stream: ten times all of them, 10 fields',
  worst:
    'every question is about another user; no id of the stream twice in 100,000, and not in the order of the log',
  measures: 'decisions a second, a user and a field being one, and the 99th percentile of a request',
  load: 'closed loop from the other core; one stream after the other, the first a warm-up',
  systems: [...Object.keys(LOADS), 'audience'].flatMap((load) =>
    SETTINGS.map((setting) => ({
      name: `${load} ${setting}`,
      title: `${load}, RECORD=${setting}`,
      note: '`dist/main.js` as `npm start` starts it, with a bearer token',
    })),
  ),
  headline: { metric: 'decisions', unit: '1/s' },
  targets: [
    {
      says: 'of single decisions with the record on',
      at: 'least',
      bound: 0.85,
      percent: true,
      figure: (v) => left(v, 'single'),
    },
    {
      says: 'of decisions in batches with the record on',
      at: 'least',
      bound: 0.85,
      percent: true,
      figure: (v) => left(v, 'batch'),
    },
    {
      says: 'of audiences with the record on',
      at: 'least',
      bound: 0.9,
      percent: true,
      figure: (v) => left(v, 'audience'),
    },
  ],
  options: (quick) =>
    quick
      ? { users: 5_000, requests: 100, warmUpMs: 1_500, durationMs: 2_000, times: 10 }
      : { users: 100_000, requests: 500, warmUpMs: 3_000, durationMs: 5_000, times: 10 },
  overHttp: {
    async prepare({ users }) {
      const { policy } = await comparison();
      return serviceData(policy, users);
    },
    async measure(system, { dataDir, authorization }, { nodeArgs, ...size }) {
      const [load, setting] = system.split(' ');
      const server = await startService({ dataDir, nodeArgs, env: { RECORD: setting } });
      try {
        return load === 'audience'
          ? await streamed(server, dataDir, authorization, size)
          : await asked(server, load, authorization, size);
      } finally {
        await server.stop();
      }
    },
    finish: ({ dataDir }) => rm(dataDir, { recursive: true, force: true }),
  },
};

async function asked(server, load, authorization, { users, requests, warmUpMs, durationMs }) {
  const { connections, decisions } = LOADS[load];
  const messages = messagesOf(load, requests, users, authorization);
  const figures = await loadServer(server, messages, { connections, warmUpMs, durationMs });
  if (figures.refused > 0) throw new Error(`requests were refused:\n${figures.sample}`);
  return [
    { metric: 'decisions', unit: '1/s', value: figures.perSecond * decisions },
    { metric: 'p50', unit: 'ms', value: figures.p50 },
    { metric: 'p99', unit: 'ms', value: figures.p99 },
    { metric: 'server core busy', unit: '%', value: figures.busy * 100 },
  ];
}

async function streamed({ url }, dataDir, authorization, { users, times }) {
  const file = join(dataDir, 'ids');
  await writeFile(file, Array.from({ length: users }, (_, at) => `${idOf((at * 7_919) % users)}\n`).join(''));
  const path = `/v1/audiences?purpose=${PURPOSE}&fields=${FIELDS.join(',')}`;
  const rates = [];
  for (let time = 0; time <= STREAMS; time++) {
    const { status, seconds } = await streamTo({ url: `${url}${path}`, authorization, file, times });
    if (status !== 200) throw new Error(`the stream was answered with ${status}`);
    if (time > 0) rates.push((users * times * FIELDS.length) / seconds);
  }
  return [{ metric: 'decisions', unit: '1/s', value: median(rates) }];
}
