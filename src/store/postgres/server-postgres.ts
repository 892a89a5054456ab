import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Client, type ClientBase, Pool } from 'pg';
import { setTimeout as pass } from 'node:timers/promises';
import { type Link, clientOf, connect } from './cannot-connect.js';
import { refusedOn } from './database-refusal.js';
import { migrate } from './migrations.js';
import { NOT_REPLICATED, type Postgres, STATEMENT_MS } from './postgres.js';
import { CHANNEL, ServerFleetStore } from './server-fleet.js';
import { Session } from './session.js';

/**
 * The advisory lock of processes that use the store: "assent" in ASCII. A fleet shares it; a build without fleets takes
 * it exclusively. Nothing else in that database may take it, nor the four after it: the last one is in `src/store/database/log-head.ts`.
 */
const USE_LOCK = 0x617373656e74;
const SET_UP_LOCK = USE_LOCK + 3;

/** The writer in the head, for builds without fleets: none of them can append. */
const FLEET = 'fleet';
const NOBODY = '';
/** After this long, no process of such a build permits any more. */
const OWNER_DENIES_AFTER_MS = 2_500;

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;

/** A little lower than the limit of this process. */
const STATEMENT_AT_SERVER_MS = 4_500;

/**
 * A commit is acknowledged when the disk and the standby have it, though the server, the database or the user is, or
 * will be, set to wait for neither: without a word of warning, a confirmed change would be lost, and an old primary renew leases.
 */
const KEEP = `SELECT set_config(name, CASE WHEN setting IN ('off', 'local') THEN 'on' ELSE setting END, false)
  FROM pg_settings WHERE name = 'synchronous_commit'`;

/** How long a process waits for its turn to write. */
const TURN_MS = 500;
/** How long the change of a table waits for a lock: everybody else who comes to that table waits behind it. */
const LOCK_MS = 2_000;

/**
 * Opens a database on a PostgreSQL server, as one of any number of processes.
 *
 * `databaseUrl` must lead to the server itself or to a pooler in session mode: a pooler that shares connections between
 * transactions shares locks and notifications too.
 *
 * @param setting which names the URL, for messages
 * @throws when the server cannot be reached, when a pooler is in between, or when a build without fleets owns the store
 */
