import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { changeRequests } from '../changes.mjs';
import { loadWithDecisions } from '../decisions.mjs';
import { ANY_CORE } from '../machine.mjs';
import { startPostgres } from '../postgres.mjs';
import { loadServer, startService, temporaryFolder } from '../servers.mjs';

const SIZES = { alone: 1, fleet: 3 };
const CHANGES_PER_SECOND = 200;

export default {
  name: 'fleet',
  title: 'Three processes on one PostgreSQL, beside one',
  shape:
    'changes and decisions over HTTP; three processes share one PostgreSQL server with fsync on, and take a third each',
  size: 'changes of 20,000 users in turn to each process; 256 connections in all',
  worst:
    'every process writes, so every block is applied by all; they share the machine with the database, and one core with the load',
  measures:
    'acknowledged changes a second as fast as they go: each is confirmed by every process, and refused by one that was not given the core in time to follow; the time of a change when 200 a second are due; what a decision costs one process while nothing is written',
  load: 'closed loop, open loop, then decisions by one process',
  rounds: 3,
  systems: [
    {
      name: 'alone',
      title: 'one process',
      note: '`dist/main.js`, as `npm start` starts it, on whatever core is free',
    },
    { name: 'fleet', title: 'three processes', note: 'the same three times' },
  ],
  headline: { metric: 'changes', unit: '1/s' },
  targets: [
    {
      says: '% of the changes/s of one process',
      at: 'least',
      bound: 80,
      figure: (v) => (v('fleet', 'changes') / v('alone', 'changes')) * 100,
    },
    {
      says: 'ms at the 99th percentile of 200 changes/s',
      at: 'most',
      bound: 25,
      figure: (v) => v('fleet', 'p99 at 200/s'),
    },
    {
      says: '% of the decisions that one process makes in a second of a core',
      at: 'least',
      bound: 95,
      figure: (v) => (v('alone', 'cost of a decision') / v('fleet', 'cost of a decision')) * 100,
    },
  ],
  options: (quick) =>
    quick
      ? { users: 20_000, warmUpMs: 1_000, durationMs: 2_000 }
      : { users: 20_000, warmUpMs: 3_000, durationMs: 10_000 },
  overHttp: {
    async prepare() {
      return { postgres: await startPostgres(), folder: await temporaryFolder(), databases: { count: 0 } };
    },
    async measure(system, { postgres, folder, databases }, { users, warmUpMs, durationMs, nodeArgs }) {
      const run = ++databases.count;
      const databaseUrl = await postgres.createDatabase(`fleet_${run}`);
      const members = [];
      try {
        for (let place = 0; place < SIZES[system]; place++) {
          const dataDir = join(folder, `${run}-${place}`);
          const env = { KEY_FILE: join(folder, `key-${run}`) };
          members.push({
            dataDir,
            server: await startService({ dataDir, databaseUrl, nodeArgs, env, core: ANY_CORE }),
          });
        }
        const load = (how, requestsOf) =>
          Promise.all(
            members.map(async ({ dataDir, server }, place) => {
              return loadServer(server, await requestsOf(dataDir, place), {
                warmUpMs,
                durationMs,
                connections: Math.ceil(256 / members.length),
                ...how,
              });
            }),
          );
        const changes = (part) => (dataDir, place) =>
          changeRequests(dataDir, (part * members.length + place) * users, users);
        const fast = await load({}, changes(0));
        const steady = await load({ perSecond: CHANGES_PER_SECOND / members.length }, changes(1));
        const [{ dataDir, server }] = members;
        const decisions = await loadWithDecisions(server, dataDir, { users, warmUpMs, durationMs });
        return [
          { metric: 'changes', unit: '1/s', value: sum(fast.map(({ perSecond }) => perSecond)) },
          {
            metric: 'cost of a change',
            unit: 'µs',
            value: (sum(fast.map(({ busy }) => busy)) / sum(fast.map(({ perSecond }) => perSecond))) * 1e6,
          },
          { metric: 'p50 at 200/s', unit: 'ms', value: Math.max(...steady.map(({ p50 }) => p50)) },
          { metric: 'p99 at 200/s', unit: 'ms', value: Math.max(...steady.map(({ p99 }) => p99)) },
          { metric: 'longest at 200/s', unit: 'ms', value: Math.max(...steady.map(({ max }) => max)) },
          { metric: 'refused', unit: '', value: sum([...fast, ...steady].map(({ refused }) => refused)) },
          { metric: 'cost of a decision', unit: 'µs', value: decisions.cost },
        ];
      } finally {
        for (const { server } of members) await server.stop();
      }
    },
    async finish({ postgres, folder }) {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  },
};

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
