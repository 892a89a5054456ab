/** `npm run -s record -- verify`: whether a log is what was signed, without the service. */
import { diskFaultOf } from '../../disk.js';
import { Rewritten } from '../../tlog/heads/checkpoint.js';
import { NoteFault, type NoteKey, readVerifierKey } from '../../tlog/heads/note.js';
import { TileFault } from '../../tlog/tiles.js';
import { verifyLog } from '../../tlog/verify-log.js';
import { readNamed } from '../files.js';
import { type Command, EXIT, UsageError, argumentsOf, count, during, report } from '../terminal.js';

const HELP = `usage: npm run -s record -- verify FOLDER --key FILE [--checkpoints FOLDER]

Whether a log is the one that was signed: every entry, every tile, and the head. It needs copies of the files and public
keys, and no network.

  FOLDER                  the log: the folder that has \`checkpoint\` and \`tile\`
  --key FILE              the public keys of the log, one verifier key a line: <name>+<id>+<key>
  --checkpoints FOLDER    copies of the checkpoints that were handed out, of whatever time: the log must continue each

exit code: 0 it is, 1 it is not, 2 the command could not do its work
`;

export const verify: Command = {
  help: HELP,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { key: { type: 'string' }, checkpoints: { type: 'string' } },
      ['FOLDER'],
    );
    const [folder = ''] = positionals;
    if (values.key === undefined) throw new UsageError('`--key` is missing: give the public keys of the log');
    const keys = keysIn(await readNamed(values.key), values.key);
    const [{ name: origin }] = keys;
    const kept = {
      folder,
      origin,
      keys,
      ...(values.checkpoints === undefined ? {} : { copies: values.checkpoints }),
    };
    try {
      const { head, copies } = await during('verifying', verifyLog(kept));
      report('ok', `the log \`${origin}\` is what was signed: ${count(head.size, 'entry', 'entries')}`);
      report('ok', `root ${Buffer.from(head.root).toString('base64')}`);
      if (values.checkpoints === undefined)
        report('note', 'nothing tells whether the head was another before: give --checkpoints');
      else report('ok', `it continues ${count(copies, 'checkpoint')} that were handed out`);
      return EXIT.fine;
    } catch (error) {
      if (error instanceof NoteFault || error instanceof TileFault || error instanceof Rewritten) {
        report('wrong', error.message);
        return EXIT.wrong;
      }
      const fault = diskFaultOf(error);
      throw fault === undefined
        ? error
        : new Error(`the log in \`${folder}\` cannot be read: ${fault}`, { cause: error });
    }
  },
};

/** The keys in a file, all of one log. */
function keysIn(text: string, file: string): [NoteKey, ...NoteKey[]] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const [first, ...others] = lines.map((line) => {
    try {
      return readVerifierKey(line.trim());
    } catch (error) {
      throw error instanceof NoteFault
        ? new UsageError(`\`${line.trim()}\` in \`${file}\` ${error.message}`)
        : error;
    }
  });
  if (first === undefined) throw new UsageError(`\`${file}\` has no keys: give one verifier key a line`);
  const foreign = others.find(({ name }) => name !== first.name);
  if (foreign !== undefined)
    throw new UsageError(
      `\`${file}\` has keys of \`${first.name}\` and of \`${foreign.name}\`: give those of one log`,
    );
  return [first, ...others];
}
