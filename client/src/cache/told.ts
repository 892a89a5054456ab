/** Reads what the service tells a cache (docs/api.md, "Caches"). */
import { malformed } from '../terms/failure.js';
import { isText, isTexts, memberOf, readJson } from '../terms/json.js';
import type { Keepable, Told } from './attachment.js';

/** Longest time in milliseconds that is taken for a lease. */
const LONGEST_LEASE = 3_600_000;

/** @throws Failure `malformed_answer` */
export function toldIn(text: string): Told {
  const told = readJson(text);
  const sequence = memberOf(told, 'sequence');
  const lease = memberOf(told, 'lease_ms');
  const users = memberOf(told, 'users');
  const policy = memberOf(told, 'policy');
  if (!isWhole(sequence) || !isWhole(lease) || lease > LONGEST_LEASE || !isTexts(users))
    throw malformed('it does not say what to drop');
  return { sequence, lease, users, policy: policy === undefined ? undefined : keepableIn(policy) };
}

/** @throws Failure `malformed_answer` */
export function attachedIn(text: string): Told & { readonly id: string } {
  const id = memberOf(readJson(text), 'id');
  const told = toldIn(text);
  if (!isText(id) || !/^[\w-]+$/.test(id) || told.policy === undefined)
    throw malformed('it does not say what is attached');
  return { ...told, id };
}

function keepableIn(policy: unknown): Keepable {
  const id = memberOf(policy, 'id');
  const purposes = memberOf(policy, 'purposes');
  const fields = memberOf(policy, 'fields');
  if (!isText(id) || !isTexts(purposes) || !isTexts(fields))
    throw malformed('it does not say what may be kept');
  return { id, purposes: new Set(purposes), fields: new Set(fields) };
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
