/** Rows of the consent log as they come as JSON, each column checked. */
import type { Kind, Link } from '../../consent/log/chain.js';
import { Prisma } from '../generated/client.js';
import type { headOf } from './log-head.js';

export type Row = Readonly<Record<string, unknown>>;

export type StoredEntry = Pick<Link, 'revision' | 'subject' | 'at' | 'kind' | 'hash'> & {
  readonly content: Buffer | undefined;
};
export type StoredHead = Parameters<typeof headOf>[0] & {
  readonly publications: Buffer;
  readonly mac: Buffer;
  /** Tells the key that seals it. */
  readonly keyCheck: string;
};

export const ERASURE: Kind = 'erasure';
export const RETENTION: Kind = 'retention';

export const ENTRY_COLUMNS = Prisma.sql`revision, subject, at, kind,
  encode(content, 'base64') AS content, encode(hash, 'base64') AS hash`;

export const HEAD_COLUMNS = Prisma.sql`revision, subject, encode(hash, 'base64') AS hash,
  encode(publications, 'base64') AS publications, encode(mac, 'base64') AS mac, key_check`;

export function placeOf(row: Row): {
  readonly revision: number;
  readonly subject: number;
  readonly at: number;
} {
  return { revision: numberIn(row, 'revision'), subject: numberIn(row, 'subject'), at: numberIn(row, 'at') };
}

export function storedEntry(row: Row): StoredEntry {
  return {
    ...placeOf(row),
    kind: textIn(row, 'kind'),
    content: row['content'] === null ? undefined : bytesIn(row, 'content'),
    hash: bytesIn(row, 'hash'),
  };
}

export function storedHead(row: Row): StoredHead {
  return {
    revision: BigInt(numberIn(row, 'revision')),
    subject: BigInt(numberIn(row, 'subject')),
    hash: bytesIn(row, 'hash'),
    publications: bytesIn(row, 'publications'),
    mac: bytesIn(row, 'mac'),
    keyCheck: textIn(row, 'key_check'),
  };
}

export function listIn(row: Row | undefined, column: string): Row[] {
  const list: unknown = JSON.parse(textIn(row ?? {}, column));
  return Array.isArray(list) ? list : unreadable(column);
}

export function numberIn(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : unreadable(column);
}

export function textIn(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : unreadable(column);
}

export function bytesIn(row: Row, column: string): Buffer {
  return Buffer.from(textIn(row, column), 'base64');
}

export function unreadable(column: string): never {
  throw new Error(
    `the consent log has an unreadable \`${column}\`; start the build that wrote it, or restore the log from a backup`,
  );
}
