/** Purposes that are due: who answers for each, and what makes it lawful. */
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import { type LegalBasis, type PolicyDocument, textsIn } from '../../../../src/decision/policy.js';
import { useMay } from '../../api/session.js';
import type { components } from '../../api/types.js';
import { type Column, Listing } from '../../parts/listing.js';
import { MayNot } from '../../parts/may-not.js';
import { Time } from '../../parts/time.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { REVIEWS } from './words.js';

type DueReview = components['schemas']['DueReview'];

type Props = {
  readonly due: components['schemas']['DueReviews'];
  /** In force; absent: not read yet. */
  readonly document: PolicyDocument | undefined;
  readonly choose: (purpose: string) => void;
};

export function Due({ due: { today, until, due }, document, choose }: Props) {
  const own = useWordsOf(REVIEWS).due;
  const allowed = useMay('POST /v1/policies/reviews');
  const { columns } = own;
  const basesOf = ({ purpose }: DueReview) =>
    Object.entries(document?.purposes.find(({ id }) => id === purpose)?.legal_basis ?? {});
  const shown: readonly Column<DueReview>[] = [
    {
      id: 'purpose',
      title: columns.purpose,
      value: ({ purpose }) => purpose,
      shown: ({ purpose, title }) => (
        <>
          <p>{title}</p>
          <code>{purpose}</code>
          <p>
            <Link
              href={`/matrix?find=${encodeURIComponent(purpose)}`}
              aria-label={`${own.matrix}: ${purpose}`}
            >
              {own.matrix}
            </Link>
          </p>
        </>
      ),
    },
    {
      id: 'owner',
      title: columns.owner,
      value: ({ owner }) => owner,
      shown: ({ owner }) => owner ?? <span className="quiet">{own.nobody}</span>,
    },
    {
      id: 'due_on',
      title: columns.due,
      value: ({ due_on: day }) => day,
      shown: ({ due_on: day, is_overdue: isOverdue }) => (
        <>
          <time className="day" dateTime={day}>
            {day}
          </time>
          {isOverdue ? <p className="overdue">{own.overdue}</p> : day === today ? <p>{own.today}</p> : null}
        </>
      ),
    },
    {
      id: 'legal_basis',
      title: columns.basis,
      value: (one) =>
        basesOf(one)
          .map(([regime, basis]) => `${regime} ${basis}`)
          .join('; '),
      shown: (one) => <Bases bases={basesOf(one)} document={document} />,
    },
    {
      id: 'last_review',
      title: columns.last,
      value: ({ last_review: last }) => last?.at ?? null,
      shown: ({ last_review: last }) =>
        last === null ? (
          <span className="quiet">{own.never}</span>
        ) : (
          <>
            <p>
              <Time at={last.at} />, <bdi>{last.by}</bdi>
            </p>
            <p className="finding">{last.finding}</p>
          </>
        ),
    },
    ...(allowed.may
      ? [
          {
            id: 'review',
            title: columns.review,
            isDrawing: true,
            value: () => null,
            shown: ({ purpose }: DueReview) => (
              <Button onPress={() => choose(purpose)} aria-label={`${own.review}: ${purpose}`}>
                {own.review}
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Listing
      title={own.title(until)}
      about={own.about}
      file={`due-${until}`}
      columns={shown}
      rows={due}
      keyOf={({ purpose }) => purpose}
      none={own.none}
    >
      {allowed.may ? null : (
        <p className="quiet">
          <MayNot why={allowed.why} />
        </p>
      )}
    </Listing>
  );
}

type BasesProps = {
  readonly bases: readonly (readonly [string, LegalBasis])[];
  readonly document: PolicyDocument | undefined;
};

/** The laws that have each basis. */
function Bases({ bases, document }: BasesProps) {
  const own = useWordsOf(REVIEWS);
  const language = useLanguage();
  if (document === undefined) return null;
  if (bases.length === 0) return <span className="quiet">{own.due.noBasis}</span>;
  const titleOf = (id: string) => {
    const regime = document.regimes.find((one) => one.id === id);
    return regime === undefined ? id : textsIn(regime, language).title;
  };
  const laws = Map.groupBy(bases, ([, basis]) => basis);
  return (
    <dl className="bases">
      {[...laws].map(([basis, regimes]) => (
        <div key={basis}>
          <dt>{own.bases[basis]}</dt>
          <dd>{regimes.map(([regime]) => titleOf(regime)).join('; ')}</dd>
        </div>
      ))}
    </dl>
  );
}
