/** How reasons are drawn: a sign for each, and never colour alone. */
import { type Reason, looksAt } from '../../../../src/decision/reasons.js';

/** What a reader must be able to tell apart at a glance. */
export type Tone = 'open' | 'user' | 'policy' | 'floor';

const SIGNS: Partial<Readonly<Record<Reason, string>>> = {
  permitted: '●',
  floor: '■',
  field_prohibited: '×',
  category_not_allowed: '–',
  provenance_not_allowed: '÷',
  field_unclassified: '?',
  regime_never: '§',
  needs_opt_in: '○',
  opted_out: '⊘',
  signal_opted_out: '⊖',
  age: '△',
  unknown_user: '◌',
};

export function signOf(reason: Reason): string {
  return SIGNS[reason] ?? '!';
}

export function toneOf(reason: Reason): Tone {
  if (reason === 'permitted') return 'open';
  if (reason === 'floor') return 'floor';
  // nothing that the person may say opens it
  if (reason === 'regime_never') return 'policy';
  return looksAt(reason) === 'user' ? 'user' : 'policy';
}
