/**
 * Groups fields that no rule distinguishes. There are few kinds, however many fields there are, so what a purpose may
 * do with a field is computed once for each kind.
 */
import type { FieldAtLevel, Part } from '../visibility.js';
import type { DenyReason } from '../reasons.js';
import type { Steps } from '../steps.js';

/** Fields at levels whose parts demand the same; what they are made of is the same as well. */
export type FieldKind = { readonly like: FieldAtLevel; readonly ids: string[] };

/** The kinds of the fields, in the order of their first ones. */
export function* fieldKinds(fields: readonly FieldAtLevel[]): Steps<FieldKind[]> {
  const kinds = new Map<string, FieldKind>();
  /** Of parts: those of derived fields are shared. */
  const demands = new Map<Part, string>();
  for (const like of fields) {
    const looks = like.parts
      .map((part) => {
        const demand = demands.get(part) ?? demandOf(part);
        demands.set(part, demand);
        return part.of === like.field.id ? demand : `${part.of} ${demand}`;
      })
      .join();
    const kind = kinds.get(looks);
    if (kind === undefined) kinds.set(looks, { like, ids: [like.id] });
    else kind.ids.push(like.id);
    yield;
  }
  return [...kinds.values()];
}

function demandOf({ floors, never, only, categories, provenance }: Part): string {
  return JSON.stringify([floors, never ?? null, only ?? null, categories, provenance ?? null]);
}

/** Why the policy itself closes a field to a purpose. */
export type Closed = {
  readonly reason: DenyReason;
  /** What closes it of the fields that it is made of; absent: it does so itself. */
  readonly source?: string;
};

/** The fields of a category by what the policy says about them and a purpose, for every user. */
export type Partition = {
  readonly open: string[];
  readonly closed: readonly (Closed & { readonly fields: string[] })[];
};

/**
 * Partitions fields for one purpose after the other. Purposes with equal partitions share the same lists, which saves
 * memory in large policies, and work for everything derived from a list.
 */
export function partitioner(
  kinds: readonly FieldKind[],
): (closedBecause: (kind: FieldKind) => Closed | undefined) => Partition {
  const partitions = new Map<string, Partition>();
  return (closedBecause) => {
    const answers = kinds.map(closedBecause);
    const keys = answers.map((closed) =>
      closed === undefined ? '' : `${closed.reason} ${closed.source ?? ''}`,
    );
    const key = keys.join();
    const known = partitions.get(key);
    if (known !== undefined) return known;
    const partition = partitioned(kinds, answers, keys);
    partitions.set(key, partition);
    return partition;
  };
}

/** @param keys of the answers */
function partitioned(
  kinds: readonly FieldKind[],
  answers: readonly (Closed | undefined)[],
  keys: readonly string[],
): Partition {
  const fieldsOf = (key: string) => kinds.flatMap(({ ids }, index) => (keys[index] === key ? ids : []));
  const closed = answers.flatMap((answer, index) => {
    const key = keys[index] ?? '';
    if (answer === undefined || keys.indexOf(key) < index) return [];
    return [{ ...answer, fields: fieldsOf(key) }];
  });
  return { open: fieldsOf(''), closed };
}
