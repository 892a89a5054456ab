/** The page: reads the settings, and shows one of its views. */
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type GetToken, signInAt } from './service/access.js';
import { type Settings, isAcknowledged, isSettings, isSignedOut } from './service/answers.js';
import {
  ALL,
  type Change,
  RENEWED,
  changeBegun,
  closedByNo,
  isSaidTheSame,
  keyOfGroup,
  mayOpen,
  opensMore,
} from './changes/changes.js';
import { confirmedBy } from './changes/confirmed.js';
import { Exchange, type Failure } from './service/exchange.js';
import { LaterView, fetchLater } from './views/later-view.js';
import { type Outcome, type Page, PageContext, VIEWS, type View } from './page.js';
import { Heading, Trouble } from './parts.js';
import { SettingsView, doneText } from './views/settings.js';
import { sinceText } from './texts/times.js';
import { keepUnsent, takeUnsent } from './changes/unsent.js';
import { ENGLISH, type Spoken, directionOf, ownNameOf, spoken } from './words/words.js';

export type AppProps = {
  /** Address of the service, without a trailing slash. */
  readonly base: string;
  readonly getToken: GetToken | undefined;
  /** The language to ask for; empty: those of the browser. */
  readonly language: string;
  readonly view: View;
  /** Whether there is nothing else on the document. */
  readonly isWhole: boolean;
  /** Told of every confirmed change, with the token that proves it to decisions. */
  readonly onChange: (consistencyToken: string) => void;
  /** Told that the record is erased. */
  readonly onErased: () => void;
};

/** So long after it was read, the settings are not read again because the page got the focus. */
const LOOKED_MS = 1_000;

/** Purposes that fill a first screen, and so many that are drawn after it at once. */
const FIRST = 2;
const NEXT = 6;

type Read = {
  readonly settings: Settings;
  readonly spoken: Spoken;
  /** Of these settings, for changes that rest on them. */
  readonly tag: string | undefined;
};

