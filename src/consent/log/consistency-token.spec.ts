import { describe, expect, it } from 'vitest';
import { type Era, Tokens, drawName } from './consistency-token.js';

const LOG = drawName();
const FIRST: Era = { after: 0, name: drawName() };
const SECOND: Era = { after: 100, name: drawName() };
const TOKENS = new Tokens(LOG, [FIRST, SECOND]);
/** A copy that was made at revision 100 and opened elsewhere. */
const COPY = new Tokens(LOG, [FIRST, { after: 100, name: drawName() }]);
const OTHER = new Tokens(drawName(), [FIRST, SECOND]);

describe('a consistency token', () => {
  it.each([0, 1, 100, 101, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])(
    'is read as it was made, of %i',
    (revision) => {
      const token = TOKENS.of(revision);
      expect(TOKENS.revisionOf(token)).toBe(revision);
      expect(TOKENS.of(revision)).toBe(token);
      expect(token).toMatch(/^[\w-]{28}$/);
    },
  );

  it('is the same in every era that comes after', () => {
    const before = new Tokens(LOG, [FIRST]);
    expect([1, 50, 100].map((revision) => before.of(revision))).toEqual(
      [1, 50, 100].map((revision) => TOKENS.of(revision)),
    );
  });

  it('counts in a copy of the log as far as the copy was made, and never after', () => {
    for (let revision = 0; revision <= 200; revision++)
      expect(COPY.revisionOf(TOKENS.of(revision)), `of ${revision}`).toBe(
        revision <= 100 ? revision : Infinity,
      );
  });

  it('of an era counts no further than the era went', () => {
    const first = new Tokens(LOG, [FIRST]);
    expect(TOKENS.revisionOf(first.of(100))).toBe(100);
    expect(TOKENS.revisionOf(first.of(101))).toBe(Infinity);
  });

  it('names no entry where the log does not have it', () => {
    expect(COPY.entryOf(TOKENS.of(100))).toBe(100);
    expect(COPY.entryOf(TOKENS.of(101))).toMatchObject({
      code: 'change_lost',
      fault: expect.stringContaining('restored from an older copy'),
    });
  });

  it('of another log is told apart', () => {
    for (const revision of [0, 1, 101])
      expect(TOKENS.revisionOf(OTHER.of(revision))).toContain('another consent log');
  });

  it('from before tokens named their log is told apart', () => {
    for (const text of ['r1.0', 'r1.7', 'r1.999999999999999'])
      expect(TOKENS.revisionOf(Buffer.from(text).toString('base64url'))).toContain(
        'before tokens named their log',
      );
  });

  const token = TOKENS.of(7);
  it.each([
    '',
    'nonsense',
    'r1.7',
    `${token}=`,
    ` ${token}`,
    token.slice(0, -1),
    `${token}A`,
    `${token} `,
    Buffer.from('r1.').toString('base64url'),
    Buffer.alloc(21).toString('base64url'),
    Buffer.from(token, 'base64url').fill(0xff, 13).toString('base64url'),
    `Aw${token.slice(2)}`,
    'x'.repeat(10_000),
  ])('is none when it is %j', (text) => {
    expect(TOKENS.revisionOf(text)).toContain('is not a token of this service');
  });
});
