/** The keys that receipts are signed with. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { api, said } from '../../api/api.js';
import { useMay } from '../../api/session.js';
import type { components } from '../../api/types.js';
import { Answer } from '../../parts/answer.js';
import { type Column, Listing } from '../../parts/listing.js';
import { MayNot } from '../../parts/may-not.js';
import { Said } from '../../parts/said.js';
import { Time } from '../../parts/time.js';
import { useWords, useWordsOf } from '../../words/words.js';
import { PROOF } from './words.js';

type Key = components['schemas']['ReceiptKeySet']['keys'][number];

const KEYS = ['receipt-keys'] as const;

export function Keys() {
  const own = useWordsOf(PROOF).keys;
  const { columns } = own;
  const query = useQuery({
    queryKey: KEYS,
    queryFn: ({ signal }) => said(api.GET('/.well-known/receipt-keys.json', { signal })),
  });
  const shown: readonly Column<Key>[] = [
    {
      id: 'kid',
      title: columns.kid,
      value: ({ kid }) => kid,
      shown: ({ kid }) => <code className="long">{kid}</code>,
    },
    {
      id: 'created_at',
      title: columns.since,
      value: ({ created_at: at }) => at,
      shown: ({ created_at: at }) => <Time at={at} />,
    },
    {
      id: 'retired_at',
      title: columns.retired,
      value: ({ retired_at: at }) => at,
      shown: ({ retired_at: at }) => (at === null ? own.signs : <Time at={at} />),
    },
    { id: 'x', title: columns.x, value: ({ x }) => x, shown: ({ x }) => <code className="long">{x}</code> },
  ];
  return (
    <Answer query={query}>
      {({ keys }) => (
        <Listing
          title={own.title}
          about={own.about}
          file="receipt-keys"
          columns={shown}
          rows={keys}
          keyOf={({ kid }) => kid}
          none={own.none}
        >
          <Rotate />
        </Listing>
      )}
    </Answer>
  );
}

function Rotate() {
  const words = useWords();
  const own = useWordsOf(PROOF).keys;
  const allowed = useMay('POST /v1/receipt-keys');
  const queries = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const rotated = useMutation({
    mutationFn: () => said(api.POST('/v1/receipt-keys')),
    onSuccess: async () => {
      setAsked(false);
      await queries.invalidateQueries({ queryKey: KEYS });
    },
  });
  if (!allowed.may)
    return (
      <p className="quiet">
        <MayNot why={allowed.why} />
      </p>
    );
  return (
    <>
      {isAsked ? (
        <div role="group" aria-label={own.rotate} className="asked">
          <p>{own.sure}</p>
          <Button
            className="button primary"
            isDisabled={rotated.isPending}
            onPress={() => rotated.mutate()}
            autoFocus
          >
            {own.yes}
          </Button>
          <Button onPress={() => setAsked(false)}>{words.cancel}</Button>
        </div>
      ) : (
        <Button onPress={() => setAsked(true)}>{own.rotate}</Button>
      )}
      <span role="status">{rotated.data === undefined ? '' : own.made(rotated.data.kid)}</span>
      {rotated.error === null ? null : <Said error={rotated.error} />}
    </>
  );
}
