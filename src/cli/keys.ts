/** `npm run -s keys -- show|rotate|add|drop|wrap`: the keys of the store, and the one that signs. */
import { readConfig } from '../config.js';
import { timeText } from '../time.js';
import { PolicyServer, SERVER_HELP, SERVER_OPTIONS } from './server.js';
import {
  type Command,
  EXIT,
  UsageError,
  argumentsOf,
  count,
  report,
  runCommand,
  say,
  table,
} from './terminal.js';

const HELP = `usage: npm run -s keys -- COMMAND [arguments]

  show                 which keys the key file has, since when, and how many rows each opens
  rotate               replaces the key of the store, while the service runs
  rotate receipts      replaces the key that signs receipts and the heads of logs; rotate checkpoints is the same
  add                  puts a new key into the key file, to be brought to all machines before rotate
  drop ID              takes a former key out of the key file
  wrap                 has the keys in the key file wrapped by a KMS, or wrapped anew

npm run -s keys -- COMMAND --help says more of each.
`;

const SETTINGS = 'It needs the settings of the service: DATA_DIR, KEY_FILE, DATABASE_URL, KMS_KEY.';
const EXITS = 'exit code: 0 it is done, 2 the command could not do its work';

const show: Command = {
  help: `usage: npm run -s keys -- show

Which keys the key file has, by their ids; never the keys themselves. While a service runs on the embedded database, the
rows that the present key opens are not counted.
${SETTINGS}

${EXITS}
`,
  run: async (args) => {
    argumentsOf(args, {}, []);
    const { listedKeys } = await storeKeys();
    const rows = (await listedKeys(readConfig(process.env))).map(({ id, since, state, opens }) => [
      id,
      since === undefined ? 'the beginning' : timeText(since),
      state,
      opens === undefined ? '-' : opens.toLocaleString('en'),
    ]);
    for (const line of table([['key', 'since', 'state', 'rows it opens'], ...rows], 3)) say(line);
    return EXIT.fine;
  },
};

const SIGNING = ['receipts', 'checkpoints'];

const rotate: Command = {
  help: `usage: npm run -s keys -- rotate [receipts|checkpoints]

Replaces the key of the store while the service runs, and seals everything anew with the new one. When it was interrupted,
call it again: it goes on. Save the key file after it, and keep the one before as long as backups from before it.
${SETTINGS}

With receipts or checkpoints it replaces the key that signs both; what was signed before stays verifiable. It asks the
service, as role privacy_officer:

${SERVER_HELP}

${EXITS}
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, SERVER_OPTIONS, ['[receipts|checkpoints]']);
    const [what] = positionals;
    if (what !== undefined) {
      if (!SIGNING.includes(what))
        throw new UsageError(`there is no key of \`${what}\`: give receipts or checkpoints, or nothing`);
      const { answer } = await (await PolicyServer.from(values)).post('/v1/receipt-keys', {});
      report('ok', `receipts and checkpoints are signed with ${answer.at('kid').text} from now on`);
      return EXIT.fine;
    }
    const { replaceKey } = await storeKeys();
    const { stderr } = process;
    const id = await replaceKey(readConfig(process.env), (looked) => {
      if (stderr.isTTY) stderr.write(`\r${count(looked, 'row')} `);
    });
    if (stderr.isTTY) stderr.write('\r\u001B[K');
    report('ok', `everything is sealed with ${id}`);
    return EXIT.fine;
  },
};

const add: Command = {
  help: `usage: npm run -s keys -- add

Puts a new key into the key file, which seals nothing yet. For processes on several machines: bring the file to all of them,
then call rotate on one. A process that meets a key that its file has not, denies.
${SETTINGS}

${EXITS}
`,
  run: async (args) => {
    argumentsOf(args, {}, []);
    const { addKey } = await storeKeys();
    report(
      'ok',
      `the key file has ${await addKey(readConfig(process.env))}: bring it to all machines, then rotate`,
    );
    return EXIT.fine;
  },
};

const drop: Command = {
  help: `usage: npm run -s keys -- drop ID

Takes a former key out of the key file, for ever. It is refused while something is left that only this key opens, and for the
two days that sessions may last that it sealed.
${SETTINGS}

  --now                end these sessions, and the reports of obligations that go back to before the replacement

${EXITS}
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, { now: { type: 'boolean' } }, ['ID']);
    const [id = ''] = positionals;
    const { dropKey } = await storeKeys();
    await dropKey(readConfig(process.env), id, values.now === true, Date.now());
    report('ok', `${id} is gone`);
    return EXIT.fine;
  },
};

const wrap: Command = {
  help: `usage: npm run -s keys -- wrap [--from KEY]

Has the keys in the key file wrapped by KMS_KEY, so that they are no longer on the disk as they are; or, where they are wrapped
already, wrapped anew, as after a rotation of KMS_KEY. Where the keys were not wrapped, stop a service on the embedded database
before it, and rotate after it: what was on a disk may be on it still.
${SETTINGS}

  --from KEY           the key of the KMS that has wrapped them, where KMS_KEY is another one now

${EXITS}
`,
  run: async (args) => {
    const { values } = argumentsOf(args, { from: { type: 'string' } }, []);
    const { wrapKeys } = await storeKeys();
    const config = readConfig(process.env);
    const wrapped = await wrapKeys(config, values.from);
    report('ok', `the key file has ${count(wrapped, 'key')}, wrapped by ${config.kms?.key ?? ''}`);
    return EXIT.fine;
  },
};

/** Only these commands need the database. */
function storeKeys() {
  return import('../upkeep/keys/store-keys.js');
}

const COMMANDS = new Map<string, Command>([
  ['show', show],
  ['rotate', rotate],
  ['add', add],
  ['drop', drop],
  ['wrap', wrap],
]);

process.exitCode = await runCommand('keys', HELP, COMMANDS, process.argv.slice(2));
