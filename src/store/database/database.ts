import { join } from 'node:path';
import type { Pool } from 'pg';
import { SealedWithFormerKey, refusedOn } from '../postgres/database-refusal.js';
import { Prisma, PrismaClient } from '../generated/client.js';
import type { Tokens } from '../../consent/log/consistency-token.js';
import { adoptLog } from './adopt-log.js';
import type { FleetStore } from '../../fleet/fleet.store.js';
import { adoptEras, beginEra, nameLog, tokensOf } from './eras.js';
import { LogHead } from './log-head.js';
import { type AwsKmsSettings, AwsKms } from '../../kms/aws-kms.js';
import type { KeyWrapper } from '../../kms/key-wrapper.js';
import { type WrappingFor, createVault, readVault } from './key-ring.js';
import { NOT_REPLICATED, type Postgres } from '../postgres/postgres.js';
import { CHANNEL } from '../postgres/server-fleet.js';
import { tracedAdapter } from '../postgres/traced-adapter.js';
import type { Vault } from './vault.js';

/** Where the store is. */
export type DatabaseSettings = {
  /** A PostgreSQL server; absent: the embedded database. */
  readonly databaseUrl?: string | undefined;
  /** The setting that names it, for messages; absent: `DATABASE_URL`. */
  readonly databaseUrlFrom?: string | undefined;
  /** Folder of the embedded database's files, created if it is missing. */
  readonly dataDir: string;
  /**
   * File of the key that the store is sealed with; absent: `key` in `dataDir`. Created with the database, never later.
   */
  readonly keyFile?: string | undefined;
  /** The KMS that wraps that key; absent: the file has the key itself. */
  readonly kms?: AwsKmsSettings | undefined;
  /** The version of Assent that opens it; absent: it is not told. */
  readonly build?: string;
};

/** The database of the store, ready to use. */
export type Database = {
  readonly kind: 'embedded' | 'server';
  readonly prisma: PrismaClient;

  /**
   * Runs a statement whose outcome must be known, without a time limit: one that was given up could still be executed
   * later.
   *
   * @throws what the statement throws; Error when what it wrote may be lost again
   */
  readonly toTheEnd: <T>(statement: (prisma: PrismaClient) => Promise<T>) => Promise<T>;

  /** What the store is sealed with. */
  readonly vault: Vault;

  /** Seals something and writes it; once more if the key of the store was replaced in between. */
  readonly sealing: <T>(work: () => Promise<T>) => Promise<T>;

  /** The head of the consent log; writers of the log use it in turn. */
  readonly head: LogHead;

  /** Names revisions of the consent log. */
  readonly tokens: Tokens;

  /** The processes that use the database; absent: only this one can. */
  readonly fleet: FleetStore | undefined;

  /** For what is large; absent: the database is not on a server. */
  readonly pool: Pool | undefined;

  /** The database's time, in milliseconds since the Unix epoch. */
  readonly clock: () => Promise<number>;

  /**
   * Part of a statement, after its columns: tells the other processes of what it writes.
   *
   * @param revision up to which it writes to the log; 0: something else
   */
  readonly wakes: (revision: Prisma.Sql) => Prisma.Sql;

  /** Waits for running statements, then closes the database. */
  close(): Promise<void>;
};

