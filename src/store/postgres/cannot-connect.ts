import { codeOf } from '../../disk.js';
import { Client, type ClientConfig } from 'pg';
import { StorageUnavailable } from '../../errors.js';
import { NO_CONNECTION, NO_CONNECTION_LEFT } from './database-refusal.js';

/** How a server is connected to. */
export type Link = ClientConfig & {
  /** The setting that names its URL, for messages. */
  readonly setting: string;
};

/**
 * A client that is not connected yet.
 *
 * @throws as `connect` does: the driver reads the files that the URL names when it makes one
 */
export function clientOf(link: Link): Client {
  try {
    return new Client(link);
  } catch (error) {
    throw cannotConnect(error, link);
  }
}

/**
 * Connects a client.
 *
 * @param wasReached whether the server was there before, and may be again in a moment
 * @throws StorageUnavailable that explains why the server could not be reached, and what to do. Messages of the server and
 *   the driver are not repeated, not even as the cause, because both quote the user and the database
 */
export async function connect(client: Client, link: Link, wasReached = false): Promise<void> {
  const { host, port } = client;
  await client.connect().catch((error: unknown) => {
    throw cannotConnect(error, link, `${host}:${port}`, wasReached);
  });
}

function cannotConnect(
  error: unknown,
  { setting }: Link,
  at?: string,
  wasReached = false,
): StorageUnavailable {
  const where = at === undefined ? '' : ` at \`${at}\``;
  const url = setting === 'DATABASE_URL' ? setting : `the file of ${setting}`;
  const reason = reasonOf(error).replaceAll('DATABASE_URL', url);
  const isPassing = codeOf(error) === STARTING || wasReached;
  return new StorageUnavailable(`cannot connect to the database${where}; ${reason}`, isPassing);
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const code = codeOf(error);
  // the only code for all refusals by `pg_hba.conf`; only the text says that encryption is missing
  if (code === '28000' && /no encryption|SSL off/.test(message)) return TLS_DEMANDED;
  const known = BY_CODE.get(code ?? '') ?? BY_MESSAGE.find(([text]) => message.includes(text))?.[1];
  if (known !== undefined) return known;
  if (code === undefined || !/^\w{1,40}$/.test(code))
    return 'check DATABASE_URL, and look at the log of the server: the driver gives no code for what went wrong';
  if (CERTIFICATE.test(code))
    return `the certificate of the server is not one that this machine trusts for that host (\`${code}\`): give its authority with \`sslrootcert\` in DATABASE_URL, and the host by the name that the certificate has`;
  return `check DATABASE_URL, and look the code up with PostgreSQL and Node (\`${code}\`)`;
}

/** PostgreSQL's `cannot_connect_now`. */
const STARTING = '57P03';

const NOT_REACHED =
  'check DATABASE_URL and that its server runs: nothing answers at its host and port, or a firewall keeps the answer back';
const BROKEN_OFF =
  'check DATABASE_URL: what is at its host and port broke the connection off, so it may be no PostgreSQL, or one that stops';
const TLS_DEMANDED = 'the server demands TLS: add `sslmode=verify-full` to DATABASE_URL';
const NO_TLS =
  'the server does not speak TLS, and DATABASE_URL demands it: turn it on at the server (`ssl = on`), or correct `sslmode` in DATABASE_URL';
const UNKNOWN_HOST =
  'its host is not known: correct the host in DATABASE_URL, or check the name service of this machine';
const NO_FILE =
  'a file that DATABASE_URL names (a socket, or one of `sslrootcert`, `sslcert`, `sslkey`) is missing or cannot be read: correct its path';

const BY_CODE: ReadonlyMap<string, string> = new Map([
  [
    '28P01',
    'the server refuses the user or the password: correct them in DATABASE_URL, or add the password if it has none',
  ],
  [
    '28000',
    'the server lets nobody in who comes from here as this user: correct the user in DATABASE_URL, or `pg_hba.conf` at the server',
  ],
  [
    '3D000',
    'the server has no database of that name: create it with `CREATE DATABASE`, or correct the name in DATABASE_URL',
  ],
  ['42501', 'the user may not connect to that database: give the right with `GRANT CONNECT`'],
  [NO_CONNECTION, NO_CONNECTION_LEFT],
  [STARTING, 'its server starts, stops or recovers just now: start again when it takes connections'],
  ['ENOTFOUND', UNKNOWN_HOST],
  ['EAI_AGAIN', UNKNOWN_HOST],
  ['ECONNREFUSED', 'check DATABASE_URL and that its server runs: nothing listens at its host and port'],
  ['ETIMEDOUT', NOT_REACHED],
  ['EHOSTUNREACH', NOT_REACHED],
  ['ENETUNREACH', NOT_REACHED],
  ['ECONNRESET', BROKEN_OFF],
  ['EPIPE', BROKEN_OFF],
  ['08P01', BROKEN_OFF],
  ['ENOENT', NO_FILE],
  ['EACCES', NO_FILE],
  ['ERR_INVALID_URL', 'DATABASE_URL is no URL: percent-encode what is special in the password'],
]);

/** Messages of the driver without a code. */
const BY_MESSAGE: readonly (readonly [string, string])[] = [
  ['does not support SSL', NO_TLS],
  [
    'client password must be',
    'the server asks for a password, and DATABASE_URL has none: add it, as `user:password@host`',
  ],
  ['timeout', NOT_REACHED],
  ['terminated unexpectedly', BROKEN_OFF],
  ['establishing an SSL connection', BROKEN_OFF],
];

/** Node's codes about certificates. */
const CERTIFICATE = /CERT|CRL|^UNABLE_TO_|^ERR_TLS_|^HOSTNAME_MISMATCH$|^INVALID_(CA|PURPOSE)$/;
