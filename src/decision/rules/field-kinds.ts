/**
 * Groups fields that no rule distinguishes. There are few kinds, however many fields there are, so what a purpose may
 * do with a field is computed once for each kind.
 */
import type { FieldAtLevel } from '../visibility.js';
import type { DenyReason } from '../reasons.js';
import type { Steps } from '../steps.js';

/** Fields at levels, of the same categories and provenance, never and only for the same purposes. */
export type FieldKind = { readonly like: FieldAtLevel; readonly ids: string[] };

/** The kinds of the fields, in the order of their first ones. */
export function* fieldKinds(fields: readonly FieldAtLevel[]): Steps<FieldKind[]> {
  const kinds = new Map<string, FieldKind>();
  for (const like of fields) {
    const { provenance, never, only } = like.field;
    const looks = JSON.stringify([like.categories, provenance, never ?? null, only ?? null]);
    const kind = kinds.get(looks);
    if (kind === undefined) kinds.set(looks, { like, ids: [like.id] });
    else kind.ids.push(like.id);
    yield;
  }
  return [...kinds.values()];
}

/** The fields of a category by what the policy says about them and a purpose, for every user. */
export type Partition = {
  readonly open: string[];
  readonly closed: ReadonlyMap<DenyReason, string[]>;
};

/**
 * Partitions fields for one purpose after the other. Purposes with equal partitions share the same lists, which saves
 * memory in large policies, and work for everything derived from a list.
 */
export function partitioner(
  kinds: readonly FieldKind[],
): (closedBecause: (kind: FieldKind) => DenyReason | undefined) => Partition {
  const partitions = new Map<string, Partition>();
  return (closedBecause) => {
    const reasons = kinds.map(closedBecause);
    const key = reasons.join();
    const known = partitions.get(key);
    if (known !== undefined) return known;
    const partition = partitioned(kinds, reasons);
    partitions.set(key, partition);
    return partition;
  };
}

function partitioned(kinds: readonly FieldKind[], reasons: readonly (DenyReason | undefined)[]): Partition {
  const idsOf = (reason: DenyReason | undefined) =>
    kinds.flatMap(({ ids }, index) => (reasons[index] === reason ? ids : []));
  const closed = new Map<DenyReason, string[]>();
  for (const reason of reasons)
    if (reason !== undefined && !closed.has(reason)) closed.set(reason, idsOf(reason));
  return { open: idsOf(undefined), closed };
}
