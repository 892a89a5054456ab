/** Copies of an embedded database and its record, made while the service runs or not. */
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { whereMissing } from '../../disk.js';
import { HEADS, LOGS } from '../../record/proof/heads.js';
import { LOCK } from '../../store/postgres/folder-lock.js';
import { CHECKPOINT } from '../../tlog/heads/kept-heads.js';
import { timeText } from '../../time.js';
import { MovingCopy, copyOne, digestOf, entriesIn, filesIn } from './copied-files.js';
import { whileHeld } from './held-database.js';
import { FORMAT, KEY, MANIFEST, POSTGRES, RECORD, manifestText } from './manifest.js';
import { makeWhole } from './own-folder.js';

export type BackupFrom = {
  readonly dataDir: string;
  readonly recordDir: string;
  /** Of its Parquet files, which are made anew from the record. */
  readonly parquetDir: string;
  /** Put into the backup as well; absent: not. */
  readonly keyFile?: string;
};

/** What is copied in this time is copied while changes wait, the next time. */
const SHORT_MS = 1_000;
/** So often what has changed meanwhile is copied before: it may never become less. */
const ROUNDS = 10;

export type Made = { readonly at: string; readonly files: number; readonly isOnline: boolean };

/**
 * Makes a backup: a new folder, which is there whole or not at all.
 *
 * @param onStep called with what is done now
 * @throws Error with a message for people
 */
export async function createBackup(
  from: BackupFrom,
  into: string,
  onStep: (step: string) => void,
): Promise<Made> {
  const target = resolve(into);
  const there = await readdir(join(from.dataDir, POSTGRES)).catch(whereMissing([]));
  if (there.length === 0)
    throw new Error(`there is no embedded database in \`${from.dataDir}\`: set DATA_DIR to its folder`);
  const made = await makeWhole(target, (folder) => fill(folder, from, onStep));
  await rm(join(target, LOCK), { force: true });
  return made;
}

async function fill(folder: string, from: BackupFrom, onStep: (step: string) => void): Promise<Made> {
  // heads first: what they sign is in what is copied after them
  onStep('copying the signed heads');
  const record = join(folder, RECORD);
  await copyHeads(from.recordDir, record);
  const postgres = new MovingCopy(join(from.dataDir, POSTGRES), join(folder, POSTGRES));
  onStep('copying the database');
  let at = '';
  const isOnline = await whileHeld(
    from.dataDir,
    () => copyMost(postgres),
    async () => {
      onStep('copying what has changed since, while changes wait');
      at = timeText(Date.now());
      await postgres.update();
      // not later: a key that opens what was copied may be taken away then
      if (from.keyFile !== undefined)
        await writeFile(join(folder, KEY), await readFile(from.keyFile), { mode: 0o600 });
    },
  );
  // the ledger in the database is never ahead of the record so
  onStep('copying the record');
  await copyRecord(from, record);
  onStep('writing it to the disk');
  const files: Record<string, string> = {};
  const copied = await entriesIn(folder, (path) => path !== LOCK);
  for (const path of copied.files) files[path] = await digestOf(join(folder, path));
  const { folders } = copied;
  const manifest = manifestText({ format: FORMAT, at, folders, files });
  await writeFile(join(folder, MANIFEST), manifest, { mode: 0o600 });
  return { at, files: Object.keys(files).length, isOnline };
}

/** Copies what has changed, until that is soon done. */
async function copyMost(copy: MovingCopy): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    const began = performance.now();
    await copy.update();
    if (performance.now() - began < SHORT_MS) return;
  }
}

async function copyHeads(record: string, into: string): Promise<void> {
  for (const name of LOGS) {
    const [folder, its] = [join(record, HEADS, name), join(into, HEADS, name)];
    // tiles are there before the head that needs them
    await copyOne(join(folder, CHECKPOINT), join(its, CHECKPOINT));
    for (const path of await filesIn(folder, (one) => !/^lock$|\.unfinished$/.test(one)))
      if (path !== CHECKPOINT) await copyOne(join(folder, path), join(its, path));
  }
}

async function copyRecord({ recordDir, parquetDir }: BackupFrom, into: string): Promise<void> {
  const isWanted = (path: string) =>
    resolve(recordDir, path) !== resolve(parquetDir) && path !== HEADS && !path.endsWith('.unfinished');
  for (const path of await filesIn(recordDir, isWanted))
    await copyOne(join(recordDir, path), join(into, path));
}
