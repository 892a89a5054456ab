import { readConfig } from '../../config.js';
import { type Command, EXIT, argumentsOf, during, report } from '../terminal.js';

const HELP = `usage: npm run -s record -- rebuild

Makes the ledger, which says who used what, anew from the record: for when the database was restored or altered. It needs
the settings of the service. With the embedded database, stop the service first; with a server, the processes go on, and
count anew what they recorded.

exit code: 0 it is made, 2 the command could not do its work
`;

export const rebuild: Command = {
  help: HELP,
  run: async (args) => {
    argumentsOf(args, {}, []);
    // the other commands need no database
    const { rebuildLedger } = await import('../../upkeep/rebuild.js');
    const onSaid = (said: string) => report('note', said);
    await during('counting', rebuildLedger(readConfig(process.env), onSaid));
    report('ok', 'the ledger is made anew from the record');
    return EXIT.fine;
  },
};
