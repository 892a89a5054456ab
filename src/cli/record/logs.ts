/** The logs that commands are asked about, and the public keys that they are given. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { diskFaultOf } from '../../disk.js';
import { HEADS, type LogName } from '../../record/proof/heads.js';
import { NotProved } from '../../record/proof/record-proof.js';
import { RecordDamage } from '../../record/segment/segment-reader.js';
import { Rewritten } from '../../tlog/heads/checkpoint.js';
import { CHECKPOINT } from '../../tlog/heads/kept-heads.js';
import { NoteFault, type NoteKey, readVerifierKey } from '../../tlog/heads/note.js';
import { TileFault } from '../../tlog/tiles.js';
import type { KeptLog } from '../../tlog/verify-log.js';
import { readNamed } from '../files.js';
import { publishedKeysIn } from '../published-keys.js';
import { EXIT, UsageError, report } from '../terminal.js';

/** How the help of a command says `--keys`. */
export const KEYS_HELP = `--keys FILE             the public keys: a copy of https://SERVICE/.well-known/receipt-keys.json,
                          or verifier keys of logs, a line each: <name>+<id>+<key>`;

/** The keys of a log of this name. */
export type KeysOf = (origin: string) => readonly NoteKey[];

/** @throws UsageError when the file is not given, or has none */
export async function keysIn(file: string | undefined): Promise<KeysOf> {
  if (file === undefined) throw new UsageError('`--keys` is missing: give the public keys');
  const text = await readNamed(file);
  if (text.trimStart().startsWith('{')) {
    const keys = publishedKeysIn(text).map(({ publicKey }) => Buffer.from(publicKey.x, 'base64url'));
    return (name) => keys.map((publicKey) => ({ name, publicKey }));
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new UsageError(`\`${file}\` has no keys: give one verifier key a line`);
  const keys = lines.map((line) => {
    try {
      return readVerifierKey(line.trim());
    } catch (error) {
      throw error instanceof NoteFault
        ? new UsageError(`\`${line.trim()}\` in \`${file}\` ${error.message}`)
        : error;
    }
  });
  return (origin) => keys.filter(({ name }) => name === origin);
}

export function logFolder(record: string, name: LogName): string {
  return join(record, HEADS, name);
}

/** Whether a folder is a log itself, not that of a record. */
export function isLog(folder: string): boolean {
  return existsSync(join(folder, CHECKPOINT));
}

/**
 * A log with the keys that count for it. It is the head that names it: a key signs in the name of its log.
 *
 * @param copies folder of its copies
 * @throws NoteFault when there is no head
 */
export async function keptLog(folder: string, keysOf: KeysOf, copies: string | undefined): Promise<KeptLog> {
  const path = join(folder, CHECKPOINT);
  if (!existsSync(path)) throw new NoteFault(`\`${path}\` is missing`);
  const origin = originOf(await readNamed(path));
  return { folder, origin, keys: keysOf(origin), ...(copies === undefined ? {} : { copies }) };
}

/** The name of the log in a head. */
export function originOf(note: string): string {
  return note.split('\n', 1)[0] ?? '';
}

/**
 * Reports what is not as it was signed.
 *
 * @param work may report it itself, and resolves to whether all is well then
 * @returns one of `EXIT`
 * @throws whatever else is the matter, with a message for people
 */
export async function judged(folder: string, work: () => Promise<boolean | void>): Promise<number> {
  try {
    return (await work()) === false ? EXIT.wrong : EXIT.fine;
  } catch (error) {
    if ([NoteFault, TileFault, Rewritten, RecordDamage, NotProved].some((kind) => error instanceof kind)) {
      report('wrong', error instanceof Error ? error.message : '');
      return EXIT.wrong;
    }
    const fault = diskFaultOf(error);
    throw fault === undefined ? error : new Error(`\`${folder}\` cannot be read: ${fault}`, { cause: error });
  }
}
