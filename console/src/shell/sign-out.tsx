/**
 * Ends the session here, at the provider where there is one, and in every tab of this browser. Nothing of what somebody
 * wrote stays behind for whoever uses the browser next; so they are asked first if something is not saved.
 */
import { useEffect, useState } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Link } from 'wouter';
import { SIGN_OUT } from '../api/api.js';
import { useMe } from '../api/session.js';
import { forgetTexts, keptDrafts } from '../pages/draft/desk/kept.js';
import { useWords } from '../words/words.js';

/** Where the tabs of this browser tell each other. */
const TABS = 'assent.console.session';
/** What they tell: a question, its answer, and an object that names whoever signed out. */
const IS_WRITING = 'is anybody writing';
const WRITING = 'writing';
/** How long the other tabs have to answer, in milliseconds: longer than the editor waits until it keeps a text. */
const PATIENCE_MS = 500;

type Unsaved = { readonly drafts: readonly string[]; readonly isWriting: boolean };

export function SignOut() {
  const words = useWords();
  const { id } = useMe();
  const [unsaved, setUnsaved] = useState<Unsaved>();
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    const tabs = new BroadcastChannel(TABS);
    tabs.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (data === IS_WRITING && isWritingHere()) tabs.postMessage(WRITING);
      const { out }: Readonly<Record<string, unknown>> = Object(data);
      if (typeof out !== 'string') return;
      forgetTexts(out);
      location.reload();
    });
    return () => tabs.close();
  }, []);
  const leave = async () => {
    setUnsaved(undefined);
    setFailed(!(await signOut(id)));
  };
  const ask = async () => {
    const found = await unsavedOf(id);
    if (found.drafts.length > 0 || found.isWriting) setUnsaved(found);
    else await leave();
  };
  return (
    <>
      <Button onPress={() => void ask()}>{words.signOut}</Button>
      {hasFailed ? <span role="alert">{words.notSignedOut}</span> : null}
      <ModalOverlay
        className="overlay"
        isDismissable
        isOpen={unsaved !== undefined}
        onOpenChange={() => setUnsaved(undefined)}
      >
        <Modal className="modal">
          <Dialog role="alertdialog" className="asks">
            <Heading slot="title">{words.leaving.title}</Heading>
            <p>{words.leaving.says}</p>
            <ul>
              {unsaved?.drafts.map((draft) => (
                <li key={draft}>
                  <Link href={`/drafts/${draft}`} onClick={() => setUnsaved(undefined)}>
                    {words.leaving.draft(draft.slice(0, 8))}
                  </Link>
                </li>
              ))}
              {unsaved?.isWriting === true ? <li>{words.leaving.writing}</li> : null}
            </ul>
            <div className="bar">
              <Button onPress={() => void leave()}>{words.leaving.leave}</Button>
              <Button className="primary" autoFocus onPress={() => setUnsaved(undefined)}>
                {words.leaving.stay}
              </Button>
            </div>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}

/** Whether something that was written stands in a form of this tab. */
function isWritingHere(): boolean {
  return [...document.querySelectorAll<HTMLTextAreaElement>('#view textarea')].some(
    ({ value }) => value.trim() !== '',
  );
}

/** What is not saved, in all tabs. */
async function unsavedOf(person: string): Promise<Unsaved> {
  const tabs = new BroadcastChannel(TABS);
  const isWriting = await new Promise<boolean>((resolve) => {
    // this tab hears its own question as well
    tabs.addEventListener('message', ({ data }) => {
      if (data === WRITING) resolve(true);
    });
    setTimeout(() => resolve(false), PATIENCE_MS);
    tabs.postMessage(IS_WRITING);
  });
  tabs.close();
  return { drafts: keptDrafts(person), isWriting };
}

/** @returns whether there is no session any more */
async function signOut(person: string): Promise<boolean> {
  const reply = await fetch(SIGN_OUT, { method: 'POST', headers: { 'x-assent-request': '1' } }).catch(
    () => undefined,
  );
  if (reply === undefined || (!reply.ok && reply.status !== 401)) return false;
  const told: unknown = await reply.json().catch(() => undefined);
  forgetTexts(person);
  const tabs = new BroadcastChannel(TABS);
  tabs.postMessage({ out: person });
  tabs.close();
  const { continue_at: at }: Readonly<Record<string, unknown>> = Object(told);
  if (typeof at === 'string') location.assign(at);
  else location.reload();
  return true;
}
