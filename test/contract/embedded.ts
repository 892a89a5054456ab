import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSettings } from '../../src/store/database/database.js';

/** A store on an embedded database, whose folder goes when it is closed. */
export async function onEmbedded<Opened extends { readonly close: () => Promise<void> }>(
  openStore: (settings: DatabaseSettings) => Promise<Opened>,
): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-contract-'));
  const opened = await openStore({ dataDir: join(folder, 'data') });
  return {
    ...opened,
    close: async () => {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
