import { PrismaPg } from '@prisma/adapter-pg';
import { Client, type ClientBase, type ClientConfig } from 'pg';
import { setTimeout as pass } from 'node:timers/promises';
import { ConsentStoreLost } from '../../consent/log/consent.store.js';
import { cannotConnect } from './cannot-connect.js';
import { refusedOn } from './database-refusal.js';
import { migrate } from './migrations.js';
import { NOT_REPLICATED, type OwnedPostgres } from './postgres.js';
import { DENIES_AFTER_MS, Ownership, PROOF_HOLDS_MS, readClocks } from './ownership.js';

/**
 * The advisory lock that says who owns the store of a database: "assent" in ASCII. Every build must use the same one,
 * and nothing else in that database may.
 */
const OWNER_LOCK = 0x617373656e74;

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;

/** How long a statement may take, but for those whose outcome must be known. The server hears of it a little before. */
const STATEMENT_MS = 5_000;
const STATEMENT_AT_SERVER_MS = 4_500;

/**
 * Opens a database on a PostgreSQL server.
 *
 * One connection holds the lock for as long as the process lives. `databaseUrl` must therefore lead to the server
 * itself or to a pooler in session mode: a pooler that shares connections between transactions shares the lock too.
 *
 * @throws when the server cannot be reached, or when another process owns the store
 */
export async function openServerPostgres(databaseUrl: string): Promise<OwnedPostgres> {
  const listeners: ((reason: Error) => void)[] = [];
  let lost: Error | undefined;
  let closed = false;
  let ownership: Ownership | undefined;
  let release = async (): Promise<void> => {};
  const lose = (reason: Error): void => {
    if (lost !== undefined || closed) {
      return;
    }
    lost = reason;
    ownership?.stop();
    for (const listener of listeners) {
      listener(lost);
    }
  };
  const broke = (cause?: Error): void =>
    lose(
      new Error('the connection that holds the lock on the database broke; restart this process', { cause }),
    );

  const connection = {
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
  let warnings = 0;
  const listen = (client: ClientBase): void => {
    client.on('notice', ({ code }) => {
      if (code === NOT_REPLICATED) warnings += 1;
    });
  };
  // not as a parameter of the connection, which poolers refuse
  const limit = async (client: ClientBase): Promise<void> => {
    await client.query(`SET statement_timeout = ${STATEMENT_AT_SERVER_MS}`);
  };
  const limited = {
    ...connection,
    connectionTimeoutMillis: STATEMENT_MS,
    query_timeout: STATEMENT_MS,
    onConnect: limit,
  };
  const owner = clientOf(connection);
  listen(owner);
  owner.on('error', broke);
  owner.on('end', () => broke());
  const close = async (): Promise<void> => {
    closed = true;
    ownership?.stop();
    if (lost === undefined && ownership?.holds === true) {
      await release().catch(() => undefined);
    }
    await owner.end();
  };

  await owner.connect().catch((cause: unknown) => {
    closed = true;
    throw cannotConnect(cause);
  });
  try {
    await takeLock(owner);
    await migrate({
      factory: new PrismaPg(limited),
      runScript: async (sql) => {
        // Without parameters the whole script goes as one query, which the server runs as one transaction.
        await owner.query(sql);
      },
    });
  } catch (error) {
    await close();
    throw error;
  }

  return {
    adapter: new PrismaPg(limited),
    unlimited: new PrismaPg({ ...connection, onConnect: listen }),
    warnings: () => warnings,
    claim: async (writer) => {
      const sent = readClocks();
      const before = await claim(owner, writer);
      ownership = new Ownership(
        sent,
        async () => {
          const warned = warnings;
          return (await prove(owner, writer)) ? warned === warnings || undefined : false;
        },
        () => lose(new ConsentStoreLost()),
      );
      if (before !== NOBODY) {
        await pass(DENIES_AFTER_MS);
      }
      // not before: whoever came next would not wait for the one before
      release = () => giveUp(owner, writer);
    },
    isProved: () => ownership?.holds === true,
    onRegained: (listener) => ownership?.onRegained(listener),
    onLost: (listener) => {
      if (lost === undefined) {
        listeners.push(listener);
      } else {
        listener(lost);
      }
    },
    close,
  };
}

function clientOf(config: ClientConfig): Client {
  try {
    return new Client(config);
  } catch (cause) {
    throw cannotConnect(cause);
  }
}

async function takeLock(owner: Client): Promise<void> {
  // The server must let go of an owner whose machine vanished within seconds (its default is two hours), and must
  // not end the connection because nothing is asked on it. From `pg_settings`, as older servers lack some.
  await owner
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
  const { rowCount } = await owner
    .query('SELECT WHERE pg_try_advisory_lock($1)', [OWNER_LOCK])
    .catch(refused);
  if (rowCount !== 1) {
    throw new Error(
      'the database is in use by another process; stop it, or set DATABASE_URL to another database',
    );
  }
}

/** What the head of the log names when its last writer has given it up. */
const NOBODY = '';

/** @returns who was named before */
async function claim(owner: Client, writer: string): Promise<string> {
  const text = `
    UPDATE consent_head AS head SET writer = $1
    FROM (SELECT id, writer FROM consent_head WHERE id = 1 FOR UPDATE) AS before
    WHERE head.id = before.id
    RETURNING before.writer`;
  const { rows } = await owner
    .query<{ readonly writer: string }>(within(CONNECT_TIMEOUT_MS, text, writer))
    .catch(refused);
  return rows[0]?.writer ?? NOBODY;
}

/**
 * A write, because an old primary that is cut off still answers reads; of the row that every append updates, so that
 * nobody can have appended while it hits.
 *
 * @returns whether it hit
 */
async function prove(owner: Client, writer: string): Promise<boolean> {
  const text = 'UPDATE consent_head SET writer = writer WHERE id = 1 AND writer = $1';
  return (await owner.query(text, [writer])).rowCount === 1;
}

async function giveUp(owner: Client, writer: string): Promise<void> {
  const text = `UPDATE consent_head SET writer = '${NOBODY}' WHERE id = 1 AND writer = $1`;
  await owner.query(within(PROOF_HOLDS_MS, text, writer));
}

/** A statement that is waited for at most so many milliseconds. */
function within(query_timeout: number, text: string, ...values: string[]) {
  return { text, values, query_timeout };
}

const refused = refusedOn('who owns the consent log');
