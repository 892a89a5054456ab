/** `npm run -s backup -- create|verify|restore|erasures`: copies of the embedded database and its record, and back; and the list of erasures. */
import { create } from './create.js';
import { erasures } from './erasures.js';
import { restore } from './restore.js';
import { verify } from './verify.js';
import { type Command, runCommand } from '../terminal.js';

const HELP = `usage: npm run -s backup -- COMMAND [arguments]

  create FOLDER             copies the embedded database and the record, while the service runs
  verify BACKUP             whether such a copy is whole, and what was written and signed
  restore BACKUP [FOLDER]   makes a data folder of such a copy
  erasures [FOLDER]         whether the list of erasures is as it was written, and copies of it

npm run -s backup -- COMMAND --help says more of each.
`;

const COMMANDS = new Map<string, Command>([
  ['create', create],
  ['verify', verify],
  ['restore', restore],
  ['erasures', erasures],
]);

process.exitCode = await runCommand('backup', HELP, COMMANDS, process.argv.slice(2));
