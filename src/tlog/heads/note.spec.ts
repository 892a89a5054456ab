/** Notes as others write them are read, ours are what they would write, and whatever was altered is refused. */
import { assert, asyncProperty, integer, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signerNamed } from '../../../test/tlog.js';
import { NoteFault, openNote, readVerifierKey, signNote, verifierKeyOf } from './note.js';

/** The example of C2SP signed-note. */
const C2SP_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const C2SP_NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

/** The example of golang.org/x/mod/sumdb/note: two keys, one note. */
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const ENOCH = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const GO_NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=
`;

function opened(note: string, ...keys: string[]) {
  return openNote(Buffer.from(note), keys.map(readVerifierKey));
}

describe('a note that others wrote', () => {
  it('is read', () => {
    expect(opened(C2SP_NOTE, C2SP_KEY).text).toBe('This is an example message.\n');
    expect(opened(GO_NOTE, PETER, ENOCH).by.map(({ name }) => name)).toEqual(['PeterNeumann', 'EnochRoot']);
  });

  it('is read by any one of its signers, while the others are unknown', () => {
    expect(opened(GO_NOTE, ENOCH).by.map(({ name }) => name)).toEqual(['EnochRoot']);
    expect(opened(GO_NOTE, C2SP_KEY, PETER).by.map(({ name }) => name)).toEqual(['PeterNeumann']);
    expect(() => opened(GO_NOTE, C2SP_KEY)).toThrow(
      'is signed by none of the keys given: give the key of `PeterNeumann`, `EnochRoot`',
    );
    expect(() => opened(GO_NOTE)).toThrow(NoteFault);
  });

  it('is read where its text has empty lines', () => {
    const text = 'Ognuno sta solo\n\ned è subito sera.\n';
    const note = `${text}\n— quasimodo.example/salvatore ${'A'.repeat(90)}==\n`;
    expect(() => opened(note, C2SP_KEY)).toThrow('give the key of `quasimodo.example/salvatore`');
  });
});

describe('a note of ours', () => {
  it('is read with the verifier keys of its signers, each by itself', async () => {
    await assert(
      asyncProperty(string({ unit: 'grapheme' }), integer({ min: 1, max: 16 }), async (said, count) => {
        const signers = Array.from({ length: count }, (_, at) => signerNamed(`log.example/${at}`));
        const text = `${said.replaceAll(/\p{Cc}/gu, '').replaceAll('\ufeff', '')}\n`;
        const note = await signNote(text, signers);
        for (const signer of signers) expect(opened(note, verifierKeyOf(signer)).text).toBe(text);
        expect(opened(note, ...signers.map(verifierKeyOf)).by).toHaveLength(count);
      }),
      { numRuns: 30 },
    );
  });

  it('is refused when any bit of it is another', async () => {
    const signer = signerNamed('log.example');
    const key = verifierKeyOf(signer);
    const note = Buffer.from(await signNote('what was said\n', [signer]));
    expect(openNote(note, [readVerifierKey(key)]).by).toHaveLength(1);
    for (let bit = 0; bit < note.length * 8; bit++) {
      const altered = Buffer.from(note);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openNote(altered, [readVerifierKey(key)]), `bit ${bit}`).toThrow(NoteFault);
    }
  });

  it('is refused when any of its bytes is missing, or something follows', async () => {
    const signer = signerNamed('log.example');
    const note = Buffer.from(await signNote('what was said\n', [signer]));
    for (let length = 0; length < note.length; length++)
      expect(() => openNote(note.subarray(0, length), [signer]), `${length} bytes`).toThrow(NoteFault);
    for (const more of ['\n', ' ', '\n\n', 'x\n', '— a\n', '— a b c\n', '- a QUFBQUE=\n'])
      expect(() => openNote(Buffer.concat([note, Buffer.from(more)]), [signer]), more).toThrow(NoteFault);
  });

  it('is not made of what cannot be read again', async () => {
    const signer = signerNamed('log.example');
    for (const text of ['', 'no end', 'a tab\t\n', 'a return\r\n', 'NUL\0\n'])
      await expect(signNote(text, [signer])).rejects.toThrow('is no text of a note');
    for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\nb'])
      await expect(signNote('said\n', [{ ...signer, name }])).rejects.toThrow(NoteFault);
  });
});

describe('a verifier key', () => {
  it('is spelled as others spell it', () => {
    for (const key of [C2SP_KEY, PETER, ENOCH]) expect(verifierKeyOf(readVerifierKey(key))).toBe(key);
  });

  it.each([
    ['nothing', ''],
    ['a name', 'example.com/foo'],
    ['a part of one', C2SP_KEY.slice(0, -4)],
    ['the key of another name', C2SP_KEY.replace('foo', 'bar')],
    ['another id', C2SP_KEY.replace('530d903a', '530d903b')],
    ['a larger id', C2SP_KEY.replace('530d903a', '530D903A')],
    ['an unknown type', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['a key of another length', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='],
  ])('is not %s', (_named, text) => {
    expect(() => readVerifierKey(text)).toThrow(NoteFault);
  });
});
