import { describe, expect, it } from 'vitest';
import { GENESIS, type Link, firstBroken, hashAfter, sha256 } from './chain.js';

const START = { revision: 0, hash: GENESIS };
const FIRST = linkAfter(GENESIS, { revision: 1, subject: 1, at: 1_000, kind: 'choice' });
const SECOND = linkAfter(FIRST.hash, { revision: 2, subject: 2, at: 2_000, kind: 'profile' });

function linkAfter(before: Buffer, place: Omit<Link, 'digest' | 'hash'>): Link {
  const entry = { ...place, digest: sha256(Buffer.from(`entry ${place.revision}`)) };
  return { ...entry, hash: hashAfter(before, entry) };
}

describe('a chain', () => {
  it('whose links follow one another is whole', () => {
    expect(firstBroken(START, [FIRST, SECOND])).toBeUndefined();
  });

  it.each<[string, Partial<Link>]>([
    ['another user', { subject: 3 }],
    ['another time', { at: 2_001 }],
    ['another kind', { kind: 'choice' }],
    ['a kind with something behind it', { kind: `profile${'x'.repeat(100)}` }],
    ['another digest', { digest: FIRST.digest }],
    ['a digest that is cut short', { digest: SECOND.digest.subarray(0, 31) }],
    ['no digest', { digest: Buffer.alloc(0) }],
    ['a digest with something behind it', { digest: Buffer.concat([SECOND.digest, Buffer.from('x')]) }],
    ['another hash', { hash: FIRST.hash }],
    ['a hash that is cut short', { hash: SECOND.hash.subarray(0, 31) }],
  ])('is broken where a link has %s, also when the true one was verified just before', (_, altered) => {
    expect(firstBroken(START, [FIRST, SECOND])).toBeUndefined();
    expect(firstBroken(FIRST, [{ ...SECOND, ...altered }])).toBe(2);
  });

  it('is broken where a link is missing, or comes twice', () => {
    expect(firstBroken(START, [SECOND])).toBe(1);
    expect(firstBroken(START, [FIRST, FIRST])).toBe(2);
  });

  it.each([0, 16, 31])('does not follow from the first %i bytes of the hash before it', (size) => {
    expect(firstBroken(FIRST, [SECOND])).toBeUndefined();
    expect(firstBroken({ revision: 1, hash: FIRST.hash.subarray(0, size) }, [SECOND])).toBe(2);
  });
});
