import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { diskFaultOf } from '../../disk.js';
import { diskFaultAt } from './disk-fault.js';
import { openDoor } from './backup-door.js';
import { lockFolder } from './folder-lock.js';
import { migrate } from './migrations.js';
import type { Postgres } from './postgres.js';

// Bytes that a WebAssembly function runs before it is optimized: the default of newer V8 versions. Node 20 uses a
// seventh of it, and spends a whole start optimizing what only the start runs.
setFlagsFromString('--wasm-tiering-budget=13000000');

/**
 * PGlite's own, with fewer buffers than PostgreSQL's 128 MB: a start clears them all, and of 32 MB that was a third of it.
 * What they do not hold is in the operating system's cache, and the log is read from end to end once.
 */
const START_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];

/**
 * Opens the database inside this process, with its files in `dataDir`.
 *
 * @throws when another process has the folder, or when the files cannot be used
 */
export async function openEmbeddedPostgres(dataDir: string): Promise<Postgres> {
  // Before anything looks at the files: two PGlites on one folder destroy it.
  const lock = lockFolder(dataDir);
  try {
    const folder = resolve(dataDir, 'postgres');
    if (!existsSync(folder)) await create(folder);
    const pglite = await open(folder);
    // a checkpoint writes what is in the buffers to the files; nothing else runs while a transaction does
    const door = await openDoor(dataDir, (work) =>
      pglite.transaction(async (alone) => {
        await alone.exec('CHECKPOINT');
        await work();
      }),
    );
    return {
      adapter: new PrismaPGlite(pglite),
      warnings: () => 0,
      setUp: (work) => work(),
      close: async () => {
        await door.close();
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
  const pglite = await PGlite.create({ dataDir: folder, startParams: START_PARAMETERS }).catch(
    async (cause: unknown) => {
      const fault = diskFaultOf(cause) ?? (await diskFaultAt(folder));
      // a backup lacks the opt-outs that came after it: restore one only if the files are known to be lost
      throw new Error(
        fault === undefined
          ? `cannot open the database in \`${folder}\`, and the disk can be written: keep a copy of the folder, for a backup lacks every opt-out since it was made; then restore it from one`
          : `cannot open the database in \`${folder}\`: ${fault}; nothing is to be restored`,
        { cause },
      );
    },
  );
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
