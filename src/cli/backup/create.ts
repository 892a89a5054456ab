import { readConfig } from '../../config.js';
import { type Command, EXIT, argumentsOf, count, report } from '../terminal.js';

const HELP = `usage: npm run -s backup -- create FOLDER [--with-key]

Copies the embedded database and the record of decisions into a new folder, while the service runs or not. It needs the
settings of the service, and its user. While a service runs, changes wait at the end for as long as it takes to copy what was
changed last, three seconds at most; decisions do not wait, but for those under a case.

  --with-key   puts the key file into the backup too: whoever has the backup can then read everything.
               Without it, keep the key file elsewhere: without it the backup cannot be read

Neither the list of erasures is in it, which must not be put back with the database, nor what can be made anew.
A PostgreSQL server is backed up by its own tools: see docs/backup.md.

exit code: 0 it is made, 2 it is not
`;

export const create: Command = {
  help: HELP,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, { 'with-key': { type: 'boolean' } }, ['FOLDER']);
    const [into = ''] = positionals;
    const { dataDir, record, keyFile, databaseUrl } = readConfig(process.env);
    if (databaseUrl !== undefined)
      throw new Error('the database is on a server: back it up by its own tools, see docs/backup.md');
    const { createBackup } = await import('../../upkeep/backup/create.js');
    const from = {
      dataDir,
      recordDir: record.folder,
      parquetDir: record.parquet,
      ...(values['with-key'] === true ? { keyFile } : {}),
    };
    const made = await createBackup(from, into, (step) => report('note', step));
    report(
      'ok',
      `\`${into}\` has ${count(made.files, 'file')} of ${made.at}, copied while the service ${made.isOnline ? 'ran' : 'was stopped'}`,
    );
    report(
      'note',
      values['with-key'] === true
        ? 'the key is in it: whoever has it can read everything'
        : `the key is not in it: without \`${keyFile}\` it cannot be read, so keep that file too, and elsewhere`,
    );
    return EXIT.fine;
  },
};
