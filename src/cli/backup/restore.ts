import { readConfig } from '../../config.js';
import { type Command, EXIT, argumentsOf, count, report } from '../terminal.js';

const HELP = `usage: npm run -s backup -- restore BACKUP [FOLDER] [--erasures FOLDER]

Makes a data folder of a backup. It must be missing or empty; if the command is killed, nothing is there, and it is begun anew.
Every file is compared with what was written of it.

  FOLDER               the new data folder; default DATA_DIR
  --erasures FOLDER    the list of erasures, to be put into it as well; not where ERASURES_DIR names it

Then start the service on it, with the key file and the list of erasures: whoever was erased after the backup was made is
erased again before it answers anything. It does not start without the list. To try a backup while the service goes on, give it
a copy of the list by --erasures, and unset ERASURES_DIR: what is erased on the list of the service is erased there too.

exit code: 0 it is there, 2 it is not
`;

const EVERY_MS = 1_000;

export const restore: Command = {
  help: HELP,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, { erasures: { type: 'string' } }, [
      'BACKUP',
      '[FOLDER]',
    ]);
    const config = readConfig(process.env);
    const [backup = '', into = config.dataDir] = positionals;
    const { restoreBackup } = await import('../../upkeep/backup/restore.js');
    let told = performance.now();
    const onProgress = (files: number, of: number) => {
      if (files < of && performance.now() - told < EVERY_MS) return;
      told = performance.now();
      report('note', `${files.toLocaleString('en')} of ${count(of, 'file')}`);
    };
    const { at } = await restoreBackup(backup, into, values.erasures, onProgress);
    report('ok', `\`${into}\` is the database of ${at}: changes since then are lost`);
    report(
      'note',
      values.erasures === undefined
        ? 'start the service with the key file and the list of erasures of before: it needs both; for a trial, give it a copy of the list'
        : 'start the service with the key file of before; it has a copy of the list of erasures, if ERASURES_DIR is not set',
    );
    return EXIT.fine;
  },
};
