/** The decision of then: the eight steps of the engine, the policy and what was known of the person. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { REASONS, type Reason, looksAt } from '../../../../src/decision/reasons.js';
import { addressOfCell } from '../../parts/cell-address.js';
import { CopyLink } from '../../parts/copy.js';
import { Scrolls } from '../../parts/scrolls.js';
import { Names } from '../../parts/sentence.js';
import { Time } from '../../parts/time.js';
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { Person } from './person.js';
import type { Question, Replayed } from './question.js';
import { REPLAY } from './words.js';

type Props = {
  readonly question: Question;
  readonly then: Replayed;
  /** The same question today; absent: not answered yet. */
  readonly now: Replayed | undefined;
  /** RFC 3339 */
  readonly nowAt: string;
  /** Stands below the steps. */
  readonly children?: ReactNode;
};

export function Answer({ question, then, now, nowAt, children }: Props) {
  const own = useWordsOf(REPLAY);
  const language = useLanguage();
  const { purpose, field, user, actor, at } = question;
  const { reason, derived_source: source, obligations } = then.context;
  const says = then.decision
    ? own.might(purpose, field, user)
    : own.mightNot(purpose, field, user, own.without[missedBy(reason, actor)]);
  return (
    <article className="replayed" aria-labelledby="answer">
      <header>
        <h2 id="answer">
          <Names says={says} />
        </h2>
        {at === '' ? null : (
          <p className="quiet">
            {own.when} <Time at={at} />
          </p>
        )}
        <p>
          <code>{reason}</code> {sentenceOf(reason, language)}.
        </p>
        {source === undefined ? null : (
          <p>
            <Names says={own.source(source)} />
          </p>
        )}
        {then.decision ? (
          <p>
            {own.obligations}: {obligations.length === 0 ? own.none : obligations.join(', ')}
          </p>
        ) : null}
        <p>
          <CopyLink />
        </p>
      </header>
      <section aria-labelledby="engine">
        <h2 id="engine">{own.engine}</h2>
        <Steps then={reason} now={now?.context.reason} nowAt={nowAt} />
        {children}
      </section>
      <section aria-labelledby="law">
        <h2 id="law">{own.law}</h2>
        <Law question={question} replayed={then} />
      </section>
      <section aria-labelledby="person">
        <h2 id="person">{own.person}</h2>
        <Person because={then.because} />
      </section>
    </article>
  );
}

/** What a request of then may have had, that a replay has not, and that a denial may rest on. */
type Missed = keyof (typeof REPLAY)['en']['without'];

function missedBy(reason: Reason, actor: string): Missed {
  if (looksAt(reason) !== 'request') return 'nothing';
  if (reason === 'needs_automated_actor') return actor === 'human' ? 'nothing' : 'actor';
  return reason === 'not_own_data' ? 'person' : 'case';
}

type Light = 'passed' | 'failed' | 'open' | 'unasked' | 'apart';

const SIGNS: Readonly<Record<Light, string>> = {
  passed: '○',
  failed: '■',
  open: '●',
  unasked: '·',
  apart: '·',
};

/** Whether an answer can be recorded, and what a client may ask for: a replay asks neither. */
const APART: ReadonlySet<number> = new Set([0, 2]);

/** How a line of the decision turned out, from the reason of the answer: the first line that fails is the answer. */
function lightOf(line: number, reason: Reason): Light {
  const decided = REASONS[reason].line;
  if (line < decided) return APART.has(line) ? 'apart' : 'passed';
  if (line > decided) return 'unasked';
  return reason === 'permitted' ? 'open' : 'failed';
}

type StepsProps = {
  readonly then: Reason;
  readonly now: Reason | undefined;
  readonly nowAt: string;
};

function Steps({ then, now, nowAt }: StepsProps) {
  const own = useWordsOf(REPLAY);
  const language = useLanguage();
  const lanes = [then, now].filter((reason) => reason !== undefined);
  return (
    <Scrolls label={{ of: 'engine' }}>
      <table className="table steps">
        <thead>
          <tr>
            <th scope="col">{own.line}</th>
            {lanes.map((reason, lane) => (
              <th key={lane} scope="col">
                {own.lanes[lane]}
                {lane === 0 ? null : (
                  <>
                    {', '}
                    <Time at={nowAt} />
                  </>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {own.lines.map((says, line) => (
            <tr key={line}>
              <th scope="row">
                {line === 0 ? null : `${line}. `}
                {says}
              </th>
              {lanes.map((reason, lane) => {
                const light = lightOf(line, reason);
                const isWhy = light === 'failed';
                return (
                  <td key={lane} data-light={light}>
                    <span aria-hidden="true">{SIGNS[light]}</span> {own.answers[light]}
                    {isWhy ? (
                      <>
                        {': '}
                        {sentenceOf(reason, language)} (<code>{reason}</code>)
                      </>
                    ) : null}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}

function Law({ question, replayed }: { readonly question: Question; readonly replayed: Replayed }) {
  const own = useWordsOf(REPLAY);
  const { context, because } = replayed;
  const { publication, user } = because;
  const { purpose, field } = question;
  const { regime, age_band: age, choices, signals } = user;
  const cell = addressOfCell({ version: context.policy, purpose, field, regime, age, choices, signals });
  return (
    <>
      {publication === undefined ? (
        <p>{own.never}</p>
      ) : (
        <p>
          {own.published(publication.sequence)}, <Time at={publication.at} />, {own.publishedBy}{' '}
          <b>{publication.by}</b>
        </p>
      )}
      <p className="links">
        <code>{context.policy}</code>
        <Link href={cell}>{own.matrix}</Link>
        {publication === undefined || publication.draft === null ? null : (
          <Link href={`/drafts/${publication.draft}/decide`}>{own.draft}</Link>
        )}
      </p>
    </>
  );
}
