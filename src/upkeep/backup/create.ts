/** Copies of an embedded database and its record, made while the service runs or not. */
import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolder, whereMissing } from '../../disk.js';
import { HEADS, LOGS } from '../../record/proof/heads.js';
import { lockFolder } from '../../store/postgres/folder-lock.js';
import { CHECKPOINT } from '../../tlog/heads/kept-heads.js';
import { timeText } from '../../time.js';
import {
  MovingCopy,
  copyOne,
  digestOf,
  entriesIn,
  filesIn,
  mustTakeFolder,
  putInPlace,
} from './copied-files.js';
import { whileHeld } from './held-database.js';
import { FORMAT, KEY, MANIFEST, POSTGRES, RECORD, manifestText } from './manifest.js';

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
  await mustTakeFolder(target);
  const there = await readdir(join(from.dataDir, POSTGRES)).catch(whereMissing([]));
  if (there.length === 0)
    throw new Error(`there is no embedded database in \`${from.dataDir}\`: set DATA_DIR to its folder`);
  const unfinished = `${target}.unfinished`;
  makeFolder(dirname(target), 0o700);
  const lock = lockFolder(unfinished, 'name');
  try {
    await empty(unfinished);
    // heads first: what they sign is in what is copied after them
    onStep('copying the signed heads');
    const record = join(unfinished, RECORD);
    await copyHeads(from.recordDir, record);
    const postgres = new MovingCopy(join(from.dataDir, POSTGRES), join(unfinished, POSTGRES));
    onStep('copying the database');
    let at = '';
    const isOnline = await whileHeld(
      from.dataDir,
      () => copyMost(postgres),
      async () => {
        onStep('copying what has changed since, while changes wait');
        at = timeText(Date.now());
        await postgres.update();
      },
    );
    // the ledger in the database is never ahead of the record so
    onStep('copying the record');
    await copyRecord(from, record);
    if (from.keyFile !== undefined) await copyFile(from.keyFile, join(unfinished, KEY));
    onStep('writing it to the disk');
    const files: Record<string, string> = {};
    const copied = await entriesIn(unfinished, (path) => path !== 'lock');
    for (const path of copied.files) files[path] = await digestOf(join(unfinished, path));
    const { folders } = copied;
    const manifest = manifestText({ format: FORMAT, at, folders, files });
    await writeFile(join(unfinished, MANIFEST), manifest, { mode: 0o600 });
    await putInPlace(unfinished, target);
    // not before: whoever makes one of the same name would lock a file of their own, and empty the folder
    await rm(join(target, 'lock'));
    return { at, files: Object.keys(files).length, isOnline };
  } finally {
    lock.release();
  }
}

/** Copies what has changed, until that is soon done. */
async function copyMost(copy: MovingCopy): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    const began = performance.now();
    await copy.update();
    if (performance.now() - began < SHORT_MS) return;
  }
}

/** Removes what a former attempt has left. */
export async function empty(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((one) => one !== 'lock'))
    await rm(join(folder, name), { recursive: true, force: true });
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
