import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadWithDecisions } from '../decisions.mjs';
import { ANY_CORE } from '../machine.mjs';
import { startPostgres } from '../postgres.mjs';
import { startService, temporaryFolder } from '../servers.mjs';

const WORKERS = { one: 1, two: 2 };

export default {
  name: 'workers',
  title: 'Two workers on one port, beside one',
  shape:
    'plain evaluations over HTTP, keep-alive, 64 connections; a PostgreSQL server; nothing is written meanwhile',
  size: 'decisions on 20,000 users in turn',
  worst: 'the load generator takes one of the two cores, on which the second worker is to run too',
  measures: 'decisions a second, and the processor time of all processes of the service that each costs',
  load: 'closed loop',
  systems: [
    { name: 'one', title: 'one process', note: '`dist/main.js` with `WORKERS=1`, on whatever core is free' },
    { name: 'two', title: 'two workers', note: 'the same with `WORKERS=2`' },
  ],
  headline: { metric: 'decisions', unit: '1/s' },
  targets: [
    {
      says: '× the processor time of a decision of one process',
      at: 'most',
      bound: 1.05,
      figure: (v) => v('two', 'cost of a decision') / v('one', 'cost of a decision'),
    },
  ],
  options: (quick) =>
    quick
      ? { users: 20_000, warmUpMs: 2_000, durationMs: 2_000 }
      : { users: 20_000, warmUpMs: 4_000, durationMs: 8_000 },
  overHttp: {
    async prepare() {
      return { postgres: await startPostgres(), folder: await temporaryFolder(), databases: { count: 0 } };
    },
    async measure(system, { postgres, folder, databases }, { users, warmUpMs, durationMs, nodeArgs }) {
      const name = `workers_${++databases.count}`;
      const databaseUrl = await postgres.createDatabase(name);
      const dataDir = join(folder, name);
      const env = { WORKERS: String(WORKERS[system]) };
      const server = await startService({ dataDir, databaseUrl, nodeArgs, env, core: ANY_CORE });
      try {
        const decisions = await loadWithDecisions(server, dataDir, { users, warmUpMs, durationMs });
        return [
          { metric: 'decisions', unit: '1/s', value: decisions.perSecond },
          { metric: 'cost of a decision', unit: 'µs', value: decisions.cost },
          { metric: 'p99', unit: 'ms', value: decisions.p99 },
        ];
      } finally {
        await server.stop();
      }
    },
    async finish({ postgres, folder }) {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  },
};
