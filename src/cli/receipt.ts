/** `npm run -s receipt -- verify FILE --keys FILE|URL`: whether a consent receipt is genuine, without the service. */
import { isSecureUrl } from '../secure-url.js';
import { verifySigned } from '../consent/receipts/receipt-verification.js';
import { readNamed } from './files.js';
import { publishedKeysIn } from './published-keys.js';
import { jsonOf } from '../json.js';
import { Json, noAnswer } from './server.js';
import { type Command, EXIT, UsageError, argumentsOf, report, runCommand, say } from './terminal.js';
import { readStream } from '../text.js';
import { timeText } from '../time.js';

const TIMEOUT_MS = 30_000;
/** Longest receipt or list of keys that is read: many times as long as any that a service sends. */
const MOST_BYTES = 1 << 20;

const HELP = `usage: npm run -s receipt -- verify FILE --keys FILE|URL

Whether a consent receipt is one that the service signed, and nobody has altered since. With a file of keys it needs no
network: keep one beside the receipts.

  FILE                 the receipt: the JWS alone, or the answer of GET /v1/users/{id}/receipts/{event};
                       - for standard input
  --keys FILE|URL      the published keys: https://SERVICE/.well-known/receipt-keys.json, or a copy of it
  --json               write the receipt itself, and nothing else

exit code: 0 it is genuine, 1 it is not, 2 the command could not do its work
`;

const verify: Command = {
  help: HELP,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { keys: { type: 'string' }, json: { type: 'boolean' } },
      ['FILE'],
    );
    const [file = ''] = positionals;
    if (values.keys === undefined)
      throw new UsageError('`--keys` is missing: give the published keys, or a copy of them');
    const keys = publishedKeysIn(await read(values.keys));
    const signed = signedIn(
      file === '-' ? await readStream(process.stdin, 'standard input', MOST_BYTES) : await read(file),
    );
    const verification = await verifySigned(signed, keys);
    if (!verification.valid) {
      report('wrong', verification.because);
      return EXIT.wrong;
    }
    const { receipt, key } = verification;
    if (values.json === true) say(JSON.stringify(receipt, undefined, 2));
    else {
      const { retiredAt } = key;
      report('ok', `signed with the key ${key.kid}`);
      say(
        `       made ${timeText(key.createdAt)}, ${retiredAt === null ? 'not retired' : `retired ${timeText(retiredAt)}`}`,
      );
      for (const line of summaryOf(new Json(receipt))) say(`       ${line}`);
    }
    return EXIT.fine;
  },
};

async function read(place: string): Promise<string> {
  if (!/^https?:/.test(place)) return readNamed(place);
  if (!isSecureUrl(place))
    throw new UsageError(`\`${place}\` must be an https URL: keys that others can alter prove nothing`);
  const response = await fetch(place, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'manual',
  }).catch((error: unknown) => {
    throw new Error(`${noAnswer(place, error)}: correct the address of the keys`, {
      cause: error,
    });
  });
  if (!response.ok)
    throw new Error(`\`${place}\` answered ${response.status}: correct the address of the keys`);
  if (response.body === null) return '';
  return readStream(response.body, `the answer of \`${place}\``, MOST_BYTES);
}

/** What was signed, and the readable copy beside it. */
function signedIn(text: string): unknown {
  const trimmed = text.trim();
  return trimmed.startsWith('{') ? jsonOf(trimmed) : { jws: trimmed };
}

/** What was said, by whom and when, record by record. */
function summaryOf(receipt: Json): string[] {
  return receipt.at('dpv:hasRecordOfActivity').list.flatMap((record) => {
    const status = record.at('dpv:hasConsentStatus');
    return [
      `${record.at('dpv:hasProcess').at('dpv:hasPurpose').at('dct:identifier').text}: ` +
        [status.at('@type').value].flat().join(', '),
      `  of ${record.at('dpv:hasDataSubject').at('dct:identifier').text}, ` +
        `${status.at('dpv:isIndicatedAtTime').at('@value').text}, ${status.at('dpv:hasIndicationMethod').text}`,
    ];
  });
}

process.exitCode = await runCommand('receipt', HELP, new Map([['verify', verify]]), process.argv.slice(2));
