import { createHmac } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { mustBeId } from './ids.js';
import { keyFor } from './keys.js';
import { type Row, classified, kept, mustBeClassified, personOf, rowsOf } from './rows.js';

/** What codes are made with. Keep the secret where those who work with the data cannot reach it. */
export type PseudonymKey = {
  /** At least 32 random bytes. */
  readonly secret: Uint8Array;
  /** Id of the purpose for which alone the codes are used. */
  readonly purpose: string;
};

export type Pseudonymisation = PseudonymKey & {
  /** The column with the user's id. */
  readonly person: string;
  /** Columns that tell who the user is, such as names and contact details. They are dropped. */
  readonly direct: readonly string[];
  /** Columns that stay as they are. */
  readonly keep: readonly string[];
};

/**
 * The code of a user for a purpose: HMAC-SHA-256 (RFC 2104) of the JSON of `[purpose, user]`, under a key of the
 * purpose, as 64 hexadecimal digits. The codes of two purposes have nothing in common that anybody without the secret
 * could see.
 *
 * @throws ObligationError `weak_secret`, `bad_input`
 */
export function pseudonymOf(user: string, { secret, purpose }: PseudonymKey): string {
  return codeOf(user, keyFor(secret, 'pseudonym', purpose), purpose);
}

/**
 * Rows with codes in place of users, in the order of the codes and, for each code, of their canonical JSON: the order in
 * which they came would join the rows of two purposes.
 *
 * @throws ObligationError `undeclared_column` when a column is neither the person's nor to drop nor to keep;
 *   `weak_secret`; `bad_input`, also when a value that stays is not JSON
 */
export function pseudonymise(
  rows: readonly Row[],
  { secret, purpose, person, direct, keep }: Pseudonymisation,
): Row[] {
  const key = keyFor(secret, 'pseudonym', purpose);
  const all = rowsOf(rows);
  mustBeClassified(all, classified([person], direct, keep));
  return all
    .map((row) => {
      const code = codeOf(personOf(row, person), key, purpose);
      const stays = Object.fromEntries(kept(row, keep));
      return { code, stays, place: `${code} ${canonicalJson(stays)}` };
    })
    .sort((one, other) => (one.place < other.place ? -1 : Number(one.place > other.place)))
    .map(({ code, stays }) => Object.fromEntries([[person, code], ...Object.entries(stays)]));
}

function codeOf(user: string, key: Uint8Array, purpose: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([purpose, mustBeId(user, 'a user')]))
    .digest('hex');
}
