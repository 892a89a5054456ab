/** A verdict comes out, and the content does not. */
import { assert, asyncProperty, constantFrom, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObligationError } from './obligation-error.js';
import { verdictOnly } from './verdict-only.js';

const VERDICTS = ['clean', 'malicious'] as const;

describe('a verdict', () => {
  it('is what the judge says, at once or later', async () => {
    expect(await verdictOnly('hello', () => 'clean', VERDICTS)).toBe('clean');
    expect(await verdictOnly('hello', () => Promise.resolve('malicious'), VERDICTS)).toBe('malicious');
  });

  it('is not the content, nor in the error when the judge says or throws it', async () => {
    const content = string({ minLength: 1 }).map((text) => `zqx ${text}`);
    const judges = constantFrom<(text: string) => string>(
      (text) => text,
      (text) => {
        throw new Error(text);
      },
      (text) => {
        throw new ObligationError('bad_input', text);
      },
    );
    await assert(
      asyncProperty(content, judges, async (text, judge) => {
        const error: unknown = await verdictOnly(text, judge, ['clean', 'malicious']).then(
          () => 'answered',
          (error: unknown) => error,
        );
        if (!(error instanceof ObligationError)) throw new Error('it is not refused');
        expect(error.code).toBe('no_verdict');
        expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain(text);
      }),
    );
  });

  it('is none when it is a member of every object, or no text', async () => {
    for (const said of ['constructor', '__proto__', 'toString', '', 'Clean', 'clean '])
      await expect(verdictOnly<string, string>('x', () => said, VERDICTS)).rejects.toMatchObject({
        code: 'no_verdict',
      });
  });

  it('is one of a short list of words, so that the list cannot spell the content', async () => {
    const many = Array.from({ length: 33 }, (_, at) => `v${at}`);
    // a list of one word becomes that word where a text is expected
    const lists: string[] = JSON.parse('[["clean"]]');
    const text: string[] = JSON.parse('"clean"');
    const wrong = [[], many, ['See you at noon'], ['a'.repeat(41)], lists, Array<string>(1), text];
    for (const verdicts of wrong)
      await expect(verdictOnly<string, string>('x', () => verdicts[0] ?? '', verdicts)).rejects.toMatchObject(
        { code: 'bad_input' },
      );
  });
});