export function App(props: AppProps) {
  const { base, getToken, isWhole, onChange, onErased } = props;
  const [language, setLanguage] = useState(props.language);
  useEffect(() => setLanguage(props.language), [props.language]);
  const [view, setView] = useState(props.view);
  const [read, setRead] = useState<Read>();
  const [trouble, setTrouble] = useState<Failure>();
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [said, say] = useState('');
  const [left, setLeft] = useState<ComponentChildren>();
  const root = useRef<HTMLDivElement>(null);
  const exchange = useMemo(() => new Exchange(base, getToken, language), [base, getToken, language]);
  const signIn = getToken === undefined ? signInAt(base) : undefined;

  /** What is shown, also before it is drawn. */
  const latest = useRef<Read>(undefined);
  const show = (found: Read) => {
    const { settings } = found;
    const isOfAnother = settings.user !== latest.current?.settings.user;
    if (isOfAnother) say('');
    // what became of one person's changes is nothing of the next who signs in; what could not be read has been read
    setOutcomes((all) =>
      isOfAnother
        ? unsentOf(settings, signIn)
        : new Map([...all].filter(([, { kind }]) => kind !== 'unread')),
    );
    latest.current = found;
    setRead(found);
  };

  const leave = () => {
    latest.current = undefined;
    setRead(undefined);
  };

  /** Of readings that overlap, only the one that began last counts. */
  const readings = useRef(0);
  const readAnew = useCallback(async (): Promise<Read | Failure> => {
    const mine = ++readings.current;
    const answer = await exchange.ask({ path: '/v1/users/me/settings', shape: isSettings });
    if (!answer.ok) return answer.failure;
    const words = await spoken(answer.language ?? answer.value.language).catch(() => undefined);
    if (words === undefined) return 'no_answer';
    const found = { settings: answer.value, spoken: words, tag: answer.tag };
    if (mine === readings.current) {
      show(found);
      setTrouble(undefined);
    }
    return found;
  }, [exchange]);

  const load = useCallback(async () => {
    const reading = readAnew();
    const mine = readings.current;
    const found = await reading;
    if (mine !== readings.current) return;
    setTrouble(typeof found === 'string' ? found : undefined);
    // whoever comes to this browser now may be somebody else
    if (found === 'signed_out' && signIn !== undefined) leave();
  }, [readAnew, signIn]);

  // an effect would wait for a frame that shows nothing yet
  useLayoutEffect(() => {
    void load();
  }, [load]);

  // what another tab changed, or a policy that was published, shows when somebody comes back, from the first moment on
  useLayoutEffect(() => {
    let lookedAt = performance.now();
    const look = () => {
      if (document.visibilityState !== 'visible' || left !== undefined) return;
      lookedAt = performance.now();
      void load();
    };
    // a page that comes into sight mostly gets the focus as well
    const lookOnce = () => performance.now() - lookedAt > LOOKED_MS && look();
    const lookAgain = ({ persisted }: PageTransitionEvent) => persisted && look();
    document.addEventListener('visibilitychange', look);
    window.addEventListener('online', look);
    window.addEventListener('focus', lookOnce);
    window.addEventListener('pageshow', lookAgain);
    return () => {
      document.removeEventListener('visibilitychange', look);
      window.removeEventListener('online', look);
      window.removeEventListener('focus', lookOnce);
      window.removeEventListener('pageshow', lookAgain);
    };
  }, [load, left]);

  // an effect runs once what is there has been painted; between two, somebody may answer
  const [drawn, setDrawn] = useState(FIRST);
  const isDrawn = read !== undefined && drawn >= read.settings.purposes.length;
  useEffect(() => {
    if (read === undefined) return;
    if (isDrawn) {
      void fetchLater();
      return;
    }
    const next = setTimeout(() => setDrawn(drawn + NEXT));
    return () => clearTimeout(next);
  }, [drawn, isDrawn, read === undefined]);

  const shown = read?.spoken ?? ENGLISH;
  const lang = read === undefined ? shown.lang : languageShown(read);
  useEffect(() => {
    if (!isWhole || read === undefined) return;
    document.documentElement.lang = lang;
    document.documentElement.dir = directionOf(lang);
    document.title = shown.words.title;
  }, [isWhole, read, lang, shown]);

  /** The keys of changes that are on their way: two clicks may come before anything is drawn. */
  const saving = useRef(new Set<string>());
  const make = async (change: Change) => {
    const { key } = change;
    if (read === undefined) return;
    const { user } = read.settings;
    const mine = `${user} ${key}`;
    if (saving.current.has(mine)) return;
    saving.current.add(mine);
    /** Whoever has signed in since, in another window, is told nothing of what becomes of this person's change. */
    const isOfAnother = (one: Read | undefined) => one !== undefined && one.settings.user !== user;
    const settle = (outcome: Outcome) => {
      if (outcome.kind !== 'saving') saving.current.delete(mine);
      // of whoever clicked here, it is told that it was refused, and nothing else
      const isRefused = outcome.kind === 'failed' && outcome.failure === 'not_allowed';
      if (isOfAnother(latest.current) && !isRefused) return;
      setOutcomes((all) => new Map([...all, [key, outcome]]));
    };
    settle({ kind: 'saving' });
    /** How many of its steps are recorded. */
    let recorded = 0;
    const fail = (failure: Failure) => {
      if (failure === 'signed_out' && signIn !== undefined) keepUnsent(read.settings, change);
      const again = isOfAnother(latest.current) ? undefined : change;
      settle(recorded === 0 ? { kind: 'failed', failure, change: again } : { kind: 'partly' });
      if (!isOfAnother(latest.current))
        say(recorded === 0 ? shown.words.failed[failure] : shown.words.undonePartly);
    };
    const done = (found: Read, holds?: string | null) => {
      const at = confirmedAt(found.settings, key) ?? holds ?? undefined;
      const said = isRenewed && at !== confirmedAt(read.settings, key) ? RENEWED : change.said;
      settle({ kind: 'done', at, said, undo: change.undo });
      say(spokenOutcome(found, { ...change, said }, at));
    };
    const isRenewed =
      change.said === 'granted' &&
      read.settings.purposes.some(({ id, on, choice }) => id === key && on && choice === 'granted');
    let { tag } = read;
    const rests = mayOpen(change, read.settings);
    let holds: string | null | undefined;
    let isShown = false;
    for (const { method, path, body, about } of change.steps) {
      if (rests && tag === undefined) {
        // what a change or a step before it moved was not read yet: what was shown must hold still
        const found = await readAnew();
        if (typeof found === 'string') return fail(found);
        const { settings: now } = found;
        const isSame = isSaidTheSame(read.settings, now, recorded === 0 ? undefined : about);
        if (!isSame || opensMore(change, read.settings, now)) return fail('changed_meanwhile');
        ({ tag } = found);
      }
      // a no never waits for what else has changed
      const question = { method, path, body, rests: rests ? tag : undefined, shape: isAcknowledged };
      const answer = await exchange.ask(question);
      if (!answer.ok) {
        const { failure } = answer;
        // it may have been made all the same, or something else was: what holds is read
        if (failure !== 'signed_out') await readAnew();
        return fail(failure);
      }
      recorded++;
      tag = undefined;
      holds = answer.value.holds_from;
      onChange(answer.value.consistency_token);
      const before = latest.current;
      const settings =
        before === undefined || isOfAnother(before)
          ? undefined
          : confirmedBy(answer.value, change, before.settings);
      if (before === undefined || settings === undefined) continue;
      const confirmed = { ...before, settings, tag: undefined };
      show(confirmed);
      done(confirmed);
      isShown = true;
    }
    // what else it moved
    const found = await readAnew();
    if (isOfAnother(typeof found === 'string' ? latest.current : found)) {
      saving.current.delete(mine);
      return;
    }
    if (typeof found !== 'string') {
      if (!isShown) done(found, holds);
      return;
    }
    settle({ kind: 'unread' });
    say(shown.words.recordedUnread);
  };

  const go = (next: View, purpose?: string) => {
    setView(next);
    // once it is drawn
    requestAnimationFrame(() =>
      root.current
        ?.querySelector<HTMLElement>(
          `#${CSS.escape(purpose === undefined ? `view-${next}` : `purpose-${purpose}`)}`,
        )
        ?.focus(),
    );
  };

  const Root = isWhole ? 'main' : 'div';
  const Title = isWhole ? 'h1' : 'p';
  if (read === undefined)
    return (
      <Root class="root" aria-busy={trouble === undefined}>
        {trouble === undefined ? (
          <div class="waiting" />
        ) : (
          <div role="alert">
            <Trouble words={shown.words} failure={trouble} again={() => void load()} signIn={signIn} />
          </div>
        )}
      </Root>
    );
  const { settings } = read;
  const { words } = shown;
  // nothing more is asked: a request could begin a new record
  if (left !== undefined)
    return (
      <Root class="root" lang={lang} dir={directionOf(lang)}>
        {left}
      </Root>
    );
  const page: Page = {
    exchange,
    words,
    lang: shown.lang,
    settings,
    drawn,
    outcomes: holding(outcomes, settings),
    make,
    read: load,
    go,
    say,
    signIn,
    onErased: (what) => {
      setLeft(what);
      onErased();
    },
  };
  return (
    <Root class="root" lang={lang} dir={directionOf(lang)} aria-busy={!isDrawn} ref={root}>
      <PageContext.Provider value={page}>
        <header>
          <Title class="title">{words.title}</Title>
          <LanguageChoice page={page} onLanguage={setLanguage} />
          {signIn === undefined ? null : <SignOut page={page} onSignedOut={leave} />}
        </header>
        <nav aria-label={words.sections} part="sections">
          {VIEWS.map((one) => (
            <button
              type="button"
              key={one}
              part="section"
              aria-current={view === one ? 'page' : undefined}
              onClick={() => go(one)}
            >
              {words.views[one]}
            </button>
          ))}
        </nav>
        {trouble === undefined ? null : (
          <Trouble words={words} failure={trouble} again={() => void load()} signIn={signIn} />
        )}
        <Heading view={view}>{words[view]}</Heading>
        {view === 'settings' ? <SettingsView key={settings.user} /> : <LaterView key={view} view={view} />}
        <p role="status" class="unseen">
          {said}
        </p>
      </PageContext.Provider>
    </Root>
  );
}

