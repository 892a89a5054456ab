import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyPrepared } from './prepared.js';

/**
 * A data folder with a database as a first start makes it, before it is sealed with a key.
 *
 * @param prepared where the first one is; to be given where there is no test
 */
export async function newDataFolder(
  folder = join(tmpdir(), `assent-${randomUUID()}`),
  prepared?: string,
): Promise<string> {
  await copyPrepared('data', folder, makeDataFolder, prepared);
  return folder;
}

async function makeDataFolder(folder: string): Promise<void> {
  const { openEmbeddedPostgres } = await import('../src/store/postgres/embedded-postgres.js');
  const database = await openEmbeddedPostgres(folder);
  await database.close();
}
