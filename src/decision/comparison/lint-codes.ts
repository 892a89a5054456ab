/** What lints find, and how they name it. */
import { eachQuoted, listOf } from '../lists.js';
import type { CompileError } from '../rules/validate.js';

/** The closed set of codes, each with what it means. */
export const LINTS = {
  regime_without_regions: 'no user can live under the regime',
  place_under_two_laws: 'two codes of one place lie in two regimes',
  region_unknown: 'no country has the region, so no user can live there',
  obligation_unused: 'no purpose and no release obliges callers to it',
  description_missing: 'users are not told what the purpose does',
  description_short: 'users are told too little of the purpose to choose by',
  description_repeats_title: 'the description of the purpose says nothing that its title does not say',
  opt_in_unreachable: 'users are asked to opt in where no choice of theirs can open anything',
  category_unread: 'the purpose lists a category, but none of its fields is open to the purpose',
  provenance_unread: 'the purpose lists a provenance that no field has which is open to it',
  terms_unreachable: 'the purpose has conditions or obligations, but it is never open, so they never matter',
  budget_missing: 'figures of the purpose have to be paid for, and it has no privacy budget',
  dpv_unknown: 'the Data Privacy Vocabulary has no such purpose',
  basis_missing: 'no legal basis of the purpose is named where it is used',
  basis_contradicts_setting: 'the purpose has a setting that its legal basis does not go with',
  owner_missing: 'nobody is said to answer for the purpose',
  review_missing: 'no day is set for the next review of the purpose',
  review_overdue: 'the day is past by which somebody was to look at the purpose again',
  field_unused: 'no purpose can ever read the field',
  release_wider_than_sources: 'a released field is open to purposes that may read none of its sources',
  release_overdue: 'the day is past by which somebody was to look at a release again',
  only_unread: 'the `only` of the field names a purpose that another rule keeps from the field',
  client_unopened: 'the client may do nothing, and no purpose it may ask for is ever open',
  client_purpose_unread: 'the client may ask for a purpose that can never read anything',
  purpose_unasked: 'no client may ask for the purpose',
  visibility_unused: 'no field is in the visibility group',
  level_unread: 'no purpose can ever read a field of the group at the level',
  overlay_unreachable: 'an overlay closes a purpose that is closed without it',
  category_widened: 'a new field is open from the start to purposes that read its category already',
  floor_field_replaced:
    'a field went out from under the floor of its category while another came in elsewhere',
  floor_field_reclassified: 'a field moved from under the floor of its category to another category',
  translation_missing: 'readers of a language get texts in the first one',
  translation_left: 'a text changed in one language and not in another',
} as const;

export type LintCode = keyof typeof LINTS;

/** One finding: what kind, where, and a sentence that says what to do. */
export type Lint = {
  readonly code: LintCode;
  /** Keys and indexes from the root of the document. */
  readonly path: CompileError['path'];
  readonly message: string;
};

/** Maximum number of names in a sentence, before they are only counted. */
const MOST_NAMES = 5;

/** Ids for a sentence. */
export function named(ids: readonly string[]): string {
  return few(eachQuoted(ids));
}

/** The first of these names, and how many there are besides. */
export function few(all: readonly string[]): string {
  const names = all.slice(0, MOST_NAMES);
  return listOf(all.length > MOST_NAMES ? [...names, `${all.length - MOST_NAMES} more`] : names, 'and');
}
