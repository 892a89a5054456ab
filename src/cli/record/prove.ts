/** `npm run -s record -- prove|check-proof`: shows one record to somebody, and nothing of the others. */
import { parseJson } from '../../json.js';
import { type ProvedRecord, assertProved, proveRecordOf } from '../../record/proof/record-proof.js';
import { base64Of } from '../../tlog/heads/note.js';
import { readNamed } from '../files.js';
import { Json } from '../server.js';
import { type Command, argumentsOf, count, report, say } from '../terminal.js';
import { USUAL_FOLDER } from './folder.js';
import { KEYS_HELP, judged, keptLog, keysIn, logFolder, originOf } from './logs.js';

export const prove: Command = {
  help: `usage: npm run -s record -- prove ID [FOLDER] --keys FILE > proof.json

Writes a proof that a record is one of those that were signed. Whoever has it and the public keys can check it without
the record; it shows nothing of other records but how many there are. A record of a question about many people says how
many they are, not who.

  ID                      of the record, as \`show\` writes it
  FOLDER                  the record, or a copy of it; default RECORD_DIR, and without it
                          record in DATA_DIR
  ${KEYS_HELP}

exit code: 0 it is written, 1 there is no such record, or it is damaged or not sealed yet,
2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, { keys: { type: 'string' } }, ['ID', '[FOLDER]']);
    const [id = '', folder = USUAL_FOLDER] = positionals;
    const keysOf = await keysIn(values.keys);
    return judged(folder, async () => {
      const log = await keptLog(logFolder(folder, 'record'), keysOf, undefined);
      const { record, inBlock, leaf, index, path, checkpoint } = await proveRecordOf(folder, log, id);
      const block = {
        index: inBlock.index,
        salt: text(inBlock.salt),
        path: inBlock.path.map(text),
        leaf: text(leaf),
      };
      const proof = { id, record, block, log: { index, path: path.map(text) } };
      say(JSON.stringify({ ...proof, checkpoint: Buffer.from(checkpoint).toString() }, undefined, 2));
    });
  },
};

export const checkProof: Command = {
  help: `usage: npm run -s record -- check-proof FILE --keys FILE

Whether a proof of \`prove\` holds: the record was made, and is as it was signed. It needs public keys, and neither the
record nor a network.

  FILE                    the proof
  ${KEYS_HELP}

exit code: 0 it holds, 1 it does not, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, { keys: { type: 'string' } }, ['FILE']);
    const [file = ''] = positionals;
    const keysOf = await keysIn(values.keys);
    const proof = proofIn(await readNamed(file));
    return judged(file, async () => {
      const origin = originOf(Buffer.from(proof.checkpoint).toString());
      const { size } = assertProved(proof, origin, keysOf(origin));
      report(
        'ok',
        `${proof.id} is in the log \`${origin}\`, as it was signed with ${count(size, 'entry', 'entries')}`,
      );
      say(proof.record);
    });
  },
};

/** @throws Error with a message for people when it is none */
function proofIn(file: string): ProvedRecord {
  try {
    const proof = new Json(parseJson(file));
    const block = proof.at('block');
    const log = proof.at('log');
    return {
      id: proof.at('id').text,
      record: proof.at('record').text,
      inBlock: {
        index: block.at('index').number,
        salt: bytesOf(block.at('salt')),
        path: listOf(block.at('path')),
      },
      leaf: bytesOf(block.at('leaf')),
      index: log.at('index').number,
      path: listOf(log.at('path')),
      checkpoint: Buffer.from(proof.at('checkpoint').text),
    };
  } catch (cause) {
    throw new Error('the proof is not as `prove` writes it: get it again', { cause });
  }
}

function listOf(json: Json): Buffer[] {
  return json.list.map(bytesOf);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function bytesOf(json: Json): Buffer {
  const bytes = base64Of(json.text);
  if (bytes === undefined) throw new Error('it has a text that is no base64');
  return bytes;
}
