import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../config.js';
import { LOGS } from '../../record/proof/heads.js';
import { isLog, logFolder } from '../record/logs.js';
import { verify as verifyRecord } from '../record/verify.js';
import { type Command, EXIT, argumentsOf, count, during, report } from '../terminal.js';

const HELP = `usage: npm run -s backup -- verify BACKUP [--key-file FILE] [--checkpoints FOLDER]

Whether a backup is whole, its consent log is as it was written, and its record is what was signed. It needs the key file,
and opens the database in a copy of its own: neither the backup nor what a service runs on is touched.

  --key-file FILE        the key that the database is sealed with; default KEY_FILE, and without it key in DATA_DIR
  --checkpoints FOLDER   the heads that were handed out, as for \`npm run -s record -- verify\`

exit code: 0 it is, 1 it is not, 2 the command could not do its work
`;

export const verify: Command = {
  help: HELP,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { 'key-file': { type: 'string' }, checkpoints: { type: 'string' } },
      ['BACKUP'],
    );
    const [backup = ''] = positionals;
    const { keyFile, kms } = readConfig(process.env);
    const { verifyBackup } = await import('../../upkeep/backup/verify.js');
    const key = { keyFile: values['key-file'] ?? keyFile, kms };
    const found = await during('verifying', verifyBackup(backup, key));
    for (const fault of found.faults) report('wrong', fault);
    if (found.log === undefined) return EXIT.wrong;
    report(
      'ok',
      `${count(found.files, 'file')} of ${found.at} ${found.files === 1 ? 'is' : 'are'} as written`,
    );
    if (!('intact' in found.log) || !found.log.intact) {
      const because = 'intact' in found.log ? `: ${found.log.because}, at ${found.log.revision}` : '';
      report('wrong', `the consent log is not as it was written${because}`);
      return EXIT.wrong;
    }
    const { revision, hash } = found.log;
    report(
      'ok',
      `the consent log is intact: revision ${revision} has the hash ${hash.toString('base64url')}`,
    );
    return verifyHeads(join(backup, 'record'), found.keys, values.checkpoints);
  },
};

async function verifyHeads(record: string, keys: string, checkpoints: string | undefined): Promise<number> {
  if (!existsSync(record) || !LOGS.every((name) => isLog(logFolder(record, name)))) {
    report('note', 'its record has no signed heads yet');
    return EXIT.fine;
  }
  const folder = await mkdtemp(join(tmpdir(), 'assent-backup-keys-'));
  try {
    const file = join(folder, 'keys.json');
    await writeFile(file, keys);
    const further = checkpoints === undefined ? [] : ['--checkpoints', checkpoints];
    return await verifyRecord.run([record, '--keys', file, ...further]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
