import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnreadableReceiptKey } from '../../src/consent/receipts/receipt-keys.store.js';
import { type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { MemoryReceiptKeyStore } from '../memory/memory-receipt-keys.store.js';
import { PrismaReceiptKeyStore } from '../../src/store/prisma-receipt-keys.store.js';
import { Vault } from '../../src/store/database/vault.js';
import { onEmbedded } from './embedded.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { type OpenReceiptKeyStore, receiptKeyStoreContract } from './receipt-keys.store.contract.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

async function openStore(settings: DatabaseSettings): Promise<OpenReceiptKeyStore> {
  const database = await openDatabase(settings);
  return {
    store: new PrismaReceiptKeyStore(database, new Vault(randomBytes(32))),
    close: () => database.close(),
  };
}

receiptKeyStoreContract('in memory', async () => ({
  store: new MemoryReceiptKeyStore(),
  close: async () => {},
}));

receiptKeyStoreContract('embedded', () => onEmbedded(openStore));

receiptKeyStoreContract('PostgreSQL server', async () => openStore(await server.createStore('receipt_keys')));

describe('the table of receipt keys', () => {
  const fresh = {
    kid: 'sealed',
    publicKey: { kty: 'OKP', crv: 'Ed25519', x: 'x' },
    privateKey: new TextEncoder().encode('what nobody may read in the table'),
    createdAt: 1,
  } as const;

  it('holds private halves sealed, opened by the same vault and for the same key alone', async () => {
    const { databaseUrl, dataDir } = await server.createStore('receipt_keys_sealed');
    const database = await openDatabase({ databaseUrl, dataDir });
    const store = new PrismaReceiptKeyStore(database, new Vault(randomBytes(32)));
    await store.add(fresh);
    const row = await database.prisma.receiptKey.findUniqueOrThrow({ where: { kid: 'sealed' } });
    expect(Buffer.from(row.privateKey ?? []).toString('latin1')).not.toContain('nobody');

    const other = new PrismaReceiptKeyStore(database, new Vault(randomBytes(32)));
    await expect(other.privateKeyOf('sealed')).rejects.toThrow(UnreadableReceiptKey);
    expect((await other.all()).map(({ kid }) => kid)).toEqual(['sealed']);

    await database.prisma.receiptKey.update({ where: { kid: 'sealed' }, data: { kid: 'another' } });
    await expect(store.privateKeyOf('another')).rejects.toThrow();

    await store.retire('another', 2);
    const retired = await database.prisma.receiptKey.findUniqueOrThrow({ where: { kid: 'another' } });
    expect(retired.privateKey).toBeNull();
    await expect(
      database.prisma.receiptKey.update({ where: { kid: 'another' }, data: { privateKey: row.privateKey } }),
    ).rejects.toThrow();
    await database.close();
  });
});
