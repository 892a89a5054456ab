/** The extracts that a user is in, on the wire, in one language. */
import { REASONS } from '../../decision/reasons.js';
import {
  LANG,
  TEXT,
  TIME,
  listOf,
  mapOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import { titleIn } from '../../policy/words.js';
import { timeText } from '../../time.js';
import type { UsersExtract } from './memberships.js';

export const USERS_EXTRACT = named(
  'UsersExtract',
  objectOf({
    id: TEXT,
    client: said('the service that took the data', TEXT),
    title: orNull(TEXT),
    purpose: objectOf({ id: TEXT, title: TEXT }, LANG),
    fields: said('what was taken of the user', listOf(TEXT)),
    opened_at: TIME,
    closed_at: orNull(TIME),
    withdrawn: said(
      'the fields that may not be used for the purpose any more, each with the reason',
      mapOf(wordOf(Object.keys(REASONS))),
    ),
    left_out_at: said(
      'when the service said that it has left out, or unlearned, what may not be used any more; null: it has not',
      orNull(TIME),
    ),
  }),
);

/** @param language one of the policy's */
export function usersExtractView(
  { extract, fields, withdrawn, leftOutAt }: UsersExtract,
  { document, purposes }: PolicyVersion,
  language: string,
) {
  const { client, title, purpose, at } = extract.opening;
  const found = purposes.get(purpose);
  return {
    id: extract.id,
    client,
    title,
    purpose: {
      id: purpose,
      ...(found === undefined ? { title: purpose } : titleIn(document, found, language)),
    },
    fields,
    opened_at: timeText(at),
    closed_at: extract.closedAt === null ? null : timeText(extract.closedAt),
    withdrawn,
    left_out_at: leftOutAt === null ? null : timeText(leftOutAt),
  };
}
