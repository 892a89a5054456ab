/** Why something was not done to a case. */
import { Button } from 'react-aria-components';
import { Problem } from '../../api/problem.js';
import { Said } from '../../parts/said.js';
import { useWordsOf } from '../../words/words.js';
import { CASES } from './words.js';

type Props = { readonly error: Error; readonly again?: (() => void) | undefined };

export function Refused({ error, again }: Props) {
  const own = useWordsOf(CASES);
  const known = error instanceof Problem ? new Map(Object.entries(own.failed)).get(error.code) : undefined;
  if (known === undefined) return <Said error={error} />;
  return (
    <div className="said failed" role="alert">
      <p>{known}</p>
      {again === undefined ? null : <Button onPress={again}>{own.readAgain}</Button>}
    </div>
  );
}
