import { type Command, EXIT, argumentsOf, count, report } from '../terminal.js';
import type { ReadBlock } from '../../record/segment/segment-reader.js';
import { USUAL_FOLDER, readRecord } from './folder.js';

const HELP = `usage: npm run -s record -- check [FOLDER]

Reads the whole record and says where it is not as it was written: a byte that was altered, a segment that is missing,
swapped or cut off. Segments that were removed because they were kept long enough are no damage.

  FOLDER               the record, or a copy of it; default RECORD_DIR, and without it
                       record in DATA_DIR

What is missing from the end of a writer's record, or with all of its folder, it cannot see: the signed heads can.

exit code: 0 all of it holds, 1 it does not, 2 the command could not do its work
`;

export const check: Command = {
  help: HELP,
  run: async (args) => {
    const [folder = USUAL_FOLDER] = argumentsOf(args, {}, ['[FOLDER]']).positionals;
    let isSound = true;
    let writers = 0;
    for await (const found of readRecord(folder, decodeAll)) {
      const { writer, decisions, blocks, state, torn, damage } = found;
      writers++;
      const read = `${count(decisions, 'decision')} in ${count(blocks, 'block')}`;
      if (damage !== undefined) {
        isSound = false;
        report('wrong', `${writer}: ${damage}`);
        report('note', `${writer}: ${read} before that hold`);
      } else report('ok', `${writer}: ${read}, ${state}`);
      if (torn > 0)
        report('note', `${writer}: ${count(torn, 'byte')} of a block that was being written are left out`);
    }
    if (writers === 0) report('note', `\`${folder}\` has no record yet`);
    return isSound ? EXIT.fine : EXIT.wrong;
  },
};

function decodeAll(block: ReadBlock): void {
  for (const _entry of block.entries());
}
