/** `npm run -s record -- checkpoint`: the newest signed head of a log, for whoever keeps heads elsewhere. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOGS } from '../../record/proof/heads.js';
import { assertContinues, openCheckpoint } from '../../tlog/heads/checkpoint.js';
import { CHECKPOINT, copiesIn, readHead } from '../../tlog/heads/kept-heads.js';
import { verifierKeyOf } from '../../tlog/heads/note.js';
import { consistencyPath } from '../../tlog/tree/merkle.js';
import { Tiles } from '../../tlog/tiles.js';
import { type Command, UsageError, argumentsOf, say } from '../terminal.js';
import { USUAL_FOLDER } from './folder.js';
import { KEYS_HELP, isLog, judged, keptLog, keysIn, logFolder } from './logs.js';

export const checkpoint: Command = {
  help: `usage: npm run -s record -- checkpoint [FOLDER] --keys FILE [--log NAME] [--checkpoints FOLDER] [--verifier-keys]

Writes the newest signed head of a log, as C2SP tlog-checkpoint has it, if its signature holds and it continues those that
were handed out. It reads only what that takes; \`verify\` reads all.

  FOLDER                  the record, or a log by itself; default RECORD_DIR, and without it
                          record in DATA_DIR
  ${KEYS_HELP}
  --log NAME              record or consent; default record
  --checkpoints FOLDER    the heads that were handed out, CHECKPOINT_DIR, or copies of them;
                          of a log by itself, the folder of its own ones
  --verifier-keys         write the keys of the log instead, as other verifiers take them

exit code: 0 it is written, 1 it is not what was signed, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      {
        keys: { type: 'string' },
        log: { type: 'string', default: 'record' },
        checkpoints: { type: 'string' },
        'verifier-keys': { type: 'boolean' },
      },
      ['[FOLDER]'],
    );
    const [given = USUAL_FOLDER] = positionals;
    const name = LOGS.find((one) => one === values.log);
    if (name === undefined) throw new UsageError(`there is no log \`${values.log}\`: give record or consent`);
    const keysOf = await keysIn(values.keys);
    const isAlone = isLog(given);
    const folder = isAlone ? given : logFolder(given, name);
    const { checkpoints } = values;
    return judged(folder, async () => {
      const copies = isAlone || checkpoints === undefined ? checkpoints : join(checkpoints, name);
      const { origin, keys } = await keptLog(folder, keysOf, copies);
      const note = await readFile(join(folder, CHECKPOINT));
      const head = openCheckpoint(note, origin, keys);
      const tiles = new Tiles(folder);
      for (const path of copies === undefined ? [] : await copiesIn(copies)) {
        const copy = await readHead(path, origin, keys);
        if (copy === undefined) continue;
        const isOlder = copy.size <= head.size;
        const proof = isOlder ? await tiles.proof(consistencyPath(copy.size, head.size), head.size) : [];
        assertContinues(copy, head, proof);
      }
      if (values['verifier-keys'] === true) for (const key of keys) say(verifierKeyOf(key));
      else process.stdout.write(note);
    });
  },
};
