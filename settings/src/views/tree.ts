import type { Purpose } from '../service/answers.js';

/** A purpose with those that are a part of it. */
export type Branch = { readonly purpose: Purpose; readonly parts: readonly Branch[] };

/** Purposes as a tree, in the order of the policy. One whose parent is not among them stands by itself. */
export function treeOf(purposes: readonly Purpose[]): readonly Branch[] {
  const ids = new Set(purposes.map(({ id }) => id));
  const below = (parent: string | null): readonly Branch[] =>
    purposes
      .filter((purpose) => (ids.has(purpose.parent ?? '') ? purpose.parent : null) === parent)
      .map((purpose) => ({ purpose, parts: below(purpose.id) }));
  return below(null);
}
