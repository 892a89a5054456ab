import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { refusedOn } from '../postgres/database-refusal.js';
import { PrismaClient } from '../generated/client.js';
import type { Tokens } from '../../consent/log/consistency-token.js';
import { adoptLog } from './adopt-log.js';
import { beginEra } from './eras.js';
import { LogHead } from './log-head.js';
import { createVault, readVault } from './key-file.js';
import { NOT_REPLICATED, type OwnedPostgres } from '../postgres/postgres.js';
import type { Vault } from './vault.js';

/** Where the store is kept. */
export type DatabaseSettings = {
  /** A PostgreSQL server; absent: the embedded database. */
  readonly databaseUrl?: string | undefined;
  /** Folder of the embedded database's files, created if it is missing. */
  readonly dataDir: string;
  /** File of the key that the store is sealed with; absent: `key` in `dataDir`. Made with the database, never after. */
  readonly keyFile?: string | undefined;
};

/** The database of the store, owned by this process and ready to use. */
export type Database = {
  readonly kind: 'embedded' | 'server';
  readonly prisma: PrismaClient;

  /**
   * Runs a statement whose outcome must be known: it may take as long as it takes, one that was given up could still be
   * done later.
   *
   * @throws what the statement throws; Error when what it wrote may be lost again
   */
  readonly toTheEnd: <T>(statement: (prisma: PrismaClient) => Promise<T>) => Promise<T>;

  /** Names this opening of the database. Only the statements that name the latest opening may append to a log. */
  readonly writer: string;

  /** What the store is sealed with. */
  readonly vault: Vault;

  /** The head of the consent log; whoever writes to the log takes their turn at it. */
  readonly head: LogHead;

  /** Names revisions of the consent log, those of this opening and of all before. */
  readonly tokens: Tokens;

  /** Whether it is proved, as of now, that this process owns the database. */
  readonly isProved: () => boolean;

  /** Calls back whenever that is proved again after a time in which it was not. */
  onRegained(listener: () => void): void;

  /** Calls back once if this process can no longer prove that it owns the database; at once if that has happened. */
  onLost(listener: (reason: Error) => void): void;

  /** Waits for what runs, then gives the database up. */
  close(): Promise<void>;
};

/**
 * Opens the database, makes it this process's own and applies the migrations it lacks.
 *
 * @throws when another process owns it, when it cannot be reached, or when it is not one that this build can continue
 */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  const kind = settings.databaseUrl === undefined ? 'embedded' : 'server';
  const postgres = await openPostgres(settings);
  const prisma = new PrismaClient({ adapter: postgres.adapter, errorFormat: 'minimal' });
  const patient =
    postgres.unlimited === undefined
      ? prisma
      : new PrismaClient({ adapter: postgres.unlimited, errorFormat: 'minimal' });
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

  const writer = randomUUID();
  try {
    await postgres.claim(writer);
    const head = await prisma.consentHead.findUniqueOrThrow({ where: { id: 1 } }).catch(refused);
    if (head.keyCheck === '' && head.revision > 0n)
      throw new Error(
        'the consent log has entries and names no key: it was altered since it was written; restore it from a backup',
      );
    const vault = await openVault(head.keyCheck, settings);
    const logHead = new LogHead(prisma, vault, writer);
    if (!vault.matches(head.keyCheck)) await adoptLog(patient, logHead, vault.check);
    await logHead.read();
    const tokens = await beginEra(prisma);
    const { isProved } = postgres;
    return {
      kind,
      prisma,
      toTheEnd,
      writer,
      vault,
      head: logHead,
      tokens,
      isProved,
      onRegained: (listener) => postgres.onRegained(listener),
      onLost: (listener) => postgres.onLost(listener),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The vault that the database is sealed with. A new key for a database that has one would make another log of it, and
 * leave what users have said unreadable.
 */
async function openVault(check: string, { dataDir, keyFile }: DatabaseSettings): Promise<Vault> {
  const path = keyFile ?? join(dataDir, 'key');
  const vault = await readVault(path);
  if (check === '') return vault ?? createVault(path);
  if (vault === undefined)
    throw new Error(
      `there is no key file \`${path}\`, and the database is sealed with a key: restore the file from its backup, or set KEY_FILE`,
    );
  if (!vault.matches(check) && !vault.matchedBefore(check))
    throw new Error(
      `the key file \`${path}\` is not that of this database: restore the file that was made with it, or set KEY_FILE`,
    );
  return vault;
}

/** Loads only the kind that is wanted: the embedded one is large, and its file lock is not built for every platform. */
async function openPostgres({ databaseUrl, dataDir }: DatabaseSettings): Promise<OwnedPostgres> {
  if (databaseUrl === undefined) {
    const { openEmbeddedPostgres } = await import('../postgres/embedded-postgres.js');
    return openEmbeddedPostgres(dataDir);
  }
  const { openServerPostgres } = await import('../postgres/server-postgres.js');
  return openServerPostgres(databaseUrl);
}

const refused = refusedOn('the head of the consent log');
