/** Forms for what is changed most. They write into the text, which stays the truth. */
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { CATEGORIES, PROVENANCES, SETTINGS } from '../../../../../src/decision/policy.js';
import { askLaw } from '../../../law/ask.js';
import type { Names, Settings } from '../../../law/check.js';
import type { Edit, Edited } from '../../../law/edit.js';
import { Said } from '../../../parts/said.js';
import { useWordsOf } from '../../../words/words.js';
import { DRAFT } from '../words.js';

const FORMS = ['purpose', 'field', 'regime', 'setting', 'notice'] as const;
type Form = (typeof FORMS)[number];
const IDENTIFIABILITIES = ['direct', 'quasi', 'none'] as const;

type Props = {
  readonly text: string;
  /** Absent: the text cannot be read, or is still looked at. */
  readonly names: Names | undefined;
  readonly settings: Settings | undefined;
  readonly isReadable: boolean;
  /** @returns whether the text that it was made of still stood there */
  readonly onWritten: (edited: Edited, old: string) => boolean;
};

export function Forms({ text, names, settings, isReadable, onWritten }: Props) {
  const { forms } = useWordsOf(DRAFT);
  const [form, setForm] = useState<Form>('setting');
  const [error, setError] = useState<Error>();
  const [isLate, setLate] = useState(false);
  const [round, setRound] = useState(0);
  // what is chosen stays chosen while the text is read anew
  const known = useRef(names);
  known.current = names ?? known.current;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { currentTarget: element } = event;
    if (names === undefined) return;
    askLaw({ kind: 'edit', text, edit: editOf(form, new FormData(element), names) }).then(
      (edited) => {
        setError(undefined);
        const isWritten = onWritten(edited, text);
        setLate(!isWritten);
        if (!isWritten) return;
        // the next entry is another one
        if (form === 'purpose' || form === 'field' || form === 'regime') setRound(round + 1);
      },
      (reason: unknown) => {
        setLate(false);
        setError(reason instanceof Error ? reason : new Error(String(reason)));
      },
    );
  };
  return (
    <details className="forms">
      <summary>{forms.title}</summary>
      <form onSubmit={submit}>
        <div className="bar">
          <Choice
            label={forms.title}
            name="form"
            value={form}
            onChange={(chosen) => setForm(FORMS.find((one) => one === chosen) ?? 'setting')}
          >
            {FORMS.map((one) => (
              <option key={one} value={one}>
                {one === 'regime' ? forms.newRegime : forms[one]}
              </option>
            ))}
          </Choice>
          {known.current === undefined ? null : (
            <Questions key={`${form} ${round}`} form={form} names={known.current} settings={settings ?? {}} />
          )}
          <Button type="submit" isDisabled={names === undefined}>
            {forms.write}
          </Button>
        </div>
        {form === 'notice' ? <p className="quiet">{forms.noticeHelp}</p> : null}
        {form === 'regime' ? <p className="quiet">{forms.regimeHelp}</p> : null}
        {isReadable ? null : <p>{forms.needsText}</p>}
        {isLate ? <p role="alert">{forms.late}</p> : null}
        {error === undefined ? null : <Said error={error} />}
      </form>
    </details>
  );
}

type QuestionsProps = { readonly form: Form; readonly names: Names; readonly settings: Settings };

function Questions({ form, names, settings }: QuestionsProps) {
  const { forms } = useWordsOf(DRAFT);
  switch (form) {
    case 'purpose':
      return (
        <>
          <Text label={forms.id} name="id" pattern={ID} />
          <Text label={forms.name} name="title" />
          <Text label={forms.description} name="description" />
          <Choice label={forms.parent} name="parent">
            <option value="">{forms.none}</option>
            <Options of={names.purposes} />
          </Choice>
          <Text label={forms.dpv} name="dpv" />
          <Choice label={forms.everywhere} name="setting">
            <Options of={SETTINGS.toReversed()} />
          </Choice>
          <fieldset>
            <legend>{forms.categories}</legend>
            {CATEGORIES.map((category) => (
              <label key={category}>
                <input type="checkbox" name="category" value={category} /> <code>{category}</code>
              </label>
            ))}
          </fieldset>
        </>
      );
    case 'field':
      return (
        <>
          <Text label={forms.id} name="id" pattern={ID} />
          <Text label={forms.name} name="title" />
          <Choice label={forms.category} name="category">
            <Options of={['unclassified', ...CATEGORIES]} />
          </Choice>
          <Choice label={forms.provenance} name="provenance">
            <Options of={PROVENANCES} />
          </Choice>
          <Choice label={forms.identifiability} name="identifiability">
            <Options of={IDENTIFIABILITIES} />
          </Choice>
        </>
      );
    case 'regime': {
      const [, ...translated] = names.languages;
      return (
        <>
          <Text label={forms.id} name="id" pattern={REGIME_ID} />
          <Text label={forms.name} name="title" />
          {translated.map((language) => (
            <Text key={language} label={forms.nameIn(language)} name={`title ${language}`} />
          ))}
          <Text label={forms.regions} name="regions" pattern={REGIONS} />
          <Choice label={forms.like} name="like">
            <Options of={names.regimes} />
          </Choice>
        </>
      );
    }
    case 'setting':
      return <SettingQuestions names={names} settings={settings} />;
    case 'notice':
      return (
        <Choice label={forms.ofPurpose} name="purpose">
          <Options of={names.purposes} />
        </Choice>
      );
  }
}

