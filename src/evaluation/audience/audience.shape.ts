/** What a stream asks, and how an audience is answered in each media type, as the document has it. */
import { REASONS } from '../../decision/reasons.js';
import {
  BYTES,
  type Shape,
  TEXT,
  WHOLE,
  either,
  listOf,
  named,
  objectOf,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import type { MediaType } from './formats.js';

export const QUERY = {
  purpose: said('of a stream', TEXT),
  fields: said('of a stream, separated by commas', TEXT),
  actor: said('of a stream', wordOf(['automated', 'human'])),
  legal_reference: said('of a stream', TEXT),
  consistency_token: said('of a stream', TEXT),
  consistency: said('of a stream', wordOf(['confirmed'])),
  extract: said('of a stream: id of the extract that takes in who is let through', TEXT),
};

const MALFORMED = named('MalformedLine', objectOf({ line: WHOLE, message: TEXT }));
const COUNTS = named(
  'ReasonCounts',
  objectOf({}, Object.fromEntries(Object.keys(REASONS).map((reason) => [reason, WHOLE]))),
);
const BASIS = { policy: TEXT, revision: TEXT };
const TOTALS = {
  users: said('how many users were decided', WHOLE),
  counts: said('how many decisions had which reason, a user and a field being one', COUNTS),
  malformed_lines: WHOLE,
  malformed: said('the first of them', listOf(MALFORMED)),
  obligations: said('what the caller must do with what it reads', listOf(TEXT)),
};

export const AUDIENCE: Readonly<Record<MediaType, Shape>> = {
  'application/json': named(
    'Audience',
    objectOf({
      ...BASIS,
      purpose: TEXT,
      fields: listOf(TEXT),
      passing: said('the users of whom every field may be read', listOf(TEXT)),
      ...TOTALS,
    }),
  ),
  'application/x-ndjson': named(
    'AudienceLine',
    either(
      objectOf(
        { user: TEXT, fields: said('those that may be read', listOf(TEXT)) },
        { member: said('with an extract: the handle by which it names who was let through', TEXT) },
      ),
      objectOf({ line: WHOLE, error: TEXT }),
      said('the last line; an answer without it was cut off', objectOf({ ...BASIS, ...TOTALS })),
    ),
  ),
  'text/plain': said('a passing user a line; the summary is in the trailer `assent-summary`', TEXT),
  'application/octet-stream': said(
    'a row of bits for every line, padded to whole bytes; the summary is in the trailer `assent-summary`',
    BYTES,
  ),
};
