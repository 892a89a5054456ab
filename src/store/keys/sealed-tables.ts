/** What is sealed with the key of the store, table by table; but for the head of the log, cases and shared snapshots. */
import { boundToErased } from '../erased.js';
import { Prisma } from '../generated/client.js';
import { boundToExtract } from '../prisma-extracts.store.js';
import { boundToReceiptKey } from '../prisma-receipt-keys.store.js';
import { boundToAccess, boundToLookup } from '../prisma-uses.store.js';
import type { Vault } from '../database/vault.js';

export type SealedTable = {
  readonly name: string;
  readonly column: string;
  /** The columns of its primary key, and their types. */
  readonly key: readonly (readonly [column: string, type: string])[];
  /** Further columns that a content is bound to. */
  readonly with: readonly string[];
  /** Rows read at once. */
  readonly atOnce: number;
  /**
   * Seals a row with the present key.
   *
   * @param values of the primary key, then of the further columns
   * @returns the sealed column, then what else is written, in base64
   */
  readonly resealed: (vault: Vault, values: readonly unknown[], sealed: Buffer) => readonly string[];
  /** What is written beside the column; its value is the second that `resealed` gives. */
  readonly beside?: string;
};

/** Of a table whose contents are bound to a text. */
function boundBy(bound: (...values: readonly unknown[]) => string): SealedTable['resealed'] {
  return (vault, values, sealed) => {
    const context = bound(...values);
    return [vault.seal(vault.open(sealed, context), context).toString('base64')];
  };
}

const MANY = 256;
/** Members of an extract are up to some kilobytes. */
const FEW = 16;

export const SEALED_TABLES: readonly SealedTable[] = [
  {
    name: 'consent_subject',
    column: 'sealed',
    key: [['id', 'bigint']],
    with: [],
    atOnce: MANY,
    beside: 'lookup',
    resealed: (vault, [id], sealed) => {
      const row = vault.sealSubject(vault.openSubject(Number(id), sealed), vault.current);
      return [row.sealed.toString('base64'), row.lookup.toString('base64')];
    },
  },
  {
    name: 'consent_erased',
    column: 'sealed',
    key: [['revision', 'bigint']],
    with: [],
    atOnce: MANY,
    resealed: boundBy((revision) => boundToErased(Number(revision))),
  },
  {
    name: 'receipt_key',
    column: 'private_key',
    key: [['kid', 'text']],
    with: [],
    atOnce: MANY,
    resealed: boundBy((kid) => boundToReceiptKey(String(kid))),
  },
  {
    name: 'extract',
    column: 'content',
    key: [['id', 'text']],
    with: [],
    atOnce: MANY,
    resealed: boundBy((id) => boundToExtract(String(id))),
  },
  {
    name: 'extract_members',
    column: 'content',
    key: [
      ['extract_id', 'text'],
      ['bucket', 'int'],
      ['number', 'int'],
    ],
    with: [],
    atOnce: FEW,
    resealed: boundBy((id, bucket) => boundToExtract(String(id), Number(bucket))),
  },
  {
    name: 'extract_unlearned',
    column: 'content',
    key: [
      ['extract_id', 'text'],
      ['number', 'int'],
    ],
    with: [],
    atOnce: FEW,
    resealed: boundBy((id) => boundToExtract(String(id))),
  },
  {
    name: 'use_access',
    column: 'content',
    key: [['id', 'bigint']],
    with: ['case_id', 'at'],
    atOnce: MANY,
    resealed: boundBy((_id, named, at) => boundToAccess(String(named), Number(at))),
  },
  {
    name: 'use_lookup',
    column: 'content',
    key: [['id', 'bigint']],
    with: ['subject', 'at'],
    atOnce: MANY,
    resealed: boundBy((_id, user, at) => boundToLookup(Number(user), Number(at))),
  },
];

/** The id of the key at the end of what it sealed; of what the first key sealed, some bytes. */
export function idIn(column: string): Prisma.Sql {
  const name = Prisma.raw(`"${column}"`);
  return Prisma.sql`translate(encode(substring(${name} FROM octet_length(${name}) - 5), 'base64'), '+/', '-_')`;
}
