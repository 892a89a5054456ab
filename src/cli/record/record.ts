/** `npm run -s record -- check|show|verify`: reads the record of decisions, and what proves it, without the service. */
import { check } from './check.js';
import { show } from './show.js';
import { verify } from './verify.js';
import { type Command, EXIT, runCommand } from '../terminal.js';

const HELP = `usage: npm run -s record -- COMMAND [arguments]

  check [FOLDER]       whether the record is as it was written: every byte, and no segment missing
  show [FOLDER]        the decisions in it, as lines of JSON
  verify FOLDER        whether a log is the one that was signed

npm run -s record -- COMMAND --help says more of each.
`;

const COMMANDS = new Map<string, Command>([
  ['check', check],
  ['show', show],
  ['verify', verify],
]);

// the reader of the output may have stopped reading
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.trouble);
});
process.exitCode = await runCommand('record', HELP, COMMANDS, process.argv.slice(2));
