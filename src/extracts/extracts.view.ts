/** Extracts on the wire. */
import { TEXT, TIME, WHOLE, listOf, named, objectOf, orNull, said, wordOf } from '../http/contract/shapes.js';
import { NEXT } from '../http/pages.js';
import { timeText } from '../time.js';
import type { StoredExtract, Unlearned } from './extracts.store.js';

const MEMBERS = {
  id: TEXT,
  client: said('the service whose it is', TEXT),
  title: orNull(TEXT),
  purpose: TEXT,
  fields: listOf(TEXT),
  context: said(
    'what each of its questions states',
    objectOf({ actor: wordOf(['automated', 'human']) }, { legal_reference: TEXT }),
  ),
  policy: said('the version that was in force when it was opened', TEXT),
  revision: said('of the consent state when it was opened, as a consistency token', TEXT),
  opened_at: TIME,
  closed_at: said('null: it is open', orNull(TIME)),
  members: said('how many users; while it is open, some may be counted twice', WHOLE),
};

const SUMMARY = named('ExtractSummary', objectOf(MEMBERS));

export const EXTRACT = named(
  'Extract',
  objectOf({
    ...MEMBERS,
    unlearned: said(
      'when its service said that it has left out who had withdrawn by a look, the oldest first',
      listOf(objectOf({ since: TEXT, by: TEXT, at: TIME })),
    ),
  }),
);

export const EXTRACTS = objectOf({ extracts: listOf(SUMMARY) }, NEXT);

/** @param tokenOf the token of a revision */
export function extractSummary(found: StoredExtract, tokenOf: (revision: number) => string) {
  const { id, opening, closedAt, users } = found;
  const { client, title, purpose, fields, actor, legalReference, policy, revision, at } = opening;
  return {
    id,
    client,
    title,
    purpose,
    fields,
    context: { actor, ...(legalReference === null ? {} : { legal_reference: legalReference }) },
    policy,
    revision: tokenOf(revision),
    opened_at: timeText(at),
    closed_at: closedAt === null ? null : timeText(closedAt),
    members: users,
  };
}

export function extractView(
  found: StoredExtract,
  unlearned: readonly Unlearned[],
  tokenOf: (revision: number) => string,
) {
  return {
    ...extractSummary(found, tokenOf),
    unlearned: unlearned.map(({ since, by, at }) => ({ since, by, at: timeText(at) })),
  };
}
