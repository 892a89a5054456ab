import { basename, join } from 'node:path';
import { diskFaultOf } from '../../disk.js';
import {
  type LostSegments,
  acceptLoss,
  isAccepted,
  missingFrom,
} from '../../record/segment/lost-segments.js';
import { writersIn } from '../../record/segment/writer-folder.js';
import { type Command, EXIT, UsageError, argumentsOf, count, report } from '../terminal.js';
import { USUAL_FOLDER } from './folder.js';

const HELP = `usage: npm run -s record -- accept-loss WRITER [FOLDER] --by NAME --because REASON

Notes in the folder of a writer that segments of it are gone for good, so that what follows them is counted and sealed. What
was counted of them stays counted. \`check\` and \`verify\` go on saying that they are missing. To be run by the user of the
service, which may run meanwhile. First of all look for copies of them: what is accepted is not taken back.

  WRITER               the folder of the writer, as the log of the service and \`check\` name it
  FOLDER               the record; default RECORD_DIR, and without it record in DATA_DIR
  --by NAME            who accepts it
  --because REASON     why they are gone; name no person

exit code: 0 it is noted, 1 no segment of this writer is missing, 2 the command could not do its work
`;

export const acceptLossOf: Command = {
  help: HELP,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { by: { type: 'string' }, because: { type: 'string' } },
      ['WRITER', '[FOLDER]'],
    );
    const [writer = '', folder = USUAL_FOLDER] = positionals;
    const { by = '', because = '' } = values;
    if (by.trim() === '' || because.trim() === '')
      throw new UsageError('say who accepts the loss, and why they are gone: `--by` and `--because`');
    return inWords(folder, async () => {
      if (!(await writersIn(folder)).includes(writer))
        throw new UsageError(`\`${folder}\` has no writer \`${basename(writer)}\``);
      const own = join(folder, writer);
      const lost: LostSegments[] = [];
      for (const loss of await missingFrom(own, writer)) if (!(await isAccepted(own, loss))) lost.push(loss);
      for (const loss of lost) {
        await acceptLoss(own, { ...loss, at: Date.now(), by, because });
        const { first, last } = loss;
        report(
          'ok',
          `${writer}: ${count(last - first + 1, 'segment')} accepted as lost, from ${first} to ${last}`,
        );
      }
      if (lost.length === 0)
        report('wrong', `${writer}: no segment is missing before others, or all that are were accepted`);
      return lost.length === 0 ? EXIT.wrong : EXIT.fine;
    });
  },
};

async function inWords<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const fault = diskFaultOf(error);
    throw fault === undefined ? error : new Error(`\`${folder}\`: ${fault}`, { cause: error });
  }
}
