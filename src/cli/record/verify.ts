/** `npm run -s record -- verify`: whether a record and its logs are what was signed, without the service. */
import { join } from 'node:path';
import { readChainLeaf } from '../../consent/log/chain-leaf.js';
import { verifyRecord } from '../../record/proof/verify-record.js';
import { timeText } from '../../time.js';
import { Rewritten } from '../../tlog/heads/checkpoint.js';
import { type KeptLog, verifyLog } from '../../tlog/verify-log.js';
import { type Command, EXIT, argumentsOf, count, during, report } from '../terminal.js';
import { DAYS_HELP, USUAL_FOLDER, keptSince } from './folder.js';
import { KEYS_HELP, type KeysOf, isLog, judged, keptLog, keysIn, logFolder } from './logs.js';

const HELP = `usage: npm run -s record -- verify [FOLDER] --keys FILE [--checkpoints FOLDER] [--days N]

Whether a record and the consent log are what was signed: every block of the record is the one that was signed, and none
is missing but what retention has removed; every entry and tile of the logs fits, and so do their heads. It needs copies of
the files and public keys, and no network.

  FOLDER                  the record, or a log by itself, which has \`checkpoint\` and \`tile\`;
                          default RECORD_DIR, and without it record in DATA_DIR
  ${KEYS_HELP}
  --checkpoints FOLDER    the heads that were handed out, CHECKPOINT_DIR, or copies of them of whatever time;
                          of a log by itself, the folder of its own ones: the log must continue each
  --days N                ${DAYS_HELP};
                          what is younger may not have been removed: the log says how old it is

exit code: 0 it is, 1 it is not, 2 the command could not do its work
`;

export const verify: Command = {
  help: HELP,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { keys: { type: 'string' }, checkpoints: { type: 'string' }, days: { type: 'string' } },
      ['[FOLDER]'],
    );
    const [folder = USUAL_FOLDER] = positionals;
    const { checkpoints } = values;
    const since = keptSince(values.days);
    const keysOf = await keysIn(values.keys);
    if (isLog(folder)) return judged(folder, async () => oneLog(await keptLog(folder, keysOf, checkpoints)));
    const codes = [
      await judged(folder, () => theRecord(folder, keysOf, checkpoints, since)),
      await judged(folder, () => theConsentLog(folder, keysOf, checkpoints)),
    ];
    return codes.includes(EXIT.wrong) ? EXIT.wrong : EXIT.fine;
  },
};

async function oneLog(log: KeptLog): Promise<void> {
  const { head, copies } = await during('verifying', verifyLog(log));
  tellOf(log, head.size, copies);
  report('ok', `root ${Buffer.from(head.root).toString('base64')}`);
}

async function theRecord(
  folder: string,
  keysOf: KeysOf,
  checkpoints: string | undefined,
  since: number,
): Promise<boolean> {
  const log = await keptLog(logFolder(folder, 'record'), keysOf, copiesOf(checkpoints, 'record'));
  const faults: string[] = [];
  const found = await during(
    'verifying',
    verifyRecord(folder, log, since, (fault) => faults.push(fault)),
  );
  const { head, copies, sealed, unsealed, removed, removedUntil } = found;
  tellOf(log, head.size, copies);
  report('ok', `${count(sealed, 'block')} of the record ${sealed === 1 ? 'is' : 'are'} what was signed`);
  if (removedUntil !== undefined)
    report('note', `removed: ${count(removed, 'block')}, with records until ${timeText(removedUntil)}`);
  report('note', `${count(unsealed, 'block')} after the last head`);
  for (const fault of faults) report('wrong', fault);
  return faults.length === 0;
}

async function theConsentLog(folder: string, keysOf: KeysOf, checkpoints: string | undefined): Promise<void> {
  const log = await keptLog(logFolder(folder, 'consent'), keysOf, copiesOf(checkpoints, 'consent'));
  let last: ReturnType<typeof readChainLeaf>;
  const { head, copies } = await during(
    'verifying',
    verifyLog(log, (entry, index) => {
      last = readChainLeaf(entry);
      if (last?.revision !== index + 1)
        throw new Rewritten(
          `entry ${index} of the log is not of revision ${index + 1} of the consent log`,
          index,
        );
    }),
  );
  tellOf(log, head.size, copies);
  report(
    'ok',
    `revision ${last?.revision} of the consent log has the hash ${last?.hash.toString('base64url')}`,
  );
}

function copiesOf(checkpoints: string | undefined, name: string): string | undefined {
  return checkpoints === undefined ? undefined : join(checkpoints, name);
}

function tellOf({ origin, copies: folder }: KeptLog, size: number, copies: number): void {
  report('ok', `the log \`${origin}\` is what was signed: ${count(size, 'entry', 'entries')}`);
  if (folder === undefined)
    report('note', 'nothing tells whether the head was another before: give --checkpoints');
  else
    report(
      'ok',
      `it continues ${count(copies, 'checkpoint')} that ${copies === 1 ? 'was' : 'were'} handed out`,
    );
}
