/** Whether a backup is whole, and its consent log as it was written. */
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type VerificationReport, verification } from '../../consent/upkeep/verification.js';
import { isMissing, makeFolder } from '../../disk.js';
import { type DatabaseSettings, openDatabase } from '../../store/database/database.js';
import { PrismaConsentStore } from '../../store/prisma-consent.store.js';
import { PrismaPolicyStore } from '../../store/prisma-policy.store.js';
import { PrismaReceiptKeyStore } from '../../store/prisma-receipt-keys.store.js';
import { timeText } from '../../time.js';
import { digestOf } from './copied-files.js';
import { POSTGRES, readManifest } from './manifest.js';
import { inOwnFolder } from './own-folder.js';

/** What the names of the copies begin with in which databases are opened. */
const COPIES = 'assent-verify';

/** Where the key of the store is, and what it is wrapped with. */
type KeySettings = Pick<DatabaseSettings, 'keyFile' | 'kms'>;

export type Verified = {
  readonly at: string;
  readonly files: number;
  /** Files that are missing, or not as they were written. */
  readonly faults: readonly string[];
  /** What was found of the consent log; absent: not all files are as they were written. */
  readonly log?: VerificationReport | undefined;
  /** The published keys of the backup, as the service publishes them. */
  readonly keys: string;
};

/**
 * Verifies a backup. The database is opened in a copy of its own: the backup stays as it is, and so does whatever is live.
 *
 * @throws Error with a message for people when that could not be done
 */
export async function verifyBackup(backup: string, key: KeySettings): Promise<Verified> {
  const manifest = await readManifest(backup);
  const paths = Object.entries(manifest.files);
  const faults: string[] = [];
  for (const [path, digest] of paths) {
    const found = await digestOf(join(backup, path)).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (found !== digest)
      faults.push(`\`${path}\` is ${found === undefined ? 'missing' : 'not as it was written'}`);
  }
  const told = { at: manifest.at, files: paths.length, faults };
  if (faults.length > 0) return { ...told, keys: '' };
  return inOwnFolder(join(tmpdir(), COPIES), 'set TMPDIR to', async (own) => {
    const folder = join(own, 'data');
    const isOfDatabase = (path: string) => path === POSTGRES || path.startsWith(`${POSTGRES}/`);
    for (const path of manifest.folders.filter(isOfDatabase)) makeFolder(join(folder, path), 0o700);
    for (const [path] of paths.filter(([one]) => isOfDatabase(one))) {
      makeFolder(dirname(join(folder, path)), 0o700);
      await copyFile(join(backup, path), join(folder, path));
    }
    return { ...told, ...(await verifyDatabase(folder, key)) };
  });
}

async function verifyDatabase(dataDir: string, key: KeySettings): Promise<Pick<Verified, 'log' | 'keys'>> {
  const database = await openDatabase({ dataDir, ...key });
  try {
    let log: VerificationReport | undefined;
    for await (const report of verification(
      new PrismaConsentStore(database),
      new PrismaPolicyStore(database),
    ))
      log = report;
    const keys = await new PrismaReceiptKeyStore(database, database.vault).all();
    const published = keys.map(({ kid, publicKey, createdAt, retiredAt }) => ({
      kid,
      ...publicKey,
      created_at: timeText(createdAt),
      retired_at: retiredAt === null ? null : timeText(retiredAt),
    }));
    return { log, keys: JSON.stringify({ keys: published }) };
  } finally {
    await database.close();
  }
}
