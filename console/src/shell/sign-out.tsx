/** Ends the session here, at the provider where there is one, and in every tab of this browser. */
import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { SIGN_OUT } from '../api/api.js';
import { useWords } from '../words/words.js';

/** Tells the other tabs. */
const TABS = 'assent.console.signed-out';

export function SignOut() {
  const words = useWords();
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    const tabs = new BroadcastChannel(TABS);
    // what is not saved of a draft is kept when the page goes
    tabs.addEventListener('message', () => location.reload());
    return () => tabs.close();
  }, []);
  return (
    <>
      <Button onPress={() => void signOut().then((isOut) => setFailed(!isOut))}>{words.signOut}</Button>
      {hasFailed ? <span role="alert">{words.notSignedOut}</span> : null}
    </>
  );
}

/** @returns whether there is no session any more */
async function signOut(): Promise<boolean> {
  const reply = await fetch(SIGN_OUT, { method: 'POST', headers: { 'x-assent-request': '1' } }).catch(
    () => undefined,
  );
  if (reply === undefined || (!reply.ok && reply.status !== 401)) return false;
  const tabs = new BroadcastChannel(TABS);
  tabs.postMessage('');
  tabs.close();
  const told: unknown = await reply.json().catch(() => undefined);
  const { continue_at: at }: Readonly<Record<string, unknown>> = Object(told);
  if (typeof at === 'string') location.assign(at);
  else location.reload();
  return true;
}
