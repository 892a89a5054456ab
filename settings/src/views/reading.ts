/** What a view reads when somebody comes to it. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Failure, Question } from '../service/exchange.js';
import { usePage } from '../page.js';

export type Reading<T> =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'read'; readonly value: T };

/**
 * Reads it now, and anew whenever `of` changes or `again` is called.
 *
 * @param of what the answer depends on, besides the page
 */
export function useReading<T>(question: Question<T>, of: string) {
  const { exchange } = usePage();
  const [reading, setReading] = useState<Reading<T>>({ kind: 'waiting' });
  const { path, shape } = question;
  const again = useCallback(() => {
    let counts = true;
    void exchange.ask({ path, shape }).then((answer) => {
      if (counts)
        setReading(
          answer.ok ? { kind: 'read', value: answer.value } : { kind: 'failed', failure: answer.failure },
        );
    });
    return () => {
      counts = false;
    };
  }, [exchange, path, shape, of]);
  useEffect(again, [again]);
  return { reading, again: () => void again() };
}
