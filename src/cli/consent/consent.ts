/** `npm run -s consent -- import|export`: moves users' choices out of one system and into another. */
import { exportAll } from './export.js';
import { importFile } from './import.js';
import { type Command, runCommand } from '../terminal.js';

const HELP = `usage: npm run -s consent -- COMMAND [arguments]

  import FILE          take users' profiles and choices in from an earlier system
  export [FILE]        write all users' profiles and choices

npm run -s consent -- COMMAND --help says more of each.
`;

const COMMANDS = new Map<string, Command>([
  ['import', importFile],
  ['export', exportAll],
]);

process.exitCode = await runCommand('consent', HELP, COMMANDS, process.argv.slice(2));