/** What somebody said when their session had ended, to be offered to them again. */
function unsentOf(settings: Settings, signIn: string | undefined): ReadonlyMap<string, Outcome> {
  const unsent = signIn === undefined ? [] : takeUnsent(settings.user);
  return new Map(
    unsent.flatMap(({ policy, ...begun }) => {
      const { key } = begun;
      const change = changeBegun(begun, settings);
      // a yes was to the texts of then
      return change === undefined || (mayOpen(change, settings) && policy !== settings.policy)
        ? []
        : [[key, { kind: 'unsent', change }]];
    }),
  );
}

/** That of the policy's texts: where the page has no words of it, its own are English and these are not. */
function languageShown({ settings, spoken }: Read): string {
  return settings.language.toLowerCase().split('-')[0] === spoken.lang ? settings.language : spoken.lang;
}

/** Since when what a change was about stands as it does, by the record; nothing where the record does not say. */
function confirmedAt({ purposes, visibility }: Settings, key: string): string | undefined {
  const times =
    key === ALL
      ? purposes.map((one) => one.set_at)
      : [
          purposes.find(({ id }) => id === key)?.set_at ?? null,
          visibility.find(({ id }) => keyOfGroup(id) === key)?.set_at ?? null,
        ];
  return times
    .filter((time) => time !== null)
    .toSorted()
    .at(-1);
}

