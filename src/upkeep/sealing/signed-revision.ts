import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Config } from '../../config.js';
import { HEADS } from '../../record/proof/heads.js';
import { CHECKPOINT, copiesIn } from '../../tlog/heads/kept-heads.js';

/**
 * The last revision of the consent log that a head was signed for, as its file says; 0: none. The signature is not looked
 * at, nor is it told what cannot be read: whoever signs on does both.
 */
export async function signedRevision({
  record,
  checkpointDir,
}: Pick<Config, 'record' | 'checkpointDir'>): Promise<number> {
  const head = await readFile(join(record.folder, HEADS, 'consent', CHECKPOINT), 'utf8').catch(() => '');
  const copies =
    checkpointDir === undefined ? [] : await copiesIn(join(checkpointDir, 'consent')).catch(() => []);
  const sizes = [head.split('\n')[1], ...copies.slice(-1).map((copy) => basename(copy))];
  return Math.max(...sizes.map((size = '') => Number.parseInt(size, 10) || 0));
}
