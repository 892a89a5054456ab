import { StorageUnavailable } from '../../errors.js';

/**
 * What may be logged about a failed statement: the codes of Prisma, PostgreSQL and the operating system, such as `P2010
 * 23514`. Never a message, as PostgreSQL and Prisma quote values in theirs.
 */
export function describeRefusal(error: unknown): string {
  const codes: string[] = [];
  collectCodes(error, codes);
  return codes.length === 0 ? 'no code' : codes.join(' ');
}

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
    const message = messageOf(what, codes);
    throw BLAMED.test(codes) ? new Error(message) : new StorageUnavailable(message);
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

function messageOf(what: string, codes: string): string {
  const all = codes.split(' ');
  if (all.includes(NO_RIGHT))
    return `the database refuses its user ${what} (\`${NO_RIGHT}\`): make the user the owner of the tables of this service, or give it \`SELECT, INSERT, UPDATE, DELETE\` on them`;
  if (all.includes(NO_CONNECTION)) return `the database cannot be asked for ${what}; ${NO_CONNECTION_LEFT}`;
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