/** The outcomes that still hold: what was changed again since, here or elsewhere, is not said any more. */
function holding(outcomes: ReadonlyMap<string, Outcome>, settings: Settings): ReadonlyMap<string, Outcome> {
  return new Map(
    [...outcomes].filter(([key, outcome]) => {
      const at = confirmedAt(settings, key);
      if (outcome.kind !== 'done') return true;
      // a purpose that came with a policy since may be on
      if (key === ALL && outcome.said === 'denied' && closedByNo(settings).length > 0) return false;
      return at === undefined || at === outcome.at;
    }),
  );
}

/** A confirmed change as it is read out. */
function spokenOutcome(
  { settings, spoken: { words, lang } }: Read,
  { key, said }: Change,
  at: string | undefined,
): string {
  if (at === undefined) return words.recorded;
  const time = sinceText(at, lang);
  if (key === ALL) return said === 'denied' ? words.allOffSince(time) : words.undone(time);
  const purpose = settings.purposes.find(({ id }) => id === key);
  if (purpose !== undefined) return `${purpose.title}: ${doneText(words, purpose, time, said)}`;
  const group = settings.visibility.find(({ id }) => keyOfGroup(id) === key);
  const level = group?.levels.find(({ id }) => id === group.level);
  return `${group?.title ?? ''}: ${words.levelSince(level?.title ?? '', time)}`;
}

function LanguageChoice({
  page: { words, settings },
  onLanguage,
}: {
  readonly page: Page;
  readonly onLanguage: (language: string) => void;
}) {
  const { language, languages } = settings;
  if (languages.length < 2) return null;
  return (
    <label class="language">
      <span>{words.language}</span>
      <select value={language} onChange={({ currentTarget }) => onLanguage(currentTarget.value)}>
        {languages.map((one) => (
          <option key={one} value={one} lang={one}>
            {ownNameOf(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Of a session of the service; a host signs out itself. */
function SignOut({
  page: { words, exchange, say },
  onSignedOut,
}: {
  readonly page: Page;
  readonly onSignedOut: () => void;
}) {
  const [failure, setFailure] = useState<Failure>();
  const signOut = async () => {
    const answer = await exchange.ask({ method: 'POST', path: '/session/sign-out', shape: isSignedOut });
    if (answer.ok) {
      const { continue_at: next } = answer.value;
      // a browser that goes back shows the page as it was left
      onSignedOut();
      location.assign(typeof next === 'string' && /^https?:/.test(next) ? next : location.href);
      return;
    }
    setFailure(answer.failure);
    say(words.failed[answer.failure]);
  };
  return (
    <>
      <button type="button" class="plain" onClick={() => void signOut()}>
        {words.signOut}
      </button>
      {failure === undefined ? null : <p class="failed">{words.failed[failure]}</p>}
    </>
  );
}
