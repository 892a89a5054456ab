/** Why one purpose may, or may not, read one field. */
import { Fragment } from 'react';
import type { Field, PolicyDocument } from '../../../../src/decision/policy.js';
import type { Reason } from '../../../../src/decision/reasons.js';
import { CopyLink } from '../../parts/copy.js';
import { Names } from '../../parts/sentence.js';
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { MATRIX } from './words.js';

type Props = {
  readonly document: PolicyDocument;
  readonly purpose: string;
  readonly field: string;
  /** Absent: no cell is chosen. */
  readonly reason: Reason | undefined;
  /** In what it is compared with. */
  readonly was: Reason | undefined;
  /** The field that gives the answer, where it is not the asked one. */
  readonly source: string | undefined;
};

export function Why({ document, purpose, field, reason, was, source }: Props) {
  const own = useWordsOf(MATRIX);
  const language = useLanguage();
  if (reason === undefined)
    return (
      <aside className="why">
        <p className="quiet">{own.choose}</p>
      </aside>
    );
  const [asked, read] = [
    document.purposes.find(({ id }) => id === purpose),
    document.fields.find(({ id }) => id === field),
  ];
  // the rule may be one of a field that this one is made of
  const ruled = source === undefined ? read : document.fields.find(({ id }) => id === source);
  const isOpen = reason === 'permitted';
  const obligations = (document.obligations ?? []).filter(({ id }) => asked?.obligations?.includes(id));
  return (
    <aside className="why" aria-labelledby="why">
      <h2 id="why">{isOpen ? own.may(purpose, field) : own.mayNot(purpose, field)}</h2>
      <p>
        <Names says={`${sentenceOf(reason, language)}.`} />
      </p>
      {source === undefined ? null : <p>{own.source(source)}</p>}
      {was === undefined || was === reason ? null : <p>{own.was(sentenceOf(was, language))}.</p>}
      <dl>
        <dt>{own.reason}</dt>
        <dd>
          <code>{reason}</code>
        </dd>
        <dt>{own.category}</dt>
        <dd>
          <code>{read?.category ?? own.madeOf}</code>
          {read?.derived_from === undefined ? null : ` ${read.derived_from.join(', ')}`}
        </dd>
        {reason === 'field_prohibited' ? <Rule field={ruled} /> : null}
        {reason === 'category_not_allowed' ? (
          <>
            <dt>{own.reads}</dt>
            <dd>{asked?.categories.join(', ')}</dd>
          </>
        ) : null}
        {isOpen ? (
          <>
            <dt>{own.conditions}</dt>
            <dd>{(asked?.conditions ?? []).join(', ') || own.none}</dd>
            <dt>{own.obligations}</dt>
            <dd>
              {obligations.length === 0
                ? own.none
                : obligations.map(({ id, description, translations }) => (
                    <p key={id}>
                      <code>{id}</code>: {translations?.[language]?.description ?? description}
                    </p>
                  ))}
            </dd>
          </>
        ) : null}
        {asked?.parent === undefined && asked?.requires === undefined ? null : (
          <>
            <dt>{own.dependsOn}</dt>
            <dd>{[asked.parent, ...(asked.requires ?? [])].filter((id) => id !== undefined).join(', ')}</dd>
          </>
        )}
      </dl>
      <p>
        <CopyLink />
      </p>
    </aside>
  );
}

/** What the rule of a field says, by the name that it has in the policy. */
function Rule({ field }: { readonly field: Field | undefined }) {
  const own = useWordsOf(MATRIX);
  return (['never', 'only'] as const).map((rule) =>
    field?.[rule] === undefined ? null : (
      <Fragment key={rule}>
        <dt>
          <Names says={rule === 'never' ? own.never : own.onlyFor} />
        </dt>
        <dd>{field[rule].join(', ')}</dd>
      </Fragment>
    ),
  );
}
