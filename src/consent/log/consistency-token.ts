/**
 * Revisions as callers see them: opaque tokens. A caller sends one back to read its own writes.
 *
 * A token names its log and the era that the revision was given in. Every opening of the log begins an era, so that a
 * log that was restored from an older copy never accepts a token of changes that the copy lacks.
 */
import { randomBytes } from 'node:crypto';
import { writeNumber } from './chain.js';

/** Length of the names of logs and eras. */
export const NAME_BYTES = 6;

/** A part of the log: the revisions after one, up to the next era. */
export type Era = {
  readonly after: number;
  /** Random: no other era of any copy of the log has this name. */
  readonly name: Buffer;
};

/** Why a token names no entry. */
export type TokenFault = {
  readonly code: 'invalid_request' | 'change_lost';
  /** To follow the name of the token. */
  readonly fault: string;
};

/** First byte of every token of this format. */
const FORMAT = 2;
const ERA_AT = 1 + NAME_BYTES;
const REVISION_AT = ERA_AT + NAME_BYTES;
const TOKEN_BYTES = REVISION_AT + 8;
/** In base64url. */
const TOKEN_LENGTH = Math.ceil((TOKEN_BYTES * 4) / 3);
/** The start of old tokens that named no log: `r1.` and the revision. */
const FORMER = /^r1\.\d{1,15}$/;

/** A unique random name. */
export function drawName(): Buffer {
  return randomBytes(NAME_BYTES);
}

/** The tokens of a log. */
export class Tokens {
  /** The last token made, and the last one read: consecutive ones often have the same revision. */
  private made = { revision: -1, token: '' };
  private taken: { readonly token: string; readonly revision: number | string } = {
    token: '',
    revision: NONE,
  };

  /**
   * @param log the name of the log
   * @param eras in their order; the last one is the present one
   */
  constructor(
    private log: Buffer,
    private eras: readonly Era[],
  ) {}

  /** The name of the log, in base64url. */
  get logName(): string {
    return this.log.toString('base64url');
  }

  /** Records the current eras. */
  adopt(log: Buffer, eras: readonly Era[]): void {
    this.log = log;
    this.eras = eras;
    this.made = { revision: -1, token: '' };
    this.taken = { token: '', revision: NONE };
  }

  /** The token of a revision. */
  of(revision: number): string {
    if (this.made.revision !== revision) this.made = { revision, token: this.write(revision) };
    return this.made.token;
  }

  /**
   * The revision of a token: `Infinity` when the log can never have it, because it was issued by another copy of the
   * log.
   *
   * @returns a text when it is no token of this log: the error, to follow its name
   */
  revisionOf(token: string): number | string {
    if (this.taken.token !== token) this.taken = { token, revision: this.read(token) };
    return this.taken.revision;
  }

  /**
   * The revision of a token that names an entry of the log.
   *
   * @param lost what to do when the log no longer has the entry
   */
  entryOf(token: string, lost = 'begin without it'): number | TokenFault {
    const revision = this.revisionOf(token);
    if (typeof revision === 'string') return { code: 'invalid_request', fault: revision };
    return revision === Infinity ? { code: 'change_lost', fault: `${LOST}: ${lost}` } : revision;
  }

  private write(revision: number): string {
    const bytes = Buffer.alloc(TOKEN_BYTES);
    bytes[0] = FORMAT;
    this.log.copy(bytes, 1);
    this.eraOf(revision)?.name.copy(bytes, ERA_AT);
    writeNumber(bytes, revision, REVISION_AT);
    return bytes.toString('base64url');
  }

  private read(token: string): number | string {
    const bytes = token.length > TOKEN_LENGTH ? Buffer.alloc(0) : Buffer.from(token, 'base64url');
    if (FORMER.test(bytes.toString('latin1'))) return FORMER_TOKEN;
    // of two texts that decode to the same bytes, only one was issued
    if (bytes.length !== TOKEN_BYTES || bytes[0] !== FORMAT || bytes.toString('base64url') !== token)
      return NONE;
    const revision = bytes.readUInt32BE(REVISION_AT) * 2 ** 32 + bytes.readUInt32BE(REVISION_AT + 4);
    if (!Number.isSafeInteger(revision)) return NONE;
    if (!this.log.equals(bytes.subarray(1, ERA_AT))) return OTHER_LOG;
    // every copy of a log has the same beginning
    if (revision === 0) return 0;
    return this.eraOf(revision)?.name.equals(bytes.subarray(ERA_AT, REVISION_AT)) === true
      ? revision
      : Infinity;
  }

  /** The era of a revision, existing or future. */
  private eraOf(revision: number): Era | undefined {
    return this.eras.findLast(({ after }) => after < revision) ?? this.eras[0];
  }
}

const NONE = 'is not a token of this service: send one back as it was given';
const FORMER_TOKEN =
  'was given out before tokens named their log: leave it out, or send one that was given out since';
const OTHER_LOG = 'is a token of another consent log: send one that this service gave out';
const LOST = 'names an entry that the log no longer has, for it was restored from an older copy';
