import { randomUUID } from 'node:crypto';
import { PrismaClient } from './generated/client.js';
import type { OwnedPostgres } from './owned-postgres.js';

/** Where the store is kept. */
export type DatabaseSettings = {
  /** A PostgreSQL server; absent: the embedded database. */
  readonly databaseUrl?: string | undefined;
  /** Folder of the embedded database's files, created if it is missing. */
  readonly dataDir: string;
};

/** The database of the store, owned by this process and ready to use. */
export type Database = {
  readonly kind: 'embedded' | 'server';
  readonly prisma: PrismaClient;

  /** Names this opening of the database. Only the statements that name the latest opening may append to a log. */
  readonly writer: string;

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
  const close = async (): Promise<void> => {
    await prisma.$disconnect();
    await postgres.close();
  };

  const writer = randomUUID();
  try {
    await prisma.consentHead.update({ where: { id: 1 }, data: { writer } });
  } catch (error) {
    await close();
    throw error;
  }
  return { kind, prisma, writer, onLost: (listener) => postgres.onLost(listener), close };
}

/** Loads only the kind that is wanted: the embedded one is large, and its file lock is not built for every platform. */
async function openPostgres({ databaseUrl, dataDir }: DatabaseSettings): Promise<OwnedPostgres> {
  if (databaseUrl === undefined) {
    const { openEmbeddedPostgres } = await import('./embedded-postgres.js');
    return openEmbeddedPostgres(dataDir);
  }
  const { openServerPostgres } = await import('./server-postgres.js');
  return openServerPostgres(databaseUrl);
}
