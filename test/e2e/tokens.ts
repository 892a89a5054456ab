/** Consistency tokens, read and made as nobody outside should. */
const REVISION_AT = 13;

/** The revision that a token is of. */
export function revisionIn(token: string): number {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== REVISION_AT + 8) throw new Error(`\`${token}\` is no consistency token`);
  return Number(bytes.readBigUInt64BE(REVISION_AT));
}

/** The token of another revision of the same log and era. */
export function tokenAt(token: string, revision: number): string {
  const bytes = Buffer.from(token, 'base64url');
  bytes.writeBigUInt64BE(BigInt(revision), REVISION_AT);
  return bytes.toString('base64url');
}
