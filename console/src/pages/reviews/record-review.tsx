/** Records what was found about a purpose. What is written stays until the service has taken it, or it is cancelled. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Button } from 'react-aria-components';
import { api, said } from '../../api/api.js';
import { REVIEWED } from '../../api/due.js';
import { useMay } from '../../api/session.js';
import { MayNot } from '../../parts/may-not.js';
import { Said } from '../../parts/said.js';
import { useWords, useWordsOf } from '../../words/words.js';
import { REVIEWS } from './words.js';

export type Written = { readonly finding: string; readonly next: string };
export const NOTHING: Written = { finding: '', next: '' };

type Props = {
  readonly purpose: string;
  readonly written: Written;
  readonly write: (written: Written) => void;
  readonly close: () => void;
};

export function RecordReview({ purpose, written, write, close }: Props) {
  const words = useWords();
  const own = useWordsOf(REVIEWS).form;
  const allowed = useMay('POST /v1/policies/reviews');
  const queries = useQueryClient();
  const heading = useId();
  const { finding, next } = written;
  const [isEmpty, setEmpty] = useState(false);
  const recorded = useMutation({
    mutationFn: () =>
      said(
        api.POST('/v1/policies/reviews', {
          body: { purpose, finding: finding.trim(), ...(next === '' ? {} : { next }) },
        }),
      ),
    onSuccess: async () => {
      write(NOTHING);
      await queries.invalidateQueries({ queryKey: [REVIEWED] });
    },
  });
  if (recorded.data !== undefined)
    return (
      <div className="record" role="status">
        <p>● {own.recorded(recorded.data.purpose)}</p>
        <Button onPress={close}>{words.close}</Button>
      </div>
    );
  if (!allowed.may)
    return (
      <p className="quiet">
        <MayNot why={allowed.why} />
      </p>
    );
  return (
    <form
      className="record"
      aria-labelledby={heading}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const missing = finding.trim() === '';
        setEmpty(missing);
        if (!missing) recorded.mutate();
      }}
    >
      <h2 id={heading}>{own.title(purpose)}</h2>
      <p className="quiet">{own.about}</p>
      <label>
        <span>{own.finding}</span>
        <textarea
          rows={4}
          value={finding}
          autoFocus
          required
          aria-invalid={isEmpty}
          aria-describedby={isEmpty ? `${heading}-empty` : undefined}
          onChange={({ target }) => write({ ...written, finding: target.value })}
        />
      </label>
      {isEmpty ? (
        <p id={`${heading}-empty`} role="alert" className="overdue">
          {own.empty}
        </p>
      ) : null}
      <label>
        <span>{own.next}</span>
        <input
          type="date"
          value={next}
          onChange={({ target }) => write({ ...written, next: target.value })}
        />
      </label>
      {recorded.error === null ? null : <Said error={recorded.error} />}
      <div className="foot">
        <Button type="submit" className="button primary" isDisabled={recorded.isPending}>
          {own.record}
        </Button>
        <Button onPress={close}>{words.cancel}</Button>
      </div>
    </form>
  );
}
