/**
 * The order of what grants and changes rest on, from the consistency tokens that name it
 * (`src/consent/log/consistency-token.ts`): a byte of format, the names of the log and of the era, and the revision.
 */

export type Place = {
  /** Name of the log; revisions of two logs have no order. */
  readonly log: string;
  readonly revision: number;
};

const FORMAT = 2;
const LOG_AT = 1;
const ERA_AT = 7;
const REVISION_AT = 13;
const BYTES = 21;

/** The place of a token in its log; `undefined`: it is of another format. */
export function placeOf(token: string): Place | undefined {
  const bytes = Buffer.from(token.length > 2 * BYTES ? '' : token, 'base64url');
  if (bytes.length !== BYTES || bytes[0] !== FORMAT) return undefined;
  const revision = Number(bytes.readBigUInt64BE(REVISION_AT));
  if (!Number.isSafeInteger(revision)) return undefined;
  return { log: bytes.toString('base64url', LOG_AT, ERA_AT), revision };
}
