/** The frame around each view: where one is, who one is, and how to get elsewhere. */
import { Suspense, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useMe } from '../api/session.js';
import { Said } from '../parts/said.js';
import { ZONE } from '../parts/time.js';
import { LANGUAGE_NAMES, type Language, isLanguage, useLanguage, useWords } from '../words/words.js';
import { Boundary } from './boundary.js';
import { SignOut } from './sign-out.js';
import { VIEWS, addressOf } from './views.js';
import { Palette } from './palette.js';

type Props = { readonly children: ReactNode; readonly speak: (language: Language) => void };

export function Frame({ children, speak }: Props) {
  const words = useWords();
  const language = useLanguage();
  const me = useMe();
  const [path] = useLocation();
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
                  <Link
                    href={addressOf(view)}
                    aria-current={isAt(path, addressOf(view)) ? 'page' : undefined}
                  >
                    {words.views[view]}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <main id="view" tabIndex={-1}>
        <Boundary key={path}>
          <Suspense fallback={<Said busy />}>{children}</Suspense>
        </Boundary>
        <p className="quiet zone">{words.zone(ZONE)}</p>
      </main>
    </>
  );
}

function isAt(path: string, view: string): boolean {
  return view === '/' ? path === '/' : path === view || path.startsWith(`${view}/`);
}
