import { readConfig } from '../../config.js';
import { timeText } from '../../time.js';
import { type Command, EXIT, argumentsOf, count, report } from '../terminal.js';

const HELP = `usage: npm run -s backup -- erasures [FOLDER] [--copy-to FOLDER]

Whether a list of erasures is as it was written, and what it has: how many erasures, until when, and since when it is whole.
It names nobody. The service may run meanwhile.

  FOLDER             the folder of the list; default ERASURES_DIR
  --copy-to FOLDER   brings a copy of it up to date, or begins one: a folder that is missing or empty, or has a copy
                     of the same list. What is only in the copy stays

exit code: 0 it is, and was copied, 2 it is not, or there is none
`;

export const erasures: Command = {
  help: HELP,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, { 'copy-to': { type: 'string' } }, ['[FOLDER]']);
    const [folder = readConfig(process.env).erasures.folder] = positionals;
    if (folder === undefined) throw new Error('name the folder of the list, or set ERASURES_DIR to it');
    const { copyErasures, erasuresIn } = await import('../../upkeep/backup/erasure-copies.js');
    const tell = async (of: string) => {
      const { name, entries, last, from } = await erasuresIn(of);
      const until = last === undefined ? '' : `, the last of ${timeText(last)}`;
      report('ok', `\`${of}\` is the list \`${name}\`: ${count(entries, 'erasure')}${until}`);
      if (from !== undefined) report('note', `those of before ${timeText(from)} were deleted`);
    };
    await tell(folder);
    const into = values['copy-to'];
    if (into === undefined) return EXIT.fine;
    await copyErasures(folder, into);
    await tell(into);
    report('note', 'the key of the list is in it: keep it as secret as the list');
    return EXIT.fine;
  },
};
