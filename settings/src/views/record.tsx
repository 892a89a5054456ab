/** What is held of somebody: what was said and its receipts, everything as a file, and its end. */
import { useEffect, useState } from 'preact/hooks';
import {
  type Event,
  type History,
  type Kept,
  isErased,
  isHistory,
  isKeySet,
  isSignedReceipt,
} from '../service/answers.js';
import { recordOf } from '../changes/changes.js';
import type { Failure } from '../service/exchange.js';
import { type Page, usePage } from '../page.js';
import { Failed, useFocus } from '../parts.js';
import { type Verdict, verdictOf } from './receipt.js';
import { dayText, minuteText } from '../texts/times.js';

export function RecordView() {
  return (
    <>
      <HistoryList />
      <Export />
      <Erasure />
    </>
  );
}

/** Events that are read at once. */
const PAGE = 20;

function HistoryList() {
  const { words, exchange } = usePage();
  const [pages, setPages] = useState<readonly History[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [isReading, setReading] = useState(true);
  const next = pages.at(-1)?.next;
  const read = async (after: string | undefined) => {
    setReading(true);
    setFailure(undefined);
    const from = after === undefined ? '' : `&after=${encodeURIComponent(after)}`;
    const path = `/v1/users/me/history?order=newest&limit=${PAGE}${from}`;
    const answer = await exchange.ask({ path, shape: isHistory });
    setReading(false);
    if (!answer.ok) return setFailure(answer.failure);
    setPages((known) => (after === undefined ? [answer.value] : [...known, answer.value]));
  };
  useEffect(() => {
    void read(undefined);
  }, [exchange]);
  const events = pages.flatMap((page) => page.events);
  return (
    <section aria-labelledby="history">
      <h3 id="history" class="day">
        {words.history}
      </h3>
      {pages.length > 0 && events.length === 0 ? <p class="empty">{words.historyNothing}</p> : null}
      <ol class="timeline">
        {events.map((event) => (
          <EventItem key={event.id} event={event} />
        ))}
      </ol>
      {failure === undefined ? null : <Failed failure={failure} again={() => void read(next)} />}
      {next === undefined || failure !== undefined ? null : (
        <button
          type="button"
          class="choice more"
          aria-disabled={isReading}
          onClick={() => !isReading && void read(next)}
        >
          {words.earlier}
        </button>
      )}
    </section>
  );
}

function EventItem({ event }: { readonly event: Event }) {
  const { words, lang } = usePage();
  const { at, by, via, receipt } = event;
  const what = useWhat(event);
  return (
    <li>
      <p>
        <strong>{what}</strong>
      </p>
      <p class="quiet">
        {minuteText(at, lang)}, {words.by[by.kind](by.id)}, {words.via[via]}
      </p>
      {receipt ? <Receipt event={event.id} what={what} /> : null}
    </li>
  );
}

function useWhat(event: Event): string {
  const { words } = usePage();
  switch (event.kind) {
    case 'choice':
      return `${event.title ?? event.purpose}: ${words.choice[event.choice]}`;
    case 'signal':
      return event.withdrawn ? `${words.signal}: ${words.choice.none}` : words.signal;
    case 'profile':
      return words.profile(event.region);
    case 'visibility':
      return `${event.title ?? event.group}: ${event.level_title ?? event.level}`;
  }
}

type Checked = { readonly verdict: Verdict; readonly text: string };

function Receipt({ event, what }: { readonly event: string; readonly what: string }) {
  const { words, lang, exchange, say } = usePage();
  const [checked, setChecked] = useState<Checked | Failure>();
  const check = async () => {
    const signed = await exchange.ask({
      path: `/v1/users/me/receipts/${encodeURIComponent(event)}`,
      shape: isSignedReceipt,
    });
    const keys = await exchange.ask({ path: '/.well-known/receipt-keys.json', shape: isKeySet });
    if (!signed.ok) return setChecked(signed.failure);
    if (!keys.ok) return setChecked(keys.failure);
    const verdict = await verdictOf(signed.value, keys.value.keys);
    setChecked({ verdict, text: JSON.stringify(signed.value, null, 2) });
    say(verdictText(verdict));
  };
  const verdictText = (verdict: Verdict) =>
    verdict.kind === 'genuine' ? words.genuine(minuteText(verdict.issuedAt, lang)) : words[verdict.kind];
  if (checked === undefined)
    return (
      <button type="button" class="plain" aria-label={words.receiptOf(what)} onClick={() => void check()}>
        {words.receipt}
      </button>
    );
  if (typeof checked === 'string') return <Failed failure={checked} again={() => void check()} />;
  return (
    <div class="receipt">
      <p class={checked.verdict.kind === 'genuine' ? 'done' : 'failed'}>{verdictText(checked.verdict)}</p>
      <button
        type="button"
        class="plain"
        ref={takeFocus}
        onClick={() => keep(new Blob([checked.text], { type: 'application/json' }), 'receipt.json')}
      >
        {words.keepReceipt}
      </button>
    </div>
  );
}

/** What had the focus is gone, and this stands in its place. */
function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}

