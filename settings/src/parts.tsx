/** The small parts that the views are made of. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Data, type Prompt, titledIn } from './service/answers.js';
import { NOTHING } from './changes/changes.js';
import type { Failure } from './service/exchange.js';
import { type Outcome, type View, usePage } from './page.js';
import { Sentence } from './texts/sentence.js';
import { durationText, listText, sinceText } from './texts/times.js';
import { Told } from './texts/told.js';
import type { Words } from './words/words.js';

/** Heading of a view: it takes the focus when somebody comes to it. */
export function Heading({ view, children }: { readonly view: View; readonly children: ComponentChildren }) {
  return (
    <h2 tabIndex={-1} id={`view-${view}`} part="heading">
      {children}
    </h2>
  );
}

/** On or off, in words and as a shape. */
export function State({ on }: { readonly on: boolean }) {
  const { words } = usePage();
  return (
    <span class={on ? 'state on' : 'state'} part="state">
      {on ? words.on : words.off}
    </span>
  );
}

type Option = { readonly id: string; readonly title: string };

/** Buttons of one size, of which at most one is the answer that was given. */
export function Answer({
  options,
  given,
  named,
  describedBy,
  saving,
  onAnswer,
}: {
  readonly options: readonly Option[];
  readonly given: string | null;
  readonly named: string;
  readonly describedBy?: string;
  readonly saving: boolean;
  readonly onAnswer: (option: string) => void;
}) {
  return (
    <div class="answer" role="group" aria-label={named} aria-describedby={describedBy}>
      {options.map(({ id, title }) => (
        <button
          type="button"
          class="choice"
          part="choice"
          key={id}
          value={id}
          aria-pressed={given === id}
          // not `disabled`: it would lose the focus
          aria-disabled={saving}
          onClick={() => !saving && onAnswer(id)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

/** Refusing stands first everywhere, so that it takes no more keys than allowing. */
export function yesOrNo({ refuse, allow }: Words): readonly Option[] {
  return [
    { id: 'denied', title: refuse },
    { id: 'granted', title: allow },
  ];
}

/** The words on a button that answers a purpose. */
export function answerText({ refuse, allow, undo }: Words, said: string): string {
  if (said === NOTHING) return undo;
  return said === 'denied' ? refuse : allow;
}

/** The data of a purpose, by category. What is folded away is drawn once somebody unfolds it. */
export function DataList({ data }: { readonly data: Data }) {
  const { words } = usePage();
  const [isDrawn, setDrawn] = useState(false);
  const kinds = data.reduce((count, { fields }) => count + fields.length, 0);
  if (kinds === 0) return <p class="quiet">{words.noData}</p>;
  return (
    <details onToggle={() => setDrawn(true)}>
      <summary>{words.data(kinds)}</summary>
      {isDrawn ? (
        <dl class="data">
          {data.map((part) => (
            <div key={part.category}>
              <dt>
                {part.title === undefined ? (
                  words.categories[part.category]
                ) : (
                  <Told of={part} member="title" text={part.title} />
                )}
              </dt>
              {part.fields.map((field) => (
                <dd key={field.id}>
                  <Told of={field} member="title" text={field.title} />
                  {field.description === undefined ? null : (
                    <p class="quiet small">
                      <Told of={field} member="description" text={field.description} />
                    </p>
                  )}
                </dd>
              ))}
            </div>
          ))}
        </dl>
      ) : null}
    </details>
  );
}

/**
 * What became of a change: confirmed with its time, or not, and why.
 *
 * @param done its words once it is confirmed
 * @param answer the words on the button that says so
 */
export function Result({
  outcome,
  done,
  answer,
}: {
  readonly outcome: Outcome | undefined;
  readonly done: (time: string, said: string) => string;
  readonly answer: (said: string) => string;
}) {
  const { words, lang, make, read } = usePage();
  if (outcome === undefined) return null;
  switch (outcome.kind) {
    case 'saving':
      return <p class="result quiet">{words.saving}</p>;
    case 'done': {
      const { at, said, undo } = outcome;
      return (
        <p class="result done" part="result">
          <span>{at === undefined ? words.recorded : done(sinceText(at, lang), said)}</span>
          {undo === undefined ? null : (
            <button type="button" class="plain" onClick={() => void make(undo)}>
              {words.undo}
            </button>
          )}
        </p>
      );
    }
    case 'partly':
      return (
        <p class="result failed" part="failure">
          {words.undonePartly}
        </p>
      );
    case 'unread':
      return (
        <p class="result failed">
          <span>{words.recordedUnread}</span>
          <button type="button" class="plain" onClick={() => void read()}>
            {words.tryAgain}
          </button>
        </p>
      );
    case 'unsent': {
      const { change } = outcome;
      return (
        <p class="result failed" part="failure">
          <span>{words.unsent(answer(change.said))}</span>
          <button type="button" class="plain" onClick={() => void make(change)}>
            {words.tryAgain}
          </button>
        </p>
      );
    }
    case 'failed': {
      const { failure, change } = outcome;
      return <Failed failure={failure} again={change && (() => void make(change))} />;
    }
  }
}

/** What went wrong, and what to do now. */
export function Failed({
  failure,
  again,
}: {
  readonly failure: Failure;
  readonly again: (() => void) | undefined;
}) {
  const { words, signIn } = usePage();
  return <Trouble words={words} failure={failure} again={again} signIn={signIn} />;
}

/** The same for where the page itself has not come. */
export function Trouble({
  words,
  failure,
  again,
  signIn,
}: {
  readonly words: Words;
  readonly failure: Failure;
  readonly again: (() => void) | undefined;
  readonly signIn: string | undefined;
}) {
  return (
    <p class="result failed" part="failure">
      <span>{words.failed[failure]}</span>
      {failure === 'signed_out' && signIn !== undefined ? <a href={signIn}>{words.signIn}</a> : null}
      {/* what was said was of something else: it is answered anew */}
      {again === undefined || failure === 'nothing_recorded' || failure === 'changed_meanwhile' ? null : (
        <button type="button" class="plain" onClick={again}>
          {words.tryAgain}
        </button>
      )}
    </p>
  );
}

/** Takes the focus once it is there, for what replaces what had it. */
export function useFocus<T extends HTMLElement>() {
  const ref = useRef<T>(null);
  useEffect(() => ref.current?.focus(), []);
  return ref;
}

/** What a no and a yes to a purpose lead to, besides to itself. */
export function LeadsTo({
  closes,
  opens,
  needs,
  notice: { lapses_after: lapses },
  besides = null,
}: {
  readonly closes: readonly string[];
  readonly opens: readonly string[];
  readonly needs: readonly string[];
  readonly notice: Pick<Prompt['notice'], 'lapses_after'>;
  readonly besides?: string | null;
}) {
  const { words, lang, settings } = usePage();
  const about = (ids: readonly string[], make: (titles: string) => string) =>
    ids.length === 0 ? null : (
      <Sentence titled={titledIn(settings, ids)} make={(places) => make(listText(places, lang))} />
    );
  return (
    <>
      <p>
        {words.ifRefused} {about(closes, words.alsoCloses)}
      </p>
      <p>
        {words.ifAllowed} {about(needs, words.staysOffUntil)} {about(opens, words.alsoOpens)}{' '}
        {lapses === null ? null : words.holdsFor(durationText(lapses, lang))} {besides}
      </p>
    </>
  );
}
