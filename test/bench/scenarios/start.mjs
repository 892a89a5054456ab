import { rm } from 'node:fs/promises';
import { startPostgres } from '../postgres.mjs';
import { startService, temporaryFolder } from '../servers.mjs';

export default {
  name: 'start',
  title: 'Start, with nobody in it',
  shape: 'the reference policy, no users; the database exists and is up to date; one core',
  size: '22 purposes × 49 fields',
  worst: 'nothing is kept from the run before but the database',
  measures: 'milliseconds from the start of the process until it says that it is ready',
  load: 'none',
  rounds: 5,
  systems: [
    { name: 'assent', title: 'Assent, embedded database', note: 'PGlite in the process, the default' },
    { name: 'server', title: 'Assent, PostgreSQL server', note: 'on the same machine' },
  ],
  headline: { metric: 'ready', unit: 'ms' },
  targets: [
    { says: 'ms to ready', at: 'most', bound: 1_300, figure: (v) => v('assent', 'ready') },
    { says: 'ms to ready on a server', at: 'most', bound: 2_000, figure: (v) => v('server', 'ready') },
  ],
  options: () => ({}),
  overHttp: {
    async prepare() {
      const postgres = await startPostgres();
      const where = {
        assent: { dataDir: await temporaryFolder() },
        server: {
          dataDir: await temporaryFolder(),
          databaseUrl: await postgres.createDatabase('start'),
        },
      };
      for (const each of Object.values(where)) await (await startService(each)).stop();
      return { postgres, where };
    },
    async measure(system, { where }, { nodeArgs }) {
      const server = await startService({ ...where[system], nodeArgs });
      await server.stop();
      return [{ metric: 'ready', unit: 'ms', value: server.readyMs }];
    },
    async finish({ postgres, where }) {
      await postgres.stop();
      for (const { dataDir } of Object.values(where)) await rm(dataDir, { recursive: true, force: true });
    },
  },
};