function Export() {
  const { words, exchange, say } = usePage();
  const [state, setState] = useState<'saving' | 'done' | Failure>();
  const [wanted, setWanted] = useState<'json' | 'html'>('json');
  const take = async (form: 'json' | 'html') => {
    if (state === 'saving') return;
    setWanted(form);
    setState('saving');
    const file = await exchange.file(
      '/v1/users/me/export',
      form === 'json' ? 'application/json' : 'text/html',
    );
    if (typeof file === 'string') return setState(file);
    keep(file, `my-data.${form}`);
    setState('done');
    say(words.exported);
  };
  return (
    <section aria-labelledby="export">
      <h3 id="export" class="day">
        {words.export}
      </h3>
      <p>{words.exportWhat}</p>
      <div class="answer">
        <button
          type="button"
          class="choice"
          aria-disabled={state === 'saving'}
          onClick={() => void take('html')}
        >
          {words.exportPage}
        </button>
        <button
          type="button"
          class="choice"
          aria-disabled={state === 'saving'}
          onClick={() => void take('json')}
        >
          {words.exportFile}
        </button>
      </div>
      {state === 'done' ? <p class="result done">{words.exported}</p> : null}
      {state === undefined || state === 'saving' || state === 'done' ? null : (
        <Failed failure={state} again={() => void take(wanted)} />
      )}
    </section>
  );
}

function Erasure() {
  const page = usePage();
  const { words, exchange, settings, onErased } = page;
  const [typed, setTyped] = useState('');
  const [trouble, setTrouble] = useState<'mistyped' | 'saving' | Failure>();
  const { erasureWord: word } = words;
  const erase = async () => {
    if (trouble === 'saving') return;
    if (typed.trim() !== word) return setTrouble('mistyped');
    setTrouble('saving');
    const answer = await exchange.ask({ method: 'DELETE', path: recordOf(settings), shape: isErased });
    if (!answer.ok) return setTrouble(answer.failure);
    const { erased, kept = [] } = answer.value;
    onErased(<Gone text={erased ? words.erased : words.erasedNone} kept={kept} page={page} />);
  };
  return (
    <section aria-labelledby="erasure">
      <h3 id="erasure" class="day">
        {words.erasure}
      </h3>
      <p>{words.erasureGoes}</p>
      <p>{words.erasureStays}</p>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void erase();
        }}
      >
        <label>
          <span>{words.erasureType(word)}</span>
          <input
            type="text"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            value={typed}
            aria-invalid={trouble === 'mistyped'}
            aria-describedby="mistyped"
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
        <button type="submit" class="choice" aria-disabled={trouble === 'saving'}>
          {words.erase}
        </button>
        <p id="mistyped" class="failed" role="alert">
          {trouble === 'mistyped' ? words.erasureMistyped(word) : null}
        </p>
      </form>
      {trouble === undefined || trouble === 'saving' || trouble === 'mistyped' ? null : (
        <Failed failure={trouble} again={() => void erase()} />
      )}
    </section>
  );
}

/** What is left of the page after an erasure. */
function Gone({
  text,
  kept,
  page: { words, lang },
}: {
  readonly text: string;
  readonly kept: readonly Kept[];
  readonly page: Page;
}) {
  const ref = useFocus<HTMLHeadingElement>();
  return (
    <>
      <h2 tabIndex={-1} ref={ref}>
        {text}
      </h2>
      {kept.length === 0 ? null : (
        <>
          <h3 class="day">{words.kept}</h3>
          <ul class="plainly" lang={lang === 'de' ? 'de' : 'en'} dir="ltr">
            {kept.map(({ what, why, until }) => (
              <li key={what}>
                <p>{what}</p>
                <p class="quiet">
                  {why}{' '}
                  {until === null ? null : <span lang={lang}>{words.keptUntil(dayText(until, lang))}</span>}
                </p>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** Lets the browser keep a file. */
function keep(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // the download has begun by then
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
