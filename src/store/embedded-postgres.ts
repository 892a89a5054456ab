import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { lockFolder } from './folder-lock.js';
import { migrate } from './migrations.js';
import type { OwnedPostgres } from './owned-postgres.js';

/**
 * Opens the database that runs inside this process, with its files in `dataDir`.
 *
 * @throws when another process has the folder, or when the files cannot be used
 */
export async function openEmbeddedPostgres(dataDir: string): Promise<OwnedPostgres> {
  // Before anything looks at the files: two PGlites on one folder destroy it.
  const lock = lockFolder(dataDir);
  try {
    const folder = resolve(dataDir, 'postgres');
    if (!existsSync(folder)) {
      await create(folder);
    }
    const pglite = await open(folder);
    return {
      adapter: new PrismaPGlite(pglite),
      // The kernel takes a file lock from nobody who lives.
      onLost: () => {},
      close: async () => {
        await pglite.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Makes a new database beside its place and then moves it there: creation takes seconds, and a process stopped in
 * the middle would otherwise leave half a database that no later start could use.
 */
async function create(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await (await open(unfinished)).close();
  await rename(unfinished, folder);
}

async function open(folder: string): Promise<PGlite> {
  const pglite = await PGlite.create(folder).catch((cause: unknown) => {
    throw new Error(
      `cannot open the database in \`${folder}\`; restore it from a backup, or set DATA_DIR to another folder`,
      {
        cause,
      },
    );
  });
  try {
    await migrate({
      factory: new PrismaPGlite(pglite),
      runScript: async (sql) => {
        await pglite.exec(sql);
      },
    });
    return pglite;
  } catch (error) {
    await pglite.close();
    throw error;
  }
}
