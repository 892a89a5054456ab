/** What waits for whoever is signed in: drafts to decide about, publications to come, and what is tried out. */
import { Link } from 'wouter';
import { type WaitingKind, useWaiting } from '../../api/waiting.js';
import { type DraftSummary, useCheck, useDrafts, useIsOutdated } from '../../api/drafts.js';
import { ForWhoMay } from '../../parts/answer.js';
import { Names } from '../../parts/sentence.js';
import { Said } from '../../parts/said.js';
import { visible } from '../../parts/visible.js';
import { Time } from '../../parts/time.js';
import { useWords, useWordsOf } from '../../words/words.js';
import './home.css';
import { Waiting } from './waiting.js';
import { HOME } from './words.js';

type Section = keyof (typeof HOME)['en']['sections'];
const SECTIONS: readonly Section[] = ['yours', 'read', 'own', 'said', 'scheduled'];

/** So many drafts are asked what they take: each answer compares every cell. */
const MOST_CHECKED = 10;

export function Home() {
  const words = useWords();
  const own = useWordsOf(HOME);
  return (
    <>
      <h1>{own.title}</h1>
      <Waiting />
      <ForWhoMay route="GET /v1/policies/drafts" title={words.views.drafts}>
        <Drafts />
      </ForWhoMay>
    </>
  );
}

function Drafts() {
  const own = useWordsOf(HOME);
  const drafts = useDrafts();
  return (
    <>
      {drafts.error === null ? null : <Said error={drafts.error} again={() => void drafts.refetch()} />}
      {drafts.data === undefined ? (
        drafts.error === null && <Said busy />
      ) : (
        <>
          <Queue drafts={drafts.data.drafts} />
          {drafts.data.next === undefined ? null : <p className="quiet">{own.more}</p>}
        </>
      )}
    </>
  );
}

function Queue({ drafts }: { readonly drafts: readonly DraftSummary[] }) {
  const own = useWordsOf(HOME);
  const waiting = drafts.filter(({ status }) => status === 'open' || status === 'scheduled');
  const state = waiting.map(({ id, edit, base, approvals, declined }) =>
    [id, edit, base, approvals.length, declined].join(' '),
  );
  const sorted = useWaiting(state.join());
  const sectionOf = sectionsOf(sorted.isPlaceholderData ? [] : (sorted.data?.waiting ?? []));
  return (
    <>
      {waiting.length === 0 ? <p>{own.nothing}</p> : null}
      {SECTIONS.map((section) => {
        const inIt = waiting.filter((draft) => sectionOf(draft) === section);
        return inIt.length === 0 ? null : (
          <section key={section} className="queue" aria-labelledby={`queue-${section}`}>
            <h2 id={`queue-${section}`}>{own.sections[section]}</h2>
            <ul>
              {inIt.map((draft) => (
                <li key={draft.id}>
                  <Draft draft={draft} isChecked={waiting.indexOf(draft) < MOST_CHECKED} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}

/** Where each draft stands. Of a kind, 20 are named at most: what is named of none is only told to be open. */
function sectionsOf(waiting: readonly WaitingKind[]): (draft: DraftSummary) => Section {
  const of = (kind: WaitingKind['kind']) => {
    const found = waiting.find((one) => one.kind === kind);
    const ids = new Set(found?.entries.map(({ id }) => id));
    return { ids, isWhole: ids.size === found?.count };
  };
  const [yours, own] = [of('drafts_to_judge'), of('drafts_own')];
  return ({ id, status }) => {
    if (status === 'scheduled') return 'scheduled';
    if (own.ids.has(id)) return 'own';
    if (yours.ids.has(id)) return 'yours';
    return yours.isWhole && own.isWhole ? 'said' : 'read';
  };
}

function Draft({ draft, isChecked }: { readonly draft: DraftSummary; readonly isChecked: boolean }) {
  const own = useWordsOf(HOME);
  const { id, base, message, authors, edit, changed_at, publish_at, refusal, declined } = draft;
  const isOutdated = useIsOutdated(base);
  return (
    <>
      <Link href={`/drafts/${id}/decide`}>{visible(message).split('\n', 1)[0]}</Link>
      <p className="quiet">
        {own.by(visible(authors.join(', ')))}, {own.edit(edit)}, <Time at={changed_at} />
      </p>
      {publish_at === null ? null : (
        <p>
          {own.at} <Time at={publish_at} />
        </p>
      )}
      {refusal === null ? null : <p>{own.refused}</p>}
      {declined === 0 ? null : <p>{own.declined(declined)}</p>}
      {isOutdated ? <p>{own.outdated}</p> : isChecked ? <Takes draft={draft} /> : null}
    </>
  );
}

/** What the draft still takes. */
function Takes({ draft }: { readonly draft: DraftSummary }) {
  const own = useWordsOf(HOME);
  const check = useCheck(draft);
  if (check.data === undefined)
    return check.error === null ? (
      <p className="quiet" role="status">
        {own.looking}
      </p>
    ) : (
      <Said error={check.error} again={() => void check.refetch()} />
    );
  const { requirements, floor, edit } = check.data;
  if (edit !== draft.edit) return null;
  if (requirements === undefined || floor?.holds !== true) return <p>{own.mustBeEdited}</p>;
  const {
    approvals_needed: needed,
    approvals_given: given,
    notices_to_raise,
    notices,
    ready_at,
  } = requirements;
  const waits = ready_at !== undefined && Date.parse(ready_at) > Date.now();
  const named = (purposes: readonly string[]) => purposes.map((purpose) => `\`${purpose}\``).join(', ');
  return (
    <>
      {given < needed ? <p>{own.missing(needed - given)}</p> : null}
      {needed === 0 ? <p>{own.closes}</p> : null}
      {notices_to_raise.length === 0 ? null : (
        <p>
          <Names says={own.raise(named(notices_to_raise.map(({ purpose }) => purpose)))} />
        </p>
      )}
      {Object.keys(notices).length === 0 ? null : (
        <p>
          <Names says={own.notices(named(Object.keys(notices)))} />
        </p>
      )}
      {waits ? (
        <p>
          {own.floor} <Time at={ready_at} />
        </p>
      ) : null}
      {ready_at !== undefined && !waits && draft.status === 'open' && notices_to_raise.length === 0 ? (
        <p>
          <strong>{own.ready}</strong>
        </p>
      ) : null}
    </>
  );
}
