import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyPrepared } from './prepared.js';

/** A data folder with a database as a first start makes it, before it is sealed with a key. */
export async function newDataFolder(folder = join(tmpdir(), `assent-${randomUUID()}`)): Promise<string> {
  await copyPrepared('data', folder, async (first) => {
    const { openEmbeddedPostgres } = await import('../src/store/postgres/embedded-postgres.js');
    const database = await openEmbeddedPostgres(first);
    await database.close();
  });
  return folder;
}
