/** What stands where an answer takes its time: what is done, since when, and how to stop it. */
import { type QueryKey, type UseQueryResult, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { useWords } from '../words/words.js';
import { Said } from './said.js';

type Props = {
  /** What the service does. */
  readonly says: string;
  readonly queryKey: QueryKey;
  readonly query: Pick<UseQueryResult, 'fetchStatus' | 'error' | 'refetch'>;
};

/** For a query that has no answer yet. */
export function LongWork({ says, queryKey, query }: Props) {
  const words = useWords();
  const client = useQueryClient();
  const again = () => void query.refetch();
  if (query.fetchStatus === 'fetching')
    return (
      <div className="said">
        <p role="status" aria-busy="true">
          {says}
        </p>
        <p>
          <Seconds /> <Button onPress={() => void client.cancelQueries({ queryKey })}>{words.cancel}</Button>
        </p>
      </div>
    );
  if (query.error !== null) return <Said error={query.error} again={again} />;
  return (
    <div className="said">
      <p role="status">{words.stopped}</p>
      <p>
        <Button onPress={again}>{words.tryAgain}</Button>
      </p>
    </div>
  );
}

function Seconds() {
  const words = useWords();
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <span className="quiet">{words.seconds(seconds)}</span>;
}
