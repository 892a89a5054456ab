import { join } from 'node:path';
import { type Command, EXIT, argumentsOf, count, report } from '../terminal.js';
import { acceptedIn } from '../../record/segment/lost-segments.js';
import type { ReadBlock } from '../../record/segment/segment-reader.js';
import { removedTooEarly } from '../../record/segment/removed-segments.js';
import { timeText } from '../../time.js';
import { DAYS_HELP, USUAL_FOLDER, keptSince, readRecord } from './folder.js';

const HELP = `usage: npm run -s record -- check [FOLDER] [--days N]

Reads the whole record and says where it is not as it was written: a byte that was altered, a segment that is missing,
swapped or cut off. Segments that were removed because they were kept long enough are no damage: the first ones of a writer,
by what was noted of them.

  FOLDER               the record, or a copy of it; default RECORD_DIR, and without it
                       record in DATA_DIR
  --days N             ${DAYS_HELP}

What is missing from the end of a writer's record, or with all of its folder, it cannot see, nor whether what was noted of
removed segments is true: the signed heads can, by \`verify\`.

exit code: 0 all of it holds, 1 it does not, 2 the command could not do its work
`;

export const check: Command = {
  help: HELP,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, { days: { type: 'string' } }, ['[FOLDER]']);
    const [folder = USUAL_FOLDER] = positionals;
    const since = keptSince(values.days);
    let isSound = true;
    let writers = 0;
    for await (const found of readRecord(folder, decodeAll)) {
      const { writer, decisions, blocks, state, torn, removed, damage } = found;
      writers++;
      const read = `${count(decisions, 'decision')} in ${count(blocks, 'block')}`;
      if (damage !== undefined) {
        isSound = false;
        report('wrong', `${writer}: ${damage}`);
        report('note', `${writer}: ${read} before that hold`);
      } else report('ok', `${writer}: ${read}, ${state}`);
      for (const { first, last, at, by, because } of await acceptedIn(join(folder, writer)))
        report(
          'note',
          `${writer}: segments ${first} to ${last} accepted as lost by ${by}, ${timeText(at)}: ${because}`,
        );
      if (removed !== undefined) {
        const segments = count(removed.segments, 'segment');
        const isTooEarly = removed.until >= since;
        if (isTooEarly) isSound = false;
        const told = isTooEarly
          ? removedTooEarly(segments, removed.until)
          : `removed: ${segments}, ${removed.until === 0 ? 'without records' : `with records until ${timeText(removed.until)}`}`;
        report(isTooEarly ? 'wrong' : 'note', `${writer}: ${told}`);
      }
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
