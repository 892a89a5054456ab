/** A head is what a log says of itself; whoever keeps one finds out that the log was rolled back or rewritten. */
import { describe, expect, it } from 'vitest';
import { signerNamed } from '../../../test/tlog.js';
import { type Checkpoint, Rewritten, assertContinues, openCheckpoint, signCheckpoint } from './checkpoint.js';
import { leafHash, rootOf } from '../tree/merkle.js';
import { NoteFault, signNote } from './note.js';

const ORIGIN = 'log.example/record';

function leavesOf(...entries: string[]): Uint8Array[] {
  return entries.map((entry) => leafHash(Buffer.from(entry)));
}

function headOf(...entries: string[]): Checkpoint {
  return { origin: ORIGIN, size: entries.length, root: rootOf(leavesOf(...entries)) };
}

describe('a checkpoint', () => {
  it('is read as it was signed', async () => {
    const signer = signerNamed(ORIGIN);
    for (const head of [headOf(), headOf('a'), { ...headOf('a'), size: Number.MAX_SAFE_INTEGER }]) {
      const note = Buffer.from(await signCheckpoint(head, [signer]));
      expect(openCheckpoint(note, ORIGIN, [signer])).toEqual({ ...head, root: Buffer.from(head.root) });
    }
  });

  it('holds while keys change: by the old one, the new one, and both', async () => {
    const [older, newer, foreign] = [signerNamed(ORIGIN), signerNamed(ORIGIN), signerNamed(ORIGIN)];
    const note = Buffer.from(await signCheckpoint(headOf('a'), [older, newer]));
    for (const known of [[older], [newer], [older, newer], [foreign, newer]])
      expect(openCheckpoint(note, ORIGIN, known).size).toBe(1);
    expect(() => openCheckpoint(note, ORIGIN, [foreign])).toThrow(NoteFault);
  });

  it('of another log is refused', async () => {
    const signer = signerNamed(ORIGIN);
    const note = Buffer.from(await signCheckpoint(headOf('a'), [signer]));
    expect(() => openCheckpoint(note, 'log.example/consent', [signer])).toThrow(
      'is of the log `log.example/record`, not of `log.example/consent`',
    );
  });

  it.each([
    ['no root', `${ORIGIN}\n1\n`],
    ['a size that is none', `${ORIGIN}\nx\n${'A'.repeat(43)}=\n`],
    ['a size with a leading zero', `${ORIGIN}\n01\n${'A'.repeat(43)}=\n`],
    ['a size with a sign', `${ORIGIN}\n-1\n${'A'.repeat(43)}=\n`],
    ['a size beyond counting', `${ORIGIN}\n9007199254740992\n${'A'.repeat(43)}=\n`],
    ['a root of another length', `${ORIGIN}\n1\n${'A'.repeat(40)}\n`],
    ['a root in another spelling', `${ORIGIN}\n1\n${'A'.repeat(42)}B=\n`],
    ['an empty extension', `${ORIGIN}\n1\n${'A'.repeat(43)}=\n\nmore\n`],
    ['a size after a space', `${ORIGIN}\n 1\n${'A'.repeat(43)}=\n`],
  ])('with %s is refused, though it is signed', async (_named, text) => {
    const signer = signerNamed(ORIGIN);
    const note = Buffer.from(await signNote(text, [signer]));
    expect(() => openCheckpoint(note, ORIGIN, [signer])).toThrow('is no checkpoint');
  });
});

describe('a checkpoint that is known', () => {
  const known = headOf('a', 'b');

  it('is continued by the same and by one of a tree that grew', () => {
    assertContinues(known, headOf('a', 'b'), []);
    assertContinues(known, headOf('a', 'b', 'c'), leavesOf('c'));
  });

  it.each([
    ['is rolled back', headOf('a'), [], 'the log has 1 leaves, but had 2: it was rolled back'],
    ['has another leaf', headOf('a', 'x'), [], 'another root at 2 leaves'],
    [
      'grew from another leaf',
      headOf('a', 'x', 'c'),
      leavesOf('c'),
      'with 3 leaves does not continue that with 2',
    ],
    ['grew without a proof', headOf('a', 'b', 'c'), [], 'does not continue'],
  ])('is not continued by a log that %s, and it says so with its size', (_named, next, proof, said) => {
    expect(() => assertContinues(known, next, proof)).toThrow(said);
    expect(() => assertContinues(known, next, proof)).toThrow(expect.objectContaining({ size: 2 }));
    expect(() => assertContinues(known, next, proof)).toThrow(Rewritten);
  });
});
