/** What a draft changes, in the sentences of the engine, each with what it rests on. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { addressOfCell } from '../../parts/cell-address.js';
import type { Check, Difference, Draft, Flip } from '../../api/drafts.js';
import { Sentence } from '../../parts/sentence.js';
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { Rewrites, Wordings, isWording } from './wording.js';
import { DECIDE } from './words.js';

type Props = { readonly check: Check; readonly draft: Draft };

export function Changes({ check, draft }: Props) {
  const own = useWordsOf(DECIDE);
  const { difference, floor, lints = [] } = check;
  return (
    <div className="changes">
      {floor === undefined ? null : (
        <Kind title={own.kinds.floor}>
          <p className={floor.holds ? 'yes' : 'no'}>
            {floor.holds ? own.floorHolds(floor.own.cells_examined) : own.floorCrossed}
          </p>
          <Sentences
            all={[
              ...floor.changes,
              ...new Set([...floor.own.violations, ...floor.of_base.violations].map(({ says }) => says)),
            ]}
          />
        </Kind>
      )}
      {difference === undefined ? (
        <p>{own.notCompared}</p>
      ) : (
        <Cells difference={difference} base={draft.base} />
      )}
      {lints.length === 0 ? null : (
        <Kind title={own.kinds.lints}>
          <Sentences all={lints.map(({ message }) => message)} />
        </Kind>
      )}
    </div>
  );
}

/** The parts of the answer that are sentences alone. */
const SAID = ['clients', 'obligations', 'consistency', 'lapses', 'visibility', 'lineage'] as const;

function Cells({ difference, base }: { readonly difference: Difference; readonly base: string }) {
  const own = useWordsOf(DECIDE);
  const { changes, changes_left_out, rewrites, rewrites_left_out } = difference;
  const isNothing =
    changes.length + rewrites.length === 0 && SAID.every((part) => difference[part].length === 0);
  const texts = rewrites.filter(isWording);
  const others = rewrites.filter((rewrite) => !isWording(rewrite));
  return (
    <>
      <p>
        {isNothing
          ? own.nothing
          : own.summary(difference.cells_examined, difference.cells_opened, difference.cells_closed)}
      </p>
      {(['opened', 'closed'] as const).map((direction) => {
        const turned = changes.filter((flip) => flip.direction === direction);
        return turned.length === 0 ? null : (
          <Kind key={direction} title={own.kinds[direction]}>
            <ul className={direction}>
              {turned.map((flip) => (
                <li key={flip.says}>
                  <Sentence says={flip.says} />
                  <Example flip={flip} base={base} />
                </li>
              ))}
            </ul>
          </Kind>
        );
      })}
      {changes_left_out === 0 ? null : <p>{own.leftOut(changes_left_out)}</p>}
      {SAID.map((part) =>
        difference[part].length === 0 ? null : (
          <Kind key={part} title={own.kinds[part]}>
            <Sentences all={difference[part].map(({ says }) => says)} />
          </Kind>
        ),
      )}
      {texts.length === 0 ? null : (
        <Kind title={own.wording}>
          <Wordings rewrites={texts} />
        </Kind>
      )}
      {others.length === 0 ? null : (
        <Kind title={own.kinds.rewrites}>
          <Rewrites rewrites={others} />
        </Kind>
      )}
      {rewrites_left_out === 0 ? null : <p>{own.leftOut(rewrites_left_out)}</p>}
    </>
  );
}

function Kind({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Sentences({ all }: { readonly all: readonly string[] }) {
  return (
    <ul>
      {all.map((says) => (
        <li key={says}>
          <Sentence says={says} />
        </li>
      ))}
    </ul>
  );
}

/** All fields of a change, one kind of person of whom it turns, and where to see it. */
function Example({ flip, base }: { readonly flip: Flip; readonly base: string }) {
  const own = useWordsOf(DECIDE);
  const language = useLanguage();
  const { fields, purpose, example, who } = flip;
  const [first] = who;
  const regime = first?.registered === true ? first.regimes?.[0]?.before : undefined;
  const { age_band: age, choices, signals } = example.record;
  const cell = addressOfCell({ version: base, purpose, field: example.field, regime, age, choices, signals });
  const said = Object.entries(choices).map(([id, { choice }]) => `${id}: ${choice}`);
  return (
    <details>
      <summary>{own.fields(fields.length)}</summary>
      <p className="names">
        {fields.map((field) => (
          <code key={field}>{field}</code>
        ))}
      </p>
      <dl>
        <dt>{own.exampleOf}</dt>
        <dd>
          <code>{example.field}</code>,{' '}
          {[example.record.region, example.record.age_band, ...said, ...signals]
            .filter((part) => part !== null)
            .join(', ')}
        </dd>
        <dt>{own.before}</dt>
        <dd>
          <code>{example.before}</code> {sentenceOf(example.before, language)}.
        </dd>
        <dt>{own.after}</dt>
        <dd>
          <code>{example.after}</code> {sentenceOf(example.after, language)}.
        </dd>
      </dl>
      <Link href={cell}>{own.inMatrix}</Link>
    </details>
  );
}
