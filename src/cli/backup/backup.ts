/** `npm run -s backup -- create|verify|restore`: copies of the embedded database and its record, and back. */
import { create } from './create.js';
import { restore } from './restore.js';
import { verify } from './verify.js';
import { type Command, runCommand } from '../terminal.js';

const HELP = `usage: npm run -s backup -- COMMAND [arguments]

  create FOLDER             copies the embedded database and the record, while the service runs
  verify BACKUP             whether such a copy is whole, and what was written and signed
  restore BACKUP [FOLDER]   makes a data folder of such a copy

npm run -s backup -- COMMAND --help says more of each.
`;

const COMMANDS = new Map<string, Command>([
  ['create', create],
  ['verify', verify],
  ['restore', restore],
]);

process.exitCode = await runCommand('backup', HELP, COMMANDS, process.argv.slice(2));
