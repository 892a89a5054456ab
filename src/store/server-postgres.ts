import { PrismaPg } from '@prisma/adapter-pg';
import { Client, type ClientConfig } from 'pg';
import { cannotConnect } from './cannot-connect.js';
import { migrate } from './migrations.js';
import type { OwnedPostgres } from './owned-postgres.js';

/**
 * The advisory lock that says who owns the store of a database: "assent" in ASCII. Every build must use the same one,
 * and nothing else in that database may.
 */
const OWNER_LOCK = 0x617373656e74;

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;

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
  const lose = (cause?: Error): void => {
    if (lost !== undefined || closed) {
      return;
    }
    lost = new Error('the connection that holds the lock on the database broke; restart this process', {
      cause,
    });
    for (const listener of listeners) {
      listener(lost);
    }
  };

  const connection = {
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
  const owner = clientOf(connection);
  owner.on('error', lose);
  owner.on('end', () => lose());
  const close = async (): Promise<void> => {
    closed = true;
    await owner.end();
  };

  await owner.connect().catch((cause: unknown) => {
    closed = true;
    throw cannotConnect(cause);
  });
  try {
    await takeLock(owner);
    await migrate({
      factory: new PrismaPg(connection),
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
    adapter: new PrismaPg(connection),
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
  await owner.query(`
    SELECT set_config(wanted.name, wanted.value, false)
    FROM pg_settings JOIN (VALUES
      ('tcp_keepalives_idle', '10'),
      ('tcp_keepalives_interval', '2'),
      ('tcp_keepalives_count', '5'),
      ('idle_session_timeout', '0')
    ) AS wanted (name, value) USING (name)`);
  const { rowCount } = await owner.query('SELECT WHERE pg_try_advisory_lock($1)', [OWNER_LOCK]);
  if (rowCount !== 1) {
    throw new Error(
      'the database is in use by another process; stop it, or set DATABASE_URL to another database',
    );
  }
}