export async function openServerPostgres(
  databaseUrl: string,
  build: string,
  setting = 'DATABASE_URL',
): Promise<Postgres> {
  const connection = {
    setting,
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
  let warnings = 0;
  const listen = async (client: ClientBase): Promise<void> => {
    client.on('notice', ({ code }) => {
      if (code === NOT_REPLICATED) warnings += 1;
    });
    await client.query(KEEP).catch(refused);
  };
  // not as a connection parameter, which poolers refuse
  const limit = async (client: ClientBase): Promise<void> => {
    await client.query(KEEP).catch(refused);
    await client.query(`SET statement_timeout = ${STATEMENT_AT_SERVER_MS}`).catch(refused);
  };
  const limited = {
    ...connection,
    connectionTimeoutMillis: STATEMENT_MS,
    query_timeout: STATEMENT_MS,
    onConnect: limit,
  };
  // blocks are written one after the other
  const unlimited = { ...connection, onConnect: listen, max: 2 };
  const session = new Session({ ...connection, query_timeout: STATEMENT_MS }, async (client) => {
    await limit(client);
    await client.query(`SET lock_timeout = ${TURN_MS}`).catch(refused);
    await share(client);
  });
  const ears = new Session({ ...connection, query_timeout: STATEMENT_MS }, async (client) => {
    await limit(client);
    await client.query('SET synchronous_commit = off').catch(refused);
    await client.query(`LISTEN ${CHANNEL}`).catch(refused);
  });
  const pool = new Pool({ ...limited, max: 4 });
  pool.on('connect', (client) => {
    // a connection that breaks in use fails its queries; without a listener it would also end the process
    client.on('error', () => undefined);
  });
  // an idle connection that breaks is replaced when one is needed
  pool.on('error', () => undefined);
  const close = async (): Promise<void> => {
    await Promise.all([session.close(), ears.close(), pool.end()]);
  };

  await session.open();
  try {
    await ears.open();
    await refusePooler(session, ears, setting);
    await setUp(connection, async (client) => {
      await migrate({
        factory: new PrismaPg(limited),
        runScript: async (sql) => {
          // Without parameters the whole script is sent as one query, which the server runs as one transaction.
          await client.query(sql);
        },
      });
      await takeOver(client);
    });
  } catch (error) {
    await close();
    throw error;
  }

  return {
    adapter: new PrismaPg(limited, { statementNameGenerator: preparedName }),
    unlimited: new PrismaPg(unlimited, { statementNameGenerator: preparedName }),
    warnings: () => warnings,
    fleet: new ServerFleetStore(pool, session, ears, build),
    pool,
    setUp: (work) => setUp(connection, work),
    close,
  };
}

async function share(client: Client): Promise<void> {
  // The server must drop a process whose machine vanished within seconds (its default is two hours), and must not close
  // an idle connection. From `pg_settings`, as older servers lack some.
  await client
    .query(
      `
    SELECT set_config(wanted.name, wanted.value, false)
    FROM pg_settings JOIN (VALUES
      ('tcp_keepalives_idle', '10'),
      ('tcp_keepalives_interval', '2'),
      ('tcp_keepalives_count', '5'),
      ('idle_session_timeout', '0')
    ) AS wanted (name, value) USING (name)`,
    )
    .catch(refused);
  const { rowCount } = await client
    .query('SELECT WHERE pg_try_advisory_lock_shared($1)', [USE_LOCK])
    .catch(refused);
  if (rowCount !== 1)
    throw new Error(
      'the database is in use by a process of a build that cannot share it; stop that one first, or set DATABASE_URL to another database',
    );
}

/**
 * Names a statement by its text, so that each connection plans it once: planning one that writes or reads a block took
 * the database about as long as running it. Statements with lists of varying length are planned each time.
 */
function preparedName({ sql }: { readonly sql: string }): string {
  const known = PREPARED.get(sql);
  if (known !== undefined) return known;
  if (PREPARED.size === MOST_PREPARED) return UNNAMED;
  const name = createHash('sha256').update(sql).digest('base64url');
  PREPARED.set(sql, name);
  return name;
}

const PREPARED = new Map<string, string>();
const MOST_PREPARED = 200;
const UNNAMED = '';

/** Runs the part of a start that no two processes may run at once. */
async function setUp<T>(connection: Link, work: (client: Client) => Promise<T>): Promise<T> {
  const client = clientOf(connection);
  client.on('error', () => undefined);
  await connect(client, connection);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [SET_UP_LOCK]).catch(refused);
    await client.query(`SET lock_timeout = ${LOCK_MS}`).catch(refused);
    return await work(client);
  } finally {
    await client.end();
  }
}

/** What one connection locks, the other must not be able to lock; otherwise a pooler merges the two. */
async function refusePooler(one: Session, other: Session, setting: string): Promise<void> {
  const { rows } = await one.query<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid');
  const { rows: others } = await other.query<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid');
  if (rows[0]?.pid === others[0]?.pid)
    throw new Error(
      `${setting} leads to a pooler that shares connections between transactions: give the address of the server itself, or put the pooler in session mode`,
    );
}

/** Takes the log over from a build without fleets. Resolves when none of its processes permits any more. */
async function takeOver(client: Client): Promise<void> {
  const text = `
    UPDATE consent_head AS head SET writer = $1
    FROM (SELECT id, writer FROM consent_head WHERE id = 1 FOR UPDATE) AS before
    WHERE head.id = before.id AND before.writer <> $1
    RETURNING before.writer`;
  const { rows } = await client.query<{ readonly writer: string }>(text, [FLEET]).catch(refused);
  const [before] = rows;
  if (before !== undefined && before.writer !== NOBODY) await pass(OWNER_DENIES_AFTER_MS);
}

const refused = refusedOn('who uses the consent log');
