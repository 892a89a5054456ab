import { refuse } from './obligation-error.js';
import { itemsOf } from './rows.js';

/** More of them could spell the content. */
const MOST_VERDICTS = 32;
const VERDICT = /^[a-z][a-z0-9_]{0,39}$/;

/**
 * The verdict on some content, and nothing else of it. What the judge says that is no verdict may be the content, and so
 * may the message of its error: neither is passed on.
 *
 * @param verdicts that there are: 1 to 32 lower-case words
 * @throws ObligationError `no_verdict` when the judge fails or says anything else; `bad_input`
 */
export async function verdictOnly<T, const V extends string>(
  content: T,
  judge: (content: T) => V | Promise<V>,
  verdicts: readonly V[],
): Promise<V> {
  const words = itemsOf(verdicts, 'what should be verdicts');
  if (
    words.length === 0 ||
    words.length > MOST_VERDICTS ||
    !words.every((word) => typeof word === 'string' && VERDICT.test(word))
  )
    refuse(
      'bad_input',
      `the verdicts are not 1 to ${MOST_VERDICTS} lower-case words: list those that there are`,
    );
  const listed = new Map(words.map((word): [unknown, V] => [word, word]));
  let said: unknown;
  try {
    said = await judge(content);
  } catch {
    refuse('no_verdict', 'the judge failed: try it on content of your own');
  }
  return (
    listed.get(said) ??
    refuse('no_verdict', 'the judge said something that is no verdict: list it, or correct the judge')
  );
}
