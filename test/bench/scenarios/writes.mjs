import { rm } from 'node:fs/promises';
import { Client } from 'pg';
import { changeRequests } from '../changes.mjs';
import { startPostgres } from '../postgres.mjs';
import { loadServer, startService, temporaryFolder } from '../servers.mjs';

export default {
  name: 'writes',
  title: 'Consent changes, acknowledged',
  shape: 'PUT /v1/users/{id}/choices/{purpose} over HTTP, 256 connections, a PostgreSQL server with fsync on',
  size: 'choices of 20,000 users in turn, denied and granted by turns, so that each one changes something; the open loop on 20,000 others',
  worst:
    'no change is for a user who has one on its way; the database and the load generator share the other core',
  measures:
    'acknowledged changes a second as fast as they go; then the time of a change when 1,000 a second are due, counted from when it was due',
  load: 'closed loop, then open loop; afterwards the rows in the log are counted and must be all that was acknowledged',
  rounds: 1,
  systems: [
    {
      name: 'assent',
      title: 'Assent',
      note: '`dist/main.js`, as `npm start` starts it, on the server core; PostgreSQL not pinned',
    },
  ],
  headline: { metric: 'changes', unit: '1/s' },
  targets: [
    {
      says: 'acknowledged changes/s, sustained',
      at: 'least',
      bound: 10_000,
      figure: (v) => v('assent', 'changes'),
    },
    {
      says: 'ms at the 99th percentile of 1,000/s',
      at: 'most',
      bound: 50,
      figure: (v) => v('assent', 'p99 at 1,000/s'),
    },
  ],
  options: (quick) =>
    quick
      ? { users: 20_000, warmUpMs: 1_000, durationMs: 3_000 }
      : { users: 20_000, warmUpMs: 3_000, durationMs: 15_000 },
  overHttp: {
    async prepare() {
      return { postgres: await startPostgres(), dataDir: await temporaryFolder() };
    },
    async measure(_system, { postgres, dataDir }, { users, warmUpMs, durationMs, nodeArgs }) {
      const databaseUrl = await postgres.createDatabase('writes');
      const server = await startService({ dataDir, databaseUrl, nodeArgs });
      let acknowledged = 0;
      try {
        const load = async (first, how) => {
          const requests = await changeRequests(dataDir, first, users);
          const figures = await loadServer(server, requests, { connections: 256, ...how });
          if (figures.refused > 0) throw new Error(`changes were refused:\n${figures.sample}`);
          acknowledged += figures.total;
          return figures;
        };
        const fast = await load(0, { warmUpMs, durationMs });
        const before = await rowsOf(databaseUrl);
        if (before < acknowledged * 0.9)
          throw new Error(`of ${acknowledged} acknowledged changes the log has ${before}`);
        // other users: where the fast part stopped, a change would change nothing
        const steady = await load(users, { warmUpMs: 1_000, durationMs, perSecond: 1_000 });
        return [
          { metric: 'changes', unit: '1/s', value: fast.perSecond },
          { metric: 'p99 at full speed', unit: 'ms', value: fast.p99 },
          { metric: 'server core busy at full speed', unit: '%', value: fast.busy * 100 },
          { metric: 'p50 at 1,000/s', unit: 'ms', value: steady.p50 },
          { metric: 'p99 at 1,000/s', unit: 'ms', value: steady.p99 },
          { metric: 'longest at 1,000/s', unit: 'ms', value: steady.max },
        ];
      } finally {
        await server.stop();
      }
    },
    async finish({ postgres, dataDir }) {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  },
};

async function rowsOf(connectionString) {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT count(*)::int AS rows FROM consent_event');
    return rows[0].rows;
  } finally {
    await client.end();
  }
}
