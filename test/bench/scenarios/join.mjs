import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { product } from '../engine.mjs';
import { startPostgres } from '../postgres.mjs';
import { startService, temporaryFolder } from '../servers.mjs';
import { settleLog } from '../settled-log.mjs';

export default {
  name: 'join',
  title: 'A process joins a fleet, with nothing but its shared snapshot',
  shape:
    'people as in the ten million users in the state; their snapshot in a PostgreSQL server with fsync on, on the same machine; one core',
  size: '10 million users',
  worst: 'the folder of the process is empty, so all of the state comes from PostgreSQL',
  measures:
    'seconds from the start of the process until it says that it is ready: the snapshot read from PostgreSQL in sealed pieces, written to the folder, checked and loaded, the rest of the log read, the state resolved for the policy, the fleet joined',
  load: 'none',
  rounds: 3,
  systems: [
    { name: 'assent', title: 'Assent', note: 'with its own limits of memory, as `npm start` starts it' },
  ],
  headline: { metric: 'ready', unit: 's' },
  targets: [{ says: 's to ready', at: 'most', bound: 20, figure: (v) => v('assent', 'ready') }],
  options: (quick) => ({ users: quick ? 100_000 : 10_000_000 }),
  overHttp: {
    async prepare({ users }) {
      const postgres = await startPostgres();
      const folder = await temporaryFolder();
      const where = { databaseUrl: await postgres.createDatabase('join'), keyFile: join(folder, 'key') };
      return { postgres, folder, where, bytes: await share(users, where, join(folder, 'first')) };
    },
    async measure(_system, { folder, where, bytes }, { users, nodeArgs }) {
      const dataDir = join(folder, 'joining');
      try {
        const server = await startService({
          dataDir,
          databaseUrl: where.databaseUrl,
          nodeArgs,
          env: { KEY_FILE: where.keyFile },
        });
        await server.stop();
        return [
          { metric: 'ready', unit: 's', value: server.readyMs / 1000 },
          { metric: 'shared snapshot', unit: 'B/user', value: bytes / users },
        ];
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    },
    async finish({ postgres, folder }) {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  },
};

/** Shares the snapshot of a state in a new database. @returns {Promise<number>} its size in bytes */
async function share(users, where, dataDir) {
  const { ServerSnapshots } = await product('store/server-snapshots.js');
  try {
    return await settleLog({ ...where, dataDir }, users, async ({ database, file, revision }) => {
      const { size } = await stat(file.snapshotPath(dataDir));
      const shared = new ServerSnapshots(database.pool, database.vault, file.FORMAT);
      await shared.share(revision, 1, file.bytesOfSnapshot(dataDir, new AbortController().signal));
      return size;
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
