/** Opens a case, with all that one demands. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from 'react-aria-components';
import { useLocation } from 'wouter';
import { api, said } from '../../api/api.js';
import { useMay, useMe } from '../../api/session.js';
import { MayNot } from '../../parts/may-not.js';
import { Time } from '../../parts/time.js';
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import {
  CASE_PURPOSES,
  type CasePurpose,
  OPENED_BY,
  REPORTS,
  areHours,
  linesOf,
  readersIn,
  timeIn,
} from './case.js';
import { Refused } from './refused.js';
import { useLawOfCases } from './use-law-of-cases.js';
import { CASES } from './words.js';

export function OpenCase() {
  const own = useWordsOf(CASES).open;
  const me = useMe();
  const may = useMay('POST /v1/cases');
  const offered = CASE_PURPOSES.filter((purpose) => me.roles?.includes(OPENED_BY[purpose]) === true);
  const [first] = offered;
  return (
    <details className="act" name="cases">
      <summary>{own.title}</summary>
      {!may.may ? (
        <p>
          <MayNot why={may.why} />
        </p>
      ) : first === undefined ? (
        <p>{own.noRole}</p>
      ) : (
        <Form offered={offered} first={first} />
      )}
    </details>
  );
}

const EMPTY = { user: '', report: '', what: '', readers: '', reason: '', hours: '24', disclose: '' };

function Form({ offered, first }: { readonly offered: readonly CasePurpose[]; readonly first: CasePurpose }) {
  const own = useWordsOf(CASES).open;
  const [, go] = useLocation();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<CasePurpose>(first);
  const [written, setWritten] = useState(EMPTY);
  const write = (name: keyof typeof EMPTY) => (value: string) =>
    setWritten((before) => ({ ...before, [name]: value }));
  const isReport = chosen === REPORTS;
  const opening = useMutation({
    mutationFn: () => {
      const { user, report, what, readers, reason, hours, disclose } = written;
      return said(
        api.POST('/v1/cases', {
          body: {
            purpose: chosen,
            user: user.trim(),
            ...(isReport ? { report: report.trim(), items: linesOf(what) } : { fields: linesOf(what) }),
            reviewers: readersIn(readers),
            reason: reason.trim(),
            expires_at: timeIn(hours),
            ...(disclose === '' ? {} : { disclose_after: new Date(disclose).toISOString() }),
          },
        }),
      );
    },
    onSuccess: (opened) => {
      queries.setQueryData(['case', opened.id], opened);
      void queries.invalidateQueries({ queryKey: ['cases'] });
      go(`/cases/${encodeURIComponent(opened.id)}`);
    },
  });
  return (
    <form
      className="form"
      aria-label={own.title}
      onSubmit={(event) => {
        event.preventDefault();
        if (!opening.isPending) opening.mutate();
      }}
    >
      <Labelled label={own.purpose}>
        <select
          value={chosen}
          onChange={({ target }) => setChosen(offered.find((one) => one === target.value) ?? first)}
        >
          {offered.map((purpose) => (
            <option key={purpose}>{purpose}</option>
          ))}
        </select>
      </Labelled>
      <p className="quiet">{isReport ? own.one : own.two}</p>
      <Line label={own.user} value={written.user} onChange={write('user')} />
      {isReport ? <Line label={own.report} value={written.report} onChange={write('report')} /> : null}
      <Lines label={isReport ? own.items : own.fields} value={written.what} onChange={write('what')} />
      {isReport ? null : <FieldHints purpose={chosen} fields={linesOf(written.what)} />}
      <Lines label={own.readers} value={written.readers} onChange={write('readers')} hint={own.issuer} />
      <Lines label={own.reason} value={written.reason} onChange={write('reason')} />
      <Hours label={own.hours} value={written.hours} onChange={write('hours')} endsAt={own.endsAt} />
      <Labelled label={own.disclose}>
        <input
          type="datetime-local"
          value={written.disclose}
          onChange={({ target }) => write('disclose')(target.value)}
        />
      </Labelled>
      <Button type="submit" className="primary" isDisabled={opening.isPending}>
        {own.send}
      </Button>
      {opening.error === null ? null : <Refused error={opening.error} />}
    </form>
  );
}

/** Fields that no case opens, before somebody asks for them in vain. */
function FieldHints({ purpose, fields }: { readonly purpose: string; readonly fields: readonly string[] }) {
  const own = useWordsOf(CASES).open;
  const language = useLanguage();
  const { law } = useLawOfCases();
  if (law === undefined) return null;
  const hints = fields.flatMap((field) => {
    if (!law.document.fields.some(({ id }) => id === field)) return [own.unknownField(field)];
    const reason = law.closed.get(purpose)?.get(field);
    return reason === undefined ? [] : [own.neverField(field, sentenceOf(reason, language))];
  });
  return (
    <ul role="status">
      {hints.map((hint) => (
        <li key={hint}>{hint}</li>
      ))}
    </ul>
  );
}

type FieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
};

export function Labelled({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // eslint-disable-next-line jsx-a11y/label-has-associated-control -- its child is one
    <label>
      <span>{label}</span>
      {children}
    </label>
  );
}

function Line({ label, value, onChange }: FieldProps) {
  return (
    <Labelled label={label}>
      <input type="text" required value={value} onChange={({ target }) => onChange(target.value)} />
    </Labelled>
  );
}

export function Lines({ label, value, onChange, hint }: FieldProps & { readonly hint?: string }) {
  return (
    <>
      <Labelled label={label}>
        <textarea rows={2} required value={value} onChange={({ target }) => onChange(target.value)} />
      </Labelled>
      {hint === undefined ? null : <p className="quiet">{hint}</p>}
    </>
  );
}

export function Hours({ label, value, onChange, endsAt }: FieldProps & { readonly endsAt: string }) {
  return (
    <>
      <Labelled label={label}>
        <input
          type="number"
          min={1}
          max={72}
          required
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      </Labelled>
      {areHours(value) ? (
        <p className="quiet">
          {endsAt}: <Time at={timeIn(value)} />
        </p>
      ) : null}
    </>
  );
}
