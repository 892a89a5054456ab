import { execFileSync } from 'node:child_process';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/database/database.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

const SECRET = 'hidden-password';

let server: PostgresServer;
let url: URL;
let folder: string;

beforeAll(async () => {
  server = await startPostgres();
  url = new URL(await server.createDatabase('there'));
  folder = await mkdtemp(join(tmpdir(), 'assent-connecting-'));
  await query(`CREATE ROLE few LOGIN PASSWORD '${SECRET}' CONNECTION LIMIT 0`);
  await query(`CREATE ROLE outside LOGIN PASSWORD '${SECRET}'`);
  await query('REVOKE CONNECT ON DATABASE there FROM public');
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

describe('a start that is to change a table which somebody reads', () => {
  const MIGRATION = '20261130050000_list_tended';

  it('gives up before others wait behind it for long, says what to look for, and does it at the next try', async () => {
    const store = await server.createStore('locked');
    const reader = new Client({ connectionString: store.databaseUrl });
    await reader.connect();
    try {
      await reader.query('ALTER TABLE erasure_list DROP COLUMN tended_at');
      await reader.query('DELETE FROM _prisma_migrations WHERE migration_name = $1', [MIGRATION]);
      await reader.query('BEGIN; SELECT FROM erasure_list');
      await expect(openDatabase(store)).rejects.toMatchObject({
        isPassing: true,
        message: `the database was not done with the migration \`${MIGRATION}\` in time (\`55P03\`): see whether its server is overloaded, or what holds a lock there`,
      });
    } finally {
      await reader.end();
    }
    await (await openDatabase(store)).close();
  });
});

describe('what is said when the database cannot be connected to', () => {
  it.each<readonly [string, () => string, string]>([
    [
      'of a wrong password',
      () => changed({ password: SECRET }),
      'the server refuses the user or the password',
    ],
    [
      'of an unknown user',
      () => changed({ username: 'nobody', password: SECRET }),
      'the server refuses the user or the password',
    ],
    ['of no password', () => changed({ password: '' }), 'or add the password if it has none'],
    [
      'of a missing database',
      () => changed({ pathname: '/elsewhere' }),
      'no database of that name: create it',
    ],
    [
      'of a user without the right to connect',
      () => changed({ username: 'outside', password: SECRET }),
      'may not connect to that database: give the right with `GRANT CONNECT`',
    ],
    [
      'of too many connections',
      () => changed({ username: 'few', password: SECRET, pathname: '/postgres' }),
      'has no connection left: raise `max_connections`',
    ],
    ['of an unknown host', () => changed({ hostname: 'database.invalid' }), 'its host is not known'],
    [
      'of no server',
      () => changed({ port: '1' }),
      'at `127.0.0.1:1`; check DATABASE_URL and that its server runs: nothing listens',
    ],
    [
      'of a server without TLS',
      () => changed({ search: '?sslmode=verify-full' }),
      'the server does not speak TLS, and DATABASE_URL demands it',
    ],
    [
      'of a file that is not there',
      () => changed({ search: `?sslmode=verify-full&sslrootcert=${folder}/no.pem` }),
      'a file that DATABASE_URL names',
    ],
  ])(
    'names the cause, %s, and where it is, but neither user nor database',
    async (_cause, address, sentence) => {
      await refuses(address(), sentence);
    },
  );

  it('names the file where the address is from one', async () => {
    const databaseUrl = changed({ password: SECRET });
    const opening = openDatabase({ databaseUrl, databaseUrlFrom: 'DATABASE_URL_FILE', dataDir: folder });
    await expect(opening).rejects.toThrow(
      'the server refuses the user or the password: correct them in the file of DATABASE_URL_FILE, or add',
    );
  });

  it('names the right that its user lacks, and how it is given', async () => {
    const plain = async (database: string) => {
      const home = new URL(await server.createDatabase(database));
      await query(
        `CREATE ROLE ${database} LOGIN PASSWORD '${SECRET}'; REVOKE CREATE ON SCHEMA public FROM public`,
        home,
      );
      return { home, address: Object.assign(new URL(home), { username: database, password: SECRET }).href };
    };
    const empty = await plain('empty');
    const CREATE =
      'may not create tables in it (`42501`): let its owner run `GRANT USAGE, CREATE ON SCHEMA public TO …`';
    expect(await refusal(empty.address)).toContain(CREATE);
    await query('REVOKE USAGE ON SCHEMA public FROM public', empty.home);
    expect(await refusal(empty.address)).toContain(CREATE);
    expect(await refusal(empty.address)).not.toMatch(/previous build|backup/);
    await query('GRANT USAGE, CREATE ON SCHEMA public TO empty', empty.home);
    expect(await refusal(empty.address)).toBe('it opened');

    const owned = await plain('owned');
    await rm(join(folder, 'key'));
    expect(await refusal(owned.home.href)).toBe('it opened');
    expect(await refusal(owned.address)).toContain('refuses its user its record of migrations (`42501`)');
    await query('GRANT SELECT ON _prisma_migrations TO owned', owned.home);
    expect(await refusal(owned.address)).toContain('give it `SELECT, INSERT, UPDATE, DELETE`');
    await query('GRANT ALL ON ALL TABLES IN SCHEMA public TO owned', owned.home);
    expect(await refusal(owned.address)).toBe('it opened');
    await query(
      `GRANT CREATE ON SCHEMA public TO owned; DELETE FROM _prisma_migrations WHERE migration_name LIKE '%draft_size'`,
      owned.home,
    );
    expect(await refusal(owned.address)).toContain('may not change its tables, as another user owns them');
  });

  it('tells what breaks connections off from a database', async () => {
    const other = createServer((socket) =>
      socket.on('error', () => undefined).end('220 mail.example ready\r\n'),
    );
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    await refuses(changed({ port: String(portOf(other.address())) }), 'so it may be no PostgreSQL');
    other.close();
  });

  it('tells TLS that is demanded, a password that is missing, and a certificate that is not trusted', async () => {
    const { uid, gid } = statSync(server.folder);
    const [key, certificate] = ['server.key', 'server.crt'].map((name) => join(server.folder, name));
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=127.0.0.1',
        '-keyout',
        String(key),
        '-out',
        String(certificate),
      ],
      { stdio: 'ignore' },
    );
    for (const file of [key, certificate]) chownSync(String(file), uid, gid);
    const rules = join(server.folder, 'pg_hba.conf');
    writeFileSync(
      rules,
      `host all postgres 127.0.0.1/32 password\nhost all few 127.0.0.1/32 scram-sha-256\nhostssl all all 127.0.0.1/32 password\n${readFileSync(rules, 'utf8').replaceAll(/^host/gm, '#')}`,
    );
    await query('ALTER SYSTEM SET ssl = on');
    await query('SELECT pg_reload_conf()');
    const outside = { username: 'outside', password: SECRET, pathname: '/postgres' };
    await expect
      .poll(() => refusal(changed(outside)))
      .toContain('the server demands TLS: add `sslmode=verify-full`');
    await refuses(changed({ username: 'few', password: '' }), 'DATABASE_URL has none: add it');
    await refuses(
      changed({ ...outside, search: '?sslmode=verify-full' }),
      'the certificate of the server is not one that this machine trusts',
    );
  });

  it('tells a server that stops', async () => {
    const last = new Client({ connectionString: url.href });
    last.on('error', () => undefined);
    await last.connect();
    const [pid] = readFileSync(join(server.folder, 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGTERM');
    await expect
      .poll(() => refusal(url.href))
      .toContain('its server starts, stops or recovers just now: start again');
    await last.end();
  });
});

async function refuses(address: string, sentence: string): Promise<void> {
  const said = await refusal(address);
  expect(said).toMatch(/cannot connect to the database(?: at `[^`]+`)?; /);
  expect(said).toContain(sentence);
  const { username, pathname } = new URL(address);
  const names = [username, pathname.slice(1)].filter((name) => !['postgres', 'there'].includes(name));
  for (const secret of [SECRET, 'of-a-test', 'postgresql://', ...names]) expect(said).not.toContain(secret);
}

async function refusal(address: string): Promise<string> {
  return openDatabase({ databaseUrl: address, dataDir: folder }).then(
    async (database) => {
      await database.close();
      return 'it opened';
    },
    // with its cause, as the log has it
    (error: unknown) => inspect(error),
  );
}

type Part = 'username' | 'password' | 'hostname' | 'port' | 'pathname' | 'search';

function changed(parts: Partial<Record<Part, string>>): string {
  return Object.assign(new URL(url), parts).href;
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function query(sql: string, at = url): Promise<void> {
  const client = new Client({ connectionString: at.href });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
