/** What may turn with a draft, and the address that shows it alone. */
import type { Difference } from './use-shadow.js';

export const TURNS = [
  'to_deny',
  'to_permit',
  'reason_only',
] as const satisfies readonly Difference['turns'][];

/** What stands in the address. */
export const USUAL = { turns: '', purpose: '' };

/** @param turns empty: all */
export function addressWith(draft: string, turns: string): string {
  return `/drafts/${encodeURIComponent(draft)}/shadow${turns === '' ? '' : `?turns=${turns}`}`;
}
