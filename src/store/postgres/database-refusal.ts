import { StorageUnavailable } from '../../errors.js';
import { STATEMENT_MS } from './postgres.js';

/**
 * What may be logged about a failed statement: the codes of Prisma, PostgreSQL and the operating system, such as `P2010
 * 23514`, and names for what the driver says without a code. Never a message, as PostgreSQL and Prisma quote values in theirs.
 */
export function describeRefusal(error: unknown): string {
  const codes: string[] = [];
  collectCodes(error, codes);
  return codes.length === 0 ? NO_CODE : codes.join(' ');
}

const NO_CODE = 'no code';

/** What the driver says without a code, by names for it. */
const DRIVER_SAYS: readonly (readonly [RegExp, string])[] = [
  [/^(?:Query read timeout|timeout e.+|Connection terminated due to connection timeout)$/, 'no_answer'],
  [
    /^(?:Connection terminated(?: unexpectedly)?|Client (?:has encountered a connection error|was closed) and is not queryable)$/,
    'broken_off',
  ],
  [/^(?:Cannot use a pool after calling end on the pool|PGlite is clos(?:ed|ing))$/, 'closed'],
];

/**
 * The error for a failed statement, without the original as its cause: PostgreSQL quotes the rows that it refuses.
 *
 * @param what describes the statement
 * @returns a function that throws StorageUnavailable if the statement itself is not to blame, Error if it is
 */
export function refusedOn(what: string): (error: unknown) => never {
  return (error) => {
    const codes = describeRefusal(error);
    if (codes.split(' ').includes(FORMER_KEY)) throw new SealedWithFormerKey();
    if (BLAMED.test(codes)) throw new Error(messageOf(what, codes, error));
    const passing = PASSING.find(([signs]) => signs.test(codes))?.[1];
    if (passing === undefined) throw new StorageUnavailable(messageOf(what, codes, error));
    throw new StorageUnavailable(passing(what, codes, placeOf(error)), true);
  };
}

/** The code of the trigger that refuses what a former key sealed. */
const FORMER_KEY = 'KEY01';

/** The key of the store was replaced between sealing and writing: nothing was written. */
export class SealedWithFormerKey extends StorageUnavailable {
  constructor() {
    super('the key of the store was replaced meanwhile; try again');
  }
}

/** How a database is that may answer in a moment: its codes, and what is said. */
const PASSING: readonly (readonly [
  signs: RegExp,
  says: (what: string, codes: string, at: string | undefined) => string,
])[] = [
  [
    /\b(?:no_answer|P1008|P2024)\b/,
    (what) =>
      `the database did not answer within ${STATEMENT_MS / 1_000} s when it was asked for ${what}: see whether its server is overloaded, hangs, or waits for its disk`,
  ],
  [
    /\b(?:57014|55P03)\b/,
    (what, codes) =>
      `the database was not done with ${what} in time (\`${codes}\`): see whether its server is overloaded, or what holds a lock there`,
  ],
  [
    /\b57P03\b/,
    (what) =>
      `the server of the database starts up or shuts down just now (\`57P03\`), and cannot be asked for ${what}`,
  ],
  [
    /\b(?:P1001|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)\b/,
    (what, codes, at) =>
      `the database cannot be reached${at === undefined ? '' : ` at \`${at}\``}, to ask it for ${what} (\`${codes}\`): see that its server runs, and that this machine can reach it`,
  ],
  [
    /\b(?:broken_off|P1017|ECONNRESET|EPIPE|57P0[125]|08[0-9A-Z]{3})\b/,
    (what, codes) =>
      `the connection to the database broke when it was asked for ${what} (\`${codes}\`): see in the log of its server whether it ended, or what ended the connection`,
  ],
];

/** Whether the database may do in a moment what it did not do now. */
export function passes(error: unknown): boolean {
  const codes = describeRefusal(error);
  return PASSING.some(([signs]) => signs.test(codes));
}

/** Host and port of the server that did not let itself be reached, as the driver tells them. */
function placeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const members = new Map<string, unknown>(Object.entries(value));
  const host = members.get('host') ?? members.get('address');
  const port = members.get('port');
  if (typeof host === 'string' && typeof port === 'number') return `${host}:${port}`;
  const within = [...members].flatMap(([name, member]) => (NESTED_NAMES.has(name) ? [member] : []));
  // a name of several addresses
  if (value instanceof AggregateError) within.push(...value.errors);
  return within.map(placeOf).find((place) => place !== undefined);
}

function messageOf(what: string, codes: string, error: unknown): string {
  const all = codes.split(' ');
  if (all.includes(NO_RIGHT))
    return `the database refuses its user ${what} (\`${NO_RIGHT}\`): make the user the owner of the tables of this service, or give it \`SELECT, INSERT, UPDATE, DELETE\` on them`;
  if (all.includes(NO_CONNECTION)) return `the database cannot be asked for ${what}; ${NO_CONNECTION_LEFT}`;
  if (all.includes('closed')) return `the database was asked for ${what} after this process had closed it`;
  if (codes === NO_CODE)
    return `the database failed on ${what} and gave no code (\`${error instanceof Error ? error.name : typeof error}\`); see that it runs, and what the log of its server says, or, where it runs inside this process, that the disk of DATA_DIR can be written`;
  return `the database failed on ${what} with \`${codes}\`; check that it runs, then look the codes up with PostgreSQL and Prisma`;
}

/** PostgreSQL's `too_many_connections`. */
export const NO_CONNECTION = '53300';
/** What to do about it. */
export const NO_CONNECTION_LEFT =
  'the server has no connection left: raise `max_connections` or the limit of the user or database, or end what holds them';

/** PostgreSQL's `insufficient_privilege`. */
export const NO_RIGHT = '42501';

/** Whether a statement failed because the user of the database may not run it. */
export function lacksRight(error: unknown): boolean {
  return describeRefusal(error).split(' ').includes(NO_RIGHT);
}

/** PostgreSQL's `unique_violation`. */
const DUPLICATE = '23505';

/** Whether a statement failed because there is another row with the same key. */
export function isDuplicate(error: unknown): boolean {
  return describeRefusal(error).split(' ').includes(DUPLICATE);
}

/**
 * Codes that blame the statement or its data: classes 21 to 23 and 42 of PostgreSQL, and Prisma's codes about data. All
 * others concern the connection, the server or its disk.
 */
const BLAMED = /\b(?:2[123]\d{3}|42[0-9A-Z]{3}|P20(?:0\d|1[1-9]|2[0-35]))\b/;

function collectCodes(value: unknown, codes: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Error) {
    const [, name] = DRIVER_SAYS.find(([says]) => says.test(value.message)) ?? [];
    if (name !== undefined) codes.push(name);
  }
  for (const [name, member] of Object.entries(value)) {
    if (CODE_NAMES.has(name) && typeof member === 'string' && CODE.test(member) && !codes.includes(member)) {
      codes.push(member);
    } else if (NESTED_NAMES.has(name)) {
      collectCodes(member, codes);
    }
  }
}

const CODE_NAMES: ReadonlySet<string> = new Set(['code', 'originalCode', 'kind']);
const NESTED_NAMES: ReadonlySet<string> = new Set(['meta', 'driverAdapterError', 'cause']);
const CODE = /^[A-Za-z0-9_]{1,40}$/;
