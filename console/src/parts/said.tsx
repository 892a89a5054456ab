/** What stands where an answer is not there yet, or did not come: never an empty place. */
import { Button } from 'react-aria-components';
import { SIGN_IN } from '../api/api.js';
import { Problem } from '../api/problem.js';
import type { Words } from '../words/en.js';
import { useWords } from '../words/words.js';

type Props = { readonly busy: true } | { readonly error: Error; readonly again?: (() => void) | undefined };

export function Said(props: Props) {
  const words = useWords();
  if ('busy' in props)
    return (
      <p className="said" role="status" aria-busy="true">
        {words.reading}
      </p>
    );
  const { error, again } = props;
  const code = codeOf(error);
  return (
    <div className="said failed" role="alert">
      <p>{sentenceOf(error, words)}</p>
      {error.message === '' || error.message === code ? null : (
        <p lang="en" dir="ltr" className="quiet">
          {error.message}
        </p>
      )}
      {code === 'not_authenticated' ? (
        <a className="button" href={SIGN_IN} target="_blank" rel="noreferrer">
          {words.signIn}
        </a>
      ) : null}
      {/* asked again, the same roles get the same answer */}
      {again === undefined || code === 'caller_not_allowed' ? null : (
        <Button onPress={again}>{words.tryAgain}</Button>
      )}
    </div>
  );
}

/** What went wrong, in a sentence. */
export function sentenceOf(error: unknown, { failed }: Words): string {
  return new Map<string, string>(Object.entries(failed)).get(codeOf(error)) ?? failed.other;
}

/** `here`: it is none of the service. */
function codeOf(error: unknown): string {
  return error instanceof Problem ? error.code : 'here';
}
