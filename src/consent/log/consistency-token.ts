/**
 * Revisions as callers see them: opaque tokens. A caller hands one back to read what it wrote.
 *
 * A token names its log and the era that the revision was given in. An era begins with every opening of the log, so that a
 * log that was restored from an older copy never takes what was said after the copy for what it has said since.
 */
import { randomBytes } from 'node:crypto';
import { writeNumber } from './chain.js';

/** Of a log's name, and of an era's. */
export const NAME_BYTES = 6;

/** A stretch of the log: the revisions after one, up to where the next era begins. */
export type Era = {
  readonly after: number;
  /** Random: no other era of any copy of the log has it. */
  readonly name: Buffer;
};

/** What cannot be read as a token begins with another byte. */
const FORMAT = 2;
const ERA_AT = 1 + NAME_BYTES;
const REVISION_AT = ERA_AT + NAME_BYTES;
const TOKEN_BYTES = REVISION_AT + 8;
/** In base64url. */
const TOKEN_LENGTH = Math.ceil((TOKEN_BYTES * 4) / 3);
/** How the tokens began that named no log: `r1.` and the revision. */
const FORMER = /^r1\.\d{1,15}$/;

/** A name that nobody else draws. */
export function drawName(): Buffer {
  return randomBytes(NAME_BYTES);
}

/** The tokens of a log. */
export class Tokens {
  /** The last token made, and the last one read: many in a row are of the same revision. */
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

  /** Takes note of the eras that there are now. */
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
   * The revision of a token: `Infinity` when the log does not have it and cannot come to have it, for it was given out by
   * a copy of the log that went another way.
   *
   * @returns a text: it is no token of this log; what is said after its name
   */
  revisionOf(token: string): number | string {
    if (this.taken.token !== token) this.taken = { token, revision: this.read(token) };
    return this.taken.revision;
  }

  /**
   * The revision of a token that stands for an entry of the log.
   *
   * @param lost what to do when the log no longer has the entry
   * @returns a text: there is none; what is said after its name
   */
  entryOf(token: string, lost = 'begin without it'): number | string {
    const revision = this.revisionOf(token);
    return revision === Infinity ? `${LOST}: ${lost}` : revision;
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
    // of two texts that decode to the same bytes, one was given out
    if (bytes.length !== TOKEN_BYTES || bytes[0] !== FORMAT || bytes.toString('base64url') !== token)
      return NONE;
    const revision = bytes.readUInt32BE(REVISION_AT) * 2 ** 32 + bytes.readUInt32BE(REVISION_AT + 4);
    if (!Number.isSafeInteger(revision)) return NONE;
    if (!this.log.equals(bytes.subarray(1, ERA_AT))) return OTHER_LOG;
    // every copy of a log has its beginning
    if (revision === 0) return 0;
    return this.eraOf(revision)?.name.equals(bytes.subarray(ERA_AT, REVISION_AT)) === true
      ? revision
      : Infinity;
  }

  /** The era that a revision was given in, or will be. */
  private eraOf(revision: number): Era | undefined {
    return this.eras.findLast(({ after }) => after < revision) ?? this.eras[0];
  }
}

const NONE = 'is not a token of this service: send one back as it was given';
const FORMER_TOKEN =
  'was given out before tokens named their log: leave it out, or send one that was given out since';
const OTHER_LOG = 'is a token of another consent log: send one that this service gave out';
const LOST = 'names an entry that the log no longer has, for it was restored from an older copy';
