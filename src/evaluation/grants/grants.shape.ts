import { REASONS } from '../../decision/reasons.js';
import { TEXT, TIME, listOf, named, objectOf, orNull, said, wordOf } from '../../http/contract/shapes.js';

/** Answer to a request for a grant. */
export const GRANT = named(
  'IssuedGrant',
  objectOf({
    grant: said('a compact JWS (RFC 7515); null: nothing is permitted', orNull(TEXT)),
    expires_at: said('null: there is no grant', orNull(TIME)),
    policy: said('the policy version', TEXT),
    revision: said('consistency token of the revision that the decisions rest on', TEXT),
    denied: said(
      'what is not in the grant',
      listOf(
        objectOf(
          { user: TEXT, field: TEXT, reason: wordOf(Object.keys(REASONS)) },
          { derived_source: said('of a derived field: which of those it is made of is closed', TEXT) },
        ),
      ),
    ),
  }),
);
