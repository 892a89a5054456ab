/** The processes that decide, and how far each is. */
import { useQuery } from '@tanstack/react-query';
import { api, said } from '../../api/api.js';
import type { components } from '../../api/types.js';
import { Answer } from '../../parts/answer.js';
import { type Column, Listing } from '../../parts/listing.js';
import { VersionId } from '../../parts/version-id.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { OPERATION } from './words.js';

type Process = components['schemas']['Process'];

/** How often it is asked while somebody looks. */
const EVERY_MS = 5_000;

export function Processes() {
  const own = useWordsOf(OPERATION).processes;
  const language = useLanguage();
  const query = useQuery({
    queryKey: ['processes'],
    queryFn: ({ signal }) => said(api.GET('/v1/processes', { signal })),
    refetchInterval: EVERY_MS,
  });
  const seconds = (ms: number) => (ms / 1000).toLocaleString(language, { maximumFractionDigits: 1 });
  const { columns } = own;
  const shown: readonly Column<Process>[] = [
    { id: 'process', title: columns.id, value: ({ id }) => id ?? own.only },
    {
      id: 'status',
      title: columns.status,
      value: ({ status }) => status,
      shown: ({ status, waits_for_caches: waits }) => (
        <>
          {own.status[status]}
          {waits ? <p>{own.waits}</p> : null}
        </>
      ),
    },
    {
      id: 'renewed_ms_ago',
      title: columns.lease,
      value: ({ renewed_ms_ago: ago }) => ago,
      shown: ({ renewed_ms_ago: ago, lease_ms: lease }) =>
        ago === null || lease === null ? own.noLease : own.renewed(seconds(ago), seconds(lease)),
    },
    { id: 'revision', title: columns.revision, isNumber: true, value: ({ revision }) => revision },
    { id: 'behind', title: columns.behind, isNumber: true, value: ({ behind }) => behind },
    {
      id: 'policy',
      title: columns.policy,
      value: ({ policy }) => policy,
      shown: ({ policy }) => (policy === null ? own.unsaid : <VersionId id={policy} />),
    },
    { id: 'build', title: columns.build, value: ({ build }) => build },
  ];
  return (
    <Answer query={query}>
      {({ revision, processes }) => (
        <Listing
          title={own.title}
          about={own.about(revision.toLocaleString(language))}
          file="processes"
          columns={shown}
          rows={processes}
          keyOf={({ id }) => id ?? ''}
          none={own.none}
        />
      )}
    </Answer>
  );
}
