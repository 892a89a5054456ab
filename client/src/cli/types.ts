/** `assent types`: what the policy of a service names, as a declaration file. */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { agentFor, exchange } from '../http/exchange.js';
import { Failure } from '../terms/failure.js';
import { readJson } from '../terms/json.js';
import { isSecureUrl } from '../http/address.js';
import { type Command, EXIT, type Streams, Trouble, UsageError } from './command.js';
import { namesIn, typesOf } from './policy-types.js';

const TIMEOUT_MS = 10_000;
/** Most bytes of a policy version. */
const MOST = 64 * 1_048_576;

const HELP = `usage: npx assent types [options]

Writes the purposes, fields and obligations of a service's policy as a declaration file, so that a misspelt one does not
compile. Make the file part of your program, and write it anew when the policy changes.

  --url URL    the service (default: ASSENT_URL, or else http://127.0.0.1:3000)
  --out FILE   where to write it (default: standard output)
  --check      write nothing; exit with 1 when FILE does not say what the policy says, such as in CI
  --help

The token is in ASSENT_TOKEN: of a service with the scope policies:read.

exit code: 0 done, or the same; 1 not the same; 2 it cannot be told
`;

export const types: Command = { help: HELP, run };

async function run(args: readonly string[], { stdout, stderr }: Streams): Promise<number> {
  const { url, out, check } = optionsIn(args);
  const names = namesIn(readJson(await policyAt(url)));
  if (names === undefined)
    throw new Trouble(`\`${url}\` does not answer as a service of Assent does: correct --url`);
  const text = typesOf(names);
  if (out === undefined) stdout.write(text);
  else if (check) return checked(out, text, stderr);
  else await writeFile(out, text);
  return EXIT.fine;
}

async function checked(file: string, text: string, stderr: Streams['stderr']): Promise<number> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept === text) return EXIT.fine;
  const fault = kept === undefined ? 'cannot be read' : 'does not say what the policy in force says';
  stderr.write(`\`${file}\` ${fault}: write it anew, without --check\n`);
  return EXIT.wrong;
}

function optionsIn(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: { url: { type: 'string' }, out: { type: 'string' }, check: { type: 'boolean' } },
  });
  const { url = process.env['ASSENT_URL'] ?? 'http://127.0.0.1:3000', out, check = false } = values;
  if (!isSecureUrl(url))
    throw new UsageError(`\`${url}\` is not safe for a token: give an https address, or a loopback one`);
  if (check && out === undefined) throw new UsageError('--check needs --out, the file to look at');
  return { url, out, check };
}

/** The policy in force, as JSON. */
async function policyAt(base: string): Promise<string> {
  const token = process.env['ASSENT_TOKEN'] ?? '';
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError('ASSENT_TOKEN is not set to a token: set it');
  const url = new URL('v1/policies/current', base.endsWith('/') ? base : `${base}/`);
  const agent = agentFor(url);
  try {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    const sent = { method: 'GET', url, agent, headers, body: '', most: MOST } as const;
    const { status, body } = await exchange(sent, AbortSignal.timeout(TIMEOUT_MS));
    if (status === 200) return body;
    throw new Trouble(
      `the service answered with status ${status}${status === 401 || status === 403 ? ': the token must be of a service with the scope policies:read' : ''}`,
    );
  } catch (error) {
    if (error instanceof Failure) throw new Trouble(`no answer from \`${base}\`: ${error.message}`);
    throw error;
  } finally {
    agent.destroy();
  }
}