/** Says the setting that the text has, so that somebody sees what they change. */
function SettingQuestions({ names, settings }: Omit<QuestionsProps, 'form'>) {
  const { forms } = useWordsOf(DRAFT);
  const [purpose = '', choosePurpose] = useState(names.purposes[0]);
  const [regime = '', chooseRegime] = useState(names.regimes[0]);
  const known = settings[purpose]?.[regime];
  const now = SETTINGS.find((one) => one === known);
  return (
    <>
      <Choice label={forms.ofPurpose} name="purpose" value={purpose} onChange={choosePurpose}>
        <Options of={names.purposes} />
      </Choice>
      <Choice label={forms.regime} name="regime" value={regime} onChange={chooseRegime}>
        <Options of={names.regimes} />
      </Choice>
      <Choice label={now === undefined ? forms.value : forms.valueNow(now)} name="setting">
        <Options of={SETTINGS.toReversed()} />
      </Choice>
    </>
  );
}

/** As `policies/policy.schema.json` has ids. */
const ID = '[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*';

const REGIME_ID = '[A-Z][A-Z0-9_]*';
/** Codes of ISO 3166, or everything else. */
const REGIONS = '[A-Z0-9*, \\-]+';

function editOf(form: Form, given: FormData, { regimes, languages }: Names): Edit {
  const of = (name: string) => {
    const value = given.get(name);
    return typeof value === 'string' ? value : '';
  };
  const setting = SETTINGS.find((one) => one === of('setting')) ?? 'never';
  switch (form) {
    case 'purpose': {
      const parent = of('parent');
      return {
        kind: 'entry',
        section: 'purposes',
        entry: {
          id: of('id'),
          ...(parent === '' ? {} : { parent }),
          title: of('title'),
          description: of('description'),
          dpv: of('dpv'),
          settings: Object.fromEntries(regimes.map((regime) => [regime, setting])),
          categories: given.getAll('category'),
        },
      };
    }
    case 'field': {
      const [id, title, category] = [of('id'), of('title'), of('category')];
      const [provenance, identifiability] = [of('provenance'), of('identifiability')];
      return {
        kind: 'entry',
        section: 'fields',
        entry: { id, category, title, provenance, identifiability },
      };
    }
    case 'regime': {
      const [, ...translated] = languages;
      const titles = translated.map((language) => [language, { title: of(`title ${language}`) }] as const);
      return {
        kind: 'regime',
        entry: {
          id: of('id'),
          title: of('title'),
          ...(titles.length === 0 ? {} : { translations: Object.fromEntries(titles) }),
          regions: of('regions')
            .split(/[\s,]+/u)
            .filter((code) => code !== ''),
        },
        like: of('like'),
      };
    }
    case 'setting':
      return { kind: 'setting', purpose: of('purpose'), regime: of('regime'), setting };
    case 'notice':
      return { kind: 'notice', purpose: of('purpose') };
  }
}

function Text({
  label,
  ...input
}: {
  readonly label: string;
  readonly name: string;
  readonly pattern?: string;
}) {
  return (
    <label>
      <span>{label}</span>
      <input type="text" required {...input} />
    </label>
  );
}

type ChoiceProps = {
  readonly label: string;
  readonly name: string;
  readonly value?: string;
  readonly onChange?: (value: string) => void;
  readonly children: ReactNode;
};

function Choice({ label, name, value, onChange, children }: ChoiceProps) {
  return (
    <label>
      <span>{label}</span>
      <select
        name={name}
        {...(value === undefined ? {} : { value })}
        onChange={({ target }) => onChange?.(target.value)}
      >
        {children}
      </select>
    </label>
  );
}

function Options({ of }: { readonly of: readonly string[] }) {
  return of.map((one) => (
    <option key={one} value={one}>
      {one}
    </option>
  ));
}
