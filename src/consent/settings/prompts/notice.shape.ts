/** The shapes of notices on the wire. */
import { CATEGORIES } from '../../../decision/policy.js';
import {
  LANG,
  TEXT,
  TIME,
  WHOLE,
  listOf,
  mapOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../../../http/contract/shapes.js';

const TITLED = { id: TEXT, title: TEXT };
const DISCLOSED_FIELD = objectOf(TITLED, {
  description: TEXT,
  ...LANG,
  made_from: said(
    'of a field that is made of others: what it is made of in the end',
    listOf(objectOf(TITLED, LANG)),
  ),
});
/** The data that a purpose opens, by category. */
export const DISCLOSED = listOf(
  named(
    'DisclosedData',
    objectOf(
      { category: wordOf(CATEGORIES), fields: listOf(DISCLOSED_FIELD) },
      { title: said('of the category; absent: the policy gives it none', TEXT), ...LANG },
    ),
  ),
);

export const NOTICE = named(
  'Notice',
  objectOf(
    {
      policy: TEXT,
      purpose: TEXT,
      version: WHOLE,
      language: said('in which it was asked for', TEXT),
      title: TEXT,
      description: TEXT,
      data: DISCLOSED,
      hash: said(
        '`sha256:` and the hash of the canonical JSON (RFC 8785) of all other members but `policy`',
        TEXT,
      ),
    },
    {
      ...LANG,
      lapses_after: said(
        'by regime, the time after which a grant lapses, as a duration of ISO 8601',
        mapOf(TEXT),
      ),
    },
  ),
);

export const NOTICE_VERSIONS = named(
  'NoticeVersions',
  objectOf({
    purpose: TEXT,
    versions: listOf(
      objectOf({
        version: WHOLE,
        policy: TEXT,
        since: TIME,
        until: said('null: it is in force', orNull(TIME)),
        languages: listOf(TEXT),
        hashes: said('by language', mapOf(TEXT)),
      }),
    ),
  }),
);
