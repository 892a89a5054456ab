/** Revisions as callers see them: opaque tokens. A caller hands one back to read what it wrote. */

const PREFIX = 'r1.';

/** The last token made: many answers in a row rest on the same revision. */
let last = { revision: -1, token: '' };

/** The token of a revision. */
export function tokenOf(revision: number): string {
  if (last.revision !== revision)
    last = { revision, token: Buffer.from(`${PREFIX}${revision}`).toString('base64url') };
  return last.token;
}

/** The revision of a token; `undefined` when it is not one of this service's. */
export function revisionOf(token: string): number | undefined {
  if (token.length > 40) return undefined;
  const text = Buffer.from(token, 'base64url').toString('latin1');
  const digits = text.slice(PREFIX.length);
  if (!text.startsWith(PREFIX) || !/^\d{1,15}$/.test(digits)) return undefined;
  const revision = Number(digits);
  return tokenOf(revision) === token ? revision : undefined;
}