/**
 * Opens the database and applies the migrations it lacks.
 *
 * @throws when it is in use in a way that cannot be shared, when it cannot be reached, or when it is not one that this
 *   build can continue
 */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  const kind = settings.databaseUrl === undefined ? 'embedded' : 'server';
  const postgres = await openPostgres(settings);
  const prisma = new PrismaClient({ adapter: tracedAdapter(postgres.adapter), errorFormat: 'minimal' });
  const patient =
    postgres.unlimited === undefined
      ? prisma
      : new PrismaClient({ adapter: tracedAdapter(postgres.unlimited), errorFormat: 'minimal' });
  const toTheEnd: Database['toTheEnd'] = async (statement) => {
    const warned = postgres.warnings();
    const result = await statement(patient);
    if (postgres.warnings() !== warned)
      throw Object.assign(new Error('what was written may be lost again: no standby is known to have it'), {
        code: NOT_REPLICATED,
      });
    return result;
  };
  const close = async (): Promise<void> => {
    await prisma.$disconnect();
    await patient.$disconnect();
    await postgres.close();
  };

  try {
    const { vault, head, tokens } = await postgres.setUp(async () => {
      const row = await prisma.consentHead.findUniqueOrThrow({ where: { id: 1 } }).catch(refused);
      if (row.keyCheck === '' && row.revision > 0n)
        throw new Error(
          'the consent log has entries and names no key: it was altered since it was written; restore it from a backup',
        );
      const wrapper = wrapperOf(settings);
      const vault = await openVault(row, settings, wrapper && { wrapper, store: await nameLog(prisma) });
      const head = new LogHead(prisma, vault);
      if (!vault.matches(row.keyCheck)) await adoptLog(patient, head, vault.current);
      await head.read();
      // in a fleet, `join` begins the era
      if (postgres.fleet === undefined) await beginEra(prisma);
      return { vault, head, tokens: await tokensOf(prisma) };
    });
    return {
      kind,
      prisma,
      toTheEnd,
      vault,
      sealing: (work) =>
        work().catch(async (error: unknown) => {
          if (!(error instanceof SealedWithFormerKey)) throw error;
          await head.read();
          return work();
        }),
      head,
      tokens,
      fleet: postgres.fleet === undefined ? undefined : joining(postgres.fleet, prisma, tokens, vault),
      pool: postgres.pool,
      clock: () => clockOf(prisma),
      wakes: wakesOf(postgres.fleet),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What wraps the key of the store; `undefined`: nothing does. */
export function wrapperOf({ kms }: Pick<DatabaseSettings, 'kms'>): KeyWrapper | undefined {
  return kms && new AwsKms(kms);
}

/** A fleet whose members read the eras of the log when they join, and tell which key they know. */
function joining(fleet: FleetStore, prisma: PrismaClient, tokens: Tokens, vault: Vault): FleetStore {
  const join = fleet.join.bind(fleet);
  return Object.assign(fleet, {
    newestKey: () => vault.ring[0]?.id ?? '',
    join: async (lease: number) => {
      const joined = await join(lease);
      await adoptEras(prisma, tokens).catch(async (error: unknown) => {
        // nobody knows of this membership, and all would wait for it
        await fleet.remove(joined.epoch).catch(() => undefined);
        throw error;
      });
      return joined;
    },
  });
}

async function clockOf(prisma: PrismaClient): Promise<number> {
  const [row] = await prisma.$queryRaw<{ readonly now: number }[]>`
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`.catch(refused);
  return Number(row?.now);
}

function wakesOf(fleet: FleetStore | undefined): Database['wakes'] {
  if (fleet === undefined) return () => Prisma.empty;
  return (revision) =>
    Prisma.sql`, pg_notify(${CHANNEL}, ${`written ${fleet.name} `} || ${revision})::text AS told`;
}

/**
 * The vault that the database is sealed with. A new key for a database that has one would make users' choices
 * unreadable.
 */
async function openVault(
  { keyCheck: check, formerKeys }: { readonly keyCheck: string; readonly formerKeys: string },
  { dataDir, keyFile }: DatabaseSettings,
  wrapping: WrappingFor | undefined,
): Promise<Vault> {
  const path = keyFile ?? join(dataDir, 'key');
  const vault = await readVault(path, wrapping);
  if (check === '') return vault ?? createVault(path, wrapping);
  if (vault === undefined)
    throw new Error(
      `there is no key file \`${path}\`, and the database is sealed with a key: restore the file from its backup, or set KEY_FILE`,
    );
  if (!vault.matches(check) && !vault.matchedBefore(check))
    throw new Error(
      `the key file \`${path}\` is not that of this database: restore the file that was made with it, or set KEY_FILE`,
    );
  const lacking = formerKeys.split(' ').find((id) => id !== '' && !vault.ring.some((key) => key.id === id));
  if (lacking !== undefined)
    throw new Error(
      `the key file \`${path}\` lacks the key \`${lacking}\`, and not everything of this database is sealed with a later one: it is a copy from while the key was replaced; put the key back from the copy of the file of that time, or set KEY_FILE`,
    );
  return vault;
}

/** Loads only the required kind: the embedded one is large, and its file lock is not built for every platform. */
async function openPostgres({
  databaseUrl,
  databaseUrlFrom,
  dataDir,
  build = '',
}: DatabaseSettings): Promise<Postgres> {
  if (databaseUrl === undefined) {
    const { openEmbeddedPostgres } = await import('../postgres/embedded-postgres.js');
    return openEmbeddedPostgres(dataDir);
  }
  const { openServerPostgres } = await import('../postgres/server-postgres.js');
  return openServerPostgres(databaseUrl, build, databaseUrlFrom);
}

const refused = refusedOn('the head of the consent log');
