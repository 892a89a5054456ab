/** What to look for, with suggestions from the policy in force. */
import { type ReactNode, useState } from 'react';
import { Button } from 'react-aria-components';
import { CATEGORIES } from '../../../../src/decision/policy.js';
import { REASONS, isReason } from '../../../../src/decision/reasons.js';
import { useVersion } from '../../api/policy.js';
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { type Asked, type Change, USUAL } from './asked.js';
import { USES } from './words.js';

const VERDICTS = ['', 'permitted', 'refused'] as const;

export function Filters({ asked, change }: { readonly asked: Asked; readonly change: Change }) {
  const own = useWordsOf(USES);
  const language = useLanguage();
  const { data: version } = useVersion('current');
  const document = version?.document;
  return (
    <search aria-label={own.search} className="bar">
      <Typed
        label={own.client}
        value={asked.client}
        onChange={(client) => change({ client })}
        suggestions={(document?.clients ?? []).map(({ id, description = '' }) => ({
          id,
          title: description,
        }))}
        list="clients"
      />
      <Typed
        label={own.purpose}
        value={asked.purpose}
        onChange={(purpose) => change({ purpose })}
        suggestions={(document?.purposes ?? []).map(({ id, title, translations }) => ({
          id,
          title: translations?.[language]?.title ?? title,
        }))}
        list="purposes"
      />
      <Chosen label={own.category} value={asked.category} onChange={(category) => change({ category })}>
        <option value="">{own.any}</option>
        {CATEGORIES.map((id) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </Chosen>
      <Chosen label={own.reason} value={asked.reason} onChange={(reason) => change({ reason })}>
        <option value="">{own.any}</option>
        {Object.keys(REASONS)
          .filter(isReason)
          .map((reason) => (
            <option key={reason} value={reason} title={sentenceOf(reason, language)}>
              {reason}
            </option>
          ))}
      </Chosen>
      <Chosen label={own.verdict} value={asked.verdict} onChange={(verdict) => change({ verdict })}>
        {VERDICTS.map((verdict) => (
          <option key={verdict} value={verdict}>
            {own.verdicts[verdict]}
          </option>
        ))}
      </Chosen>
      <Typed label={own.case} value={asked.case} onChange={(id) => change({ case: id })} />
      <Day label={own.from} value={asked.from} onChange={(from) => change({ from }, 'typed')} />
      <Day label={own.until} value={asked.until} onChange={(until) => change({ until }, 'typed')} />
      <Button onPress={() => change({ ...USUAL, every: asked.every, by: asked.by })}>{own.clear}</Button>
    </search>
  );
}

type FieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
};

type Suggestion = { readonly id: string; readonly title: string };
type TypedProps = FieldProps & { readonly suggestions?: readonly Suggestion[]; readonly list?: string };

/** Asks for what was typed once it is whole: by Enter, when the field is left, or as a suggestion was chosen. */
function Typed({ label, value, onChange, suggestions = [], list }: TypedProps) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  // the address changed by another way
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  // the service refuses ids with blanks at an end
  const ask = (text: string) => {
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <label>
      <span>{label}</span>
      <input
        type="search"
        value={typed}
        list={list}
        onChange={({ target }) => {
          setTyped(target.value);
          if (target.value === '' || suggestions.some(({ id }) => id === target.value)) ask(target.value);
        }}
        onBlur={() => ask(typed)}
        onKeyDown={({ key }) => {
          if (key === 'Enter') ask(typed);
        }}
      />
      {list === undefined ? null : (
        <datalist id={list}>
          {suggestions.map(({ id, title }) => (
            <option key={id} value={id} label={title === '' ? id : title} />
          ))}
        </datalist>
      )}
    </label>
  );
}

function Day({ label, value, onChange }: FieldProps) {
  return (
    <label>
      <span>{label}</span>
      <input type="date" value={value} onChange={({ target }) => onChange(target.value)} />
    </label>
  );
}

export function Chosen({ label, value, onChange, children }: FieldProps & { readonly children: ReactNode }) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={({ target }) => onChange(target.value)}>
        {children}
      </select>
    </label>
  );
}
