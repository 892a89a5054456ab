/** What waits for whoever is signed in: each kind with how many there are, and the way to them. */
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { Link } from 'wouter';
import { api, said } from '../../api/api.js';
import { useDue } from '../../api/due.js';
import { useMay } from '../../api/session.js';
import type { components } from '../../api/types.js';
import { Answer } from '../../parts/answer.js';
import { Said } from '../../parts/said.js';
import { visible } from '../../parts/visible.js';
import { Time } from '../../parts/time.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import './waiting.css';
import { WAITING } from './waiting-words.js';

type Kind = components['schemas']['WaitingKind'];
type Entry = Kind['entries'][number];

/** Stands first, with what to do about each. */
const FAILED = 'verifications_failed';

/** Drafts stand below, each with what it takes. */
const OF_THE_QUEUE: ReadonlySet<Kind['kind']> = new Set([
  'drafts_to_judge',
  'drafts_own',
  'drafts_scheduled',
  'drafts_refused',
]);

export function Waiting() {
  const own = useWordsOf(WAITING);
  const mayReview = useMay('GET /v1/policies/due').may;
  const due = useDue('P0D', mayReview);
  const query = useQuery({
    queryKey: ['waiting'],
    queryFn: ({ signal }) => said(api.GET('/v1/waiting', { signal })),
  });
  return (
    <Answer query={query}>
      {({ waiting, whole }) => {
        const some = waiting.filter(
          ({ kind, count }) => count > 0 && kind !== FAILED && !OF_THE_QUEUE.has(kind),
        );
        const failed = waiting.find(({ kind }) => kind === FAILED);
        const reviews = due.data?.due ?? [];
        const isKnown = !mayReview || due.data !== undefined;
        return (
          <>
            {failed === undefined || failed.count === 0 ? null : (
              <Group
                title={own.kinds[FAILED]}
                count={failed.count}
                more={failed.count - failed.entries.length}
              >
                {failed.entries.map((entry) => (
                  <Failed key={entry.id} entry={entry} />
                ))}
              </Group>
            )}
            {some.map(({ kind, count, entries }) => (
              <Group key={kind} title={own.kinds[kind]} count={count} more={count - entries.length}>
                {entries.map(({ id, about, due: at }) => (
                  <li key={id}>
                    <Link href={placeOf(kind, id)}>
                      <bdi>{visible(about).split('\n', 1)[0]}</bdi>
                    </Link>
                    {at === null ? null : (
                      <span className="quiet">
                        , {own.due} <Time at={at} />
                      </span>
                    )}
                  </li>
                ))}
              </Group>
            ))}
            {due.error === null ? null : <Said error={due.error} again={() => void due.refetch()} />}
            {reviews.length === 0 ? null : (
              <Group title={own.kinds.reviews} count={reviews.length} more={0}>
                {reviews.map(({ purpose, title, due_on: day }) => (
                  <li key={purpose}>
                    <Link href={`/reviews?purpose=${encodeURIComponent(purpose)}`}>{title}</Link>
                    <span className="quiet">
                      , {own.due} <time dateTime={day}>{day}</time> (UTC)
                    </span>
                  </li>
                ))}
              </Group>
            )}
            {waiting.every(({ count }) => count === 0) && reviews.length === 0 && isKnown ? (
              <p className="waiting">{own.nothing}</p>
            ) : null}
            {whole ? null : <p className="quiet">{own.notWhole}</p>}
          </>
        );
      }}
    </Answer>
  );
}

/** What was last verified and failed: when, what was found, and what to do. */
function Failed({ entry: { id, about, at } }: { readonly entry: Entry }) {
  const own = useWordsOf(WAITING).failed;
  const isLog = id === 'consent_log';
  return (
    <li>
      <Link href="/proof">{isLog ? own.consentLog : own.record(id.replace('record/', ''))}</Link>
      {at === undefined ? null : (
        <span className="quiet">
          , {own.at} <Time at={at} />
        </span>
      )}
      <p className="failed" lang="en" dir="ltr">
        ■ {about}
      </p>
      <p>{isLog ? own.logNext : own.recordNext}</p>
      {isLog ? null : (
        <p>
          <code>npm run -s record -- check</code>
        </p>
      )}
    </li>
  );
}

type GroupProps = {
  readonly title: string;
  readonly count: number;
  /** How many of them are not named here. */
  readonly more: number;
  readonly children: React.ReactNode;
};

function Group({ title, count, more, children }: GroupProps) {
  const own = useWordsOf(WAITING);
  const language = useLanguage();
  const heading = useId();
  return (
    <section className="waiting" aria-labelledby={heading}>
      <h2 id={heading}>
        {title} ({count.toLocaleString(language)})
      </h2>
      <ul>{children}</ul>
      {more === 0 ? null : <p className="quiet">{own.others(more.toLocaleString(language))}</p>}
    </section>
  );
}

/** Where an entry is read. */
function placeOf(kind: Kind['kind'], id: string): string {
  const name = encodeURIComponent(id);
  if (kind.startsWith('cases_')) return `/cases/${name}`;
  return `/drafts/${name}/${kind === 'drafts_in_shadow' ? 'shadow' : 'decide'}`;
}
