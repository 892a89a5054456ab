/** Which purposes somebody is to look at again, and what was found. */
import { useState } from 'react';
import { useDue } from '../../api/due.js';
import { useVersion } from '../../api/policy.js';
import { Answer } from '../../parts/answer.js';
import { useQueryState } from '../../parts/query.js';
import { useWordsOf } from '../../words/words.js';
import { AllReviews } from './all-reviews.js';
import { Due } from './due.js';
import { NOTHING, RecordReview, type Written } from './record-review.js';
import './reviews.css';
import { REVIEWS } from './words.js';

const SPANS = ['P0D', 'P30D', 'P90D', 'P1Y', 'P99Y'] as const;
const USUAL = { within: 'P1Y', purpose: '' };

export function ReviewsView() {
  const own = useWordsOf(REVIEWS);
  const [asked, change] = useQueryState(USUAL);
  const within = SPANS.find((span) => span === asked.within) ?? 'P1Y';
  return (
    <>
      <h1>{own.title}</h1>
      <div className="bar">
        <label>
          <span>{own.within}</span>
          <select value={within} onChange={({ target }) => change({ within: target.value })}>
            {SPANS.map((span) => (
              <option key={span} value={span}>
                {own.spans[span]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <WhatIsDue within={within} purpose={asked.purpose} choose={(purpose) => change({ purpose })} />
      <AllReviews />
    </>
  );
}

type Props = {
  readonly within: string;
  readonly purpose: string;
  readonly choose: (purpose: string) => void;
};

function WhatIsDue({ within, purpose, choose }: Props) {
  const policy = useVersion('current');
  const [begun, begin] = useState<ReadonlyMap<string, Written>>(new Map());
  return (
    <>
      {purpose === '' ? null : (
        <RecordReview
          key={purpose}
          purpose={purpose}
          written={begun.get(purpose) ?? NOTHING}
          write={(written) => begin((before) => new Map(before).set(purpose, written))}
          close={() => {
            begin((before) => new Map(before).set(purpose, NOTHING));
            choose('');
          }}
        />
      )}
      <Answer query={useDue(within)}>
        {(due) => <Due due={due} document={policy.data?.document} choose={choose} />}
      </Answer>
    </>
  );
}
