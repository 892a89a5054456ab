/** What was answered to a question, or the sentence that stands in its place. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useMay } from '../api/session.js';
import { MayNot } from './may-not.js';
import { Said } from './said.js';

type Props<T> = {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>;
  readonly children: (answer: T) => ReactNode;
};

/** An answer of before stays in sight where a later one did not come; that is said above it. */
export function Answer<T>({ query: { data, error, refetch }, children }: Props<T>) {
  return (
    <>
      {error === null ? null : <Said error={error} again={() => void refetch()} />}
      {data === undefined ? error === null && <Said busy /> : children(data)}
    </>
  );
}

/** What needs a route that not all may use: for the others, why they may not. */
export function ForWhoMay({
  route,
  title,
  children,
}: {
  readonly route: string;
  readonly title: string;
  readonly children: ReactNode;
}) {
  const allowed = useMay(route);
  if (allowed.may) return children;
  return (
    <section className="listing">
      <h2>{title}</h2>
      <p className="quiet">
        <MayNot why={allowed.why} />
      </p>
    </section>
  );
}
