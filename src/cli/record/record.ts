/** `npm run -s record -- check|accept-loss|show|verify|prove|check-proof|checkpoint|rebuild`: reads the record of decisions, and what proves it, without the service. */
import { acceptLossOf } from './accept-loss.js';
import { check } from './check.js';
import { checkpoint } from './checkpoint.js';
import { checkProof, prove } from './prove.js';
import { rebuild } from './rebuild.js';
import { show } from './show.js';
import { verify } from './verify.js';
import { type Command, runCommand } from '../terminal.js';

const HELP = `usage: npm run -s record -- COMMAND [arguments]

  check [FOLDER]       whether the record is as it was written: every byte, and no segment missing
  accept-loss WRITER   notes that segments that are missing are gone for good
  rebuild              makes the ledger, who used what, anew from it
  show [FOLDER]        the decisions in it, as lines of JSON
  verify [FOLDER]      whether it and the consent log are what was signed
  prove ID [FOLDER]    a proof of one record, which shows nothing of the others
  check-proof FILE     whether such a proof holds
  checkpoint [FOLDER]  the newest signed head

npm run -s record -- COMMAND --help says more of each.
`;

const COMMANDS = new Map<string, Command>([
  ['check', check],
  ['accept-loss', acceptLossOf],
  ['rebuild', rebuild],
  ['show', show],
  ['verify', verify],
  ['prove', prove],
  ['check-proof', checkProof],
  ['checkpoint', checkpoint],
]);

process.exitCode = await runCommand('record', HELP, COMMANDS, process.argv.slice(2));
