import type { PolicyVersion } from './policy.service.js';

/** Per version, as there are few. */
const known = new WeakMap<PolicyVersion, ReadonlySet<string>>();

/** The fields that may hold private messages: at some level, or because of what they are made of. */
export function messageFieldsOf(policy: PolicyVersion): ReadonlySet<string> {
  const kept = known.get(policy);
  if (kept !== undefined) return kept;
  const fields = messageFieldsIn(policy);
  known.set(policy, fields);
  return fields;
}

function messageFieldsIn({ atLevels }: PolicyVersion): ReadonlySet<string> {
  return new Set(
    atLevels.all
      .filter(({ floors, categories }) => [...floors, ...categories].includes('private_message'))
      .map(({ field }) => field.id),
  );
}
