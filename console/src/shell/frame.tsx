/** The frame around each view: where one is, who one is, and how to get elsewhere. */
import { Suspense, type ReactNode, useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { ARRIVED } from '../api/came-from.js';
import { useMe } from '../api/session.js';
import { MayNot } from '../parts/may-not.js';
import { Said } from '../parts/said.js';
import { ZONE } from '../parts/time.js';
import { LANGUAGE_NAMES, type Language, isLanguage, useLanguage, useWords } from '../words/words.js';
import { Boundary } from './boundary.js';
import { SignOut } from './sign-out.js';
import { VIEWS, type ViewName, addressOf, hasFor, viewAt } from './views.js';
import { Palette } from './palette.js';

type Props = { readonly children: ReactNode; readonly speak: (language: Language) => void };

export function Frame({ children, speak }: Props) {
  const words = useWords();
  const language = useLanguage();
  const me = useMe();
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    if (history.state === ARRIVED) return;
    // what led here is gone or behind: the keyboard goes on in the view, unless the view has said where
    if (main.current?.contains(document.activeElement) === false) main.current.focus();
  }, [path]);
  const here = viewAt(path);
  // tabs are told apart by it (WCAG 2.2, 2.4.2)
  const title = here === undefined ? words.name : `${words.views[here]} · ${words.name}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  const allowed = here === undefined ? undefined : hasFor(me, here);
  return (
    <>
      {/* a fragment alone would lead away: it is one of the base of the page */}
      <a
        className="skip"
        href="#view"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>('#view')?.focus();
        }}
      >
        {words.skip}
      </a>
      <header className="top">
        <Link className="name" href="/">
          {words.name}
        </Link>
        <Palette />
        <label className="quiet">
          <span className="hidden">{words.language}</span>
          <select
            value={language}
            onChange={({ target }) => {
              if (isLanguage(target.value)) speak(target.value);
            }}
          >
            {Object.entries(LANGUAGE_NAMES).map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <span className="me">
          <bdi>{words.signedInAs(me.id, (me.roles ?? []).join(', '))}</bdi>
        </span>
        <SignOut />
      </header>
      <nav className="sections" aria-label={words.sections}>
        {VIEWS.map(({ task, views }) => (
          <div key={task} role="group" aria-labelledby={`task-${task}`}>
            <h2 id={`task-${task}`}>{words.tasks[task]}</h2>
            <ul>
              {views.map((view) => (
                <li key={view}>
                  <Entry view={view} isHere={view === here} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <main id="view" data-view={here} tabIndex={-1} ref={main}>
        {here === undefined || allowed?.may !== false ? (
          <Boundary key={path}>
            <Suspense fallback={<Said busy />}>{children}</Suspense>
          </Boundary>
        ) : (
          <>
            <h1>{words.views[here]}</h1>
            <p>
              <MayNot why={allowed.why} />
            </p>
          </>
        )}
        <p className="quiet zone">{words.zone(ZONE)}</p>
      </main>
    </>
  );
}

/** Leads to a view that has something for whoever is signed in; of the others it says that it has not. */
function Entry({ view, isHere }: { readonly view: ViewName; readonly isHere: boolean }) {
  const words = useWords();
  if (!hasFor(useMe(), view).may)
    return (
      <p className="entry quiet">
        {words.views[view]} <small>{words.notForYou}</small>
      </p>
    );
  return (
    <Link className="entry" href={addressOf(view)} aria-current={isHere ? 'page' : undefined}>
      {words.views[view]}
    </Link>
  );
}
