/** Why a change of a draft was refused, and what to do. */
import { SIGN_IN } from '../../../api/api.js';
import { keepView } from '../../../api/came-from.js';
import { Problem } from '../../../api/problem.js';
import { Said } from '../../../parts/said.js';
import { useWords, useWordsOf } from '../../../words/words.js';
import { DRAFT } from '../words.js';

export function Refusal({ error }: { readonly error: Error | null }) {
  const words = useWords();
  const own = useWordsOf(DRAFT);
  if (error === null) return null;
  if (error instanceof Problem && error.status === 401)
    return (
      <div className="said failed" role="alert">
        <p>{own.signedOut}</p>
        <a className="button primary" href={SIGN_IN} onClick={keepView}>
          {words.signIn}
        </a>
      </div>
    );
  const known = error instanceof Problem ? new Map(Object.entries(own.failed)).get(error.code) : undefined;
  if (known === undefined) return <Said error={error} />;
  return (
    <p className="said failed" role="alert">
      {known}
    </p>
  );
}
