import { refuse } from './obligation-error.js';

const SIMPLE = [
  'pseudonymise',
  'deidentify',
  'aggregate_only',
  'dp_noise',
  'participants_only',
  'verdict_only',
  'log_disclosure',
] as const;

/** An obligation that this library can keep. */
export type Obligation =
  | { readonly kind: (typeof SIMPLE)[number] }
  | { readonly kind: 'min_cohort'; readonly atLeast: number }
  | { readonly kind: 'retain'; readonly days: number };

/**
 * What an id in a decision obliges to, as the reference policy means it: `min_cohort_50` is 50 people, `retain_90d` is 90
 * days.
 *
 * @throws ObligationError `unknown_obligation`: treat the permit as a deny, unless your service keeps it by itself
 */
export function readObligation(id: string): Obligation {
  const kind = SIMPLE.find((kind) => kind === id);
  if (kind !== undefined) return { kind };
  const [, atLeast] = /^min_cohort_([1-9]\d{0,8})$/.exec(id) ?? [];
  // a group of one is no group
  if (atLeast !== undefined && atLeast !== '1') return { kind: 'min_cohort', atLeast: Number(atLeast) };
  const [, days] = /^retain_([1-9]\d{0,4})d$/.exec(id) ?? [];
  if (days !== undefined) return { kind: 'retain', days: Number(days) };
  return refuse(
    'unknown_obligation',
    'this library does not know the obligation: treat the permit as a deny',
  );
}
