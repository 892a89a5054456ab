import { TEXT, WHOLE, listOf, named, objectOf, said } from '../../http/contract/shapes.js';
import { messageFieldsOf } from '../../policy/message-fields.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import type { Told } from './caches.js';

const CACHEABLE = said(
  'everything is to be dropped; from now on answers may be kept that rest on this version',
  objectOf({
    id: TEXT,
    purposes: said('for which answers may be kept', listOf(TEXT)),
    fields: said('of which answers may be kept', listOf(TEXT)),
  }),
);
const MEMBERS = {
  sequence: said('what to acknowledge when everything is dropped that is to be', WHOLE),
  lease_ms: said(
    'how long answers may be used, counted from when this was asked for; 0: drop everything, and detach',
    WHOLE,
  ),
};

export const ATTACHED = named(
  'AttachedCache',
  objectOf({ id: TEXT, ...MEMBERS, policy: CACHEABLE, users: listOf(TEXT) }),
);
export const NEWS = named(
  'CacheNews',
  objectOf(
    { ...MEMBERS, users: said('answers about these are to be dropped', listOf(TEXT)) },
    { policy: CACHEABLE },
  ),
);

export function newsView({ sequence, lease, touched }: Told, policy: PolicyVersion) {
  const common = { sequence, lease_ms: lease };
  if (touched !== 'everybody') return { ...common, users: [...touched] };
  return { ...common, users: [], policy: cacheableOf(policy) };
}

/** Per version, as there are few. */
const known = new WeakMap<PolicyVersion, ReturnType<typeof cacheableIn>>();

function cacheableOf(policy: PolicyVersion) {
  const cacheable = known.get(policy) ?? cacheableIn(policy);
  known.set(policy, cacheable);
  return cacheable;
}

/**
 * What may be kept: nothing about fields that are private messages at some level, or made of some, and nothing for
 * purposes whose decisions must rest on what the database confirms.
 */
function cacheableIn(policy: PolicyVersion) {
  const { id, document, table } = policy;
  const messages = messageFieldsOf(policy);
  return {
    id,
    purposes: document.purposes.map((purpose) => purpose.id).filter((one) => !table.mustBeConfirmed(one)),
    fields: document.fields.map((field) => field.id).filter((one) => !messages.has(one)),
  };
}
