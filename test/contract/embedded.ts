import { rm } from 'node:fs/promises';
import type { DatabaseSettings } from '../../src/store/database/database.js';
import { newDataFolder } from '../data-folder.js';

/** A store on an embedded database, whose folder goes when it is closed. */
export async function onEmbedded<Opened extends { readonly close: () => Promise<void> }>(
  openStore: (settings: DatabaseSettings) => Promise<Opened>,
): Promise<Opened> {
  const dataDir = await newDataFolder();
  const opened = await openStore({ dataDir });
  return {
    ...opened,
    close: async () => {
      await opened.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
