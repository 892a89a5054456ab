/** What stands in place of the console for somebody who is not in. */
import { keepView } from '../api/came-from.js';
import { SIGN_IN } from '../api/api.js';
import { Problem } from '../api/problem.js';
import { Said } from '../parts/said.js';
import { useWords } from '../words/words.js';

export function SignIn({ error, again }: { readonly error: Error; readonly again: () => void }) {
  const words = useWords();
  return (
    <main className="outside">
      <h1>{words.name}</h1>
      {error instanceof Problem && error.status === 401 ? (
        <>
          <p>{words.signedOut}</p>
          <a className="button primary" href={SIGN_IN} onClick={keepView}>
            {words.signIn}
          </a>
        </>
      ) : (
        <Said error={error} again={again} />
      )}
    </main>
  );
}

export function NotAdmin({ id }: { readonly id: string }) {
  const words = useWords();
  return (
    <main className="outside">
      <h1>{words.name}</h1>
      <p>{words.notAdmin}</p>
      <p className="quiet">
        <bdi>{id}</bdi>
      </p>
      <a className="button" href={SIGN_IN} onClick={keepView}>
        {words.signIn}
      </a>
    </main>
  );
}
