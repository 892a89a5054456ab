/**
 * What fields are made of. A derived field may be used only for what everything may be used for that it is made of;
 * beyond a release, only the floors of that count.
 */
import { type Category, type Field, type PolicyDocument, type Provenance, entryOf } from './policy.js';

/** The field itself, or one that it is made of. */
export type Ingredient = {
  readonly field: Field;
  /** Whether a release lies between: then only its floors count. */
  readonly isReleased: boolean;
};

/** The lineage of the fields of a sound document. */
export class Lineage {
  private readonly fields: ReadonlyMap<string, Field>;
  private readonly copying: ReadonlySet<string>;
  private readonly provenances = new Map<string, Provenance>();

  constructor({ fields, transforms = [] }: Pick<PolicyDocument, 'fields' | 'transforms'>) {
    this.fields = new Map(fields.map((field) => [field.id, field]));
    this.copying = new Set(transforms.flatMap(({ id, copies }) => (copies === true ? [id] : [])));
  }

  /** The field itself, then everything that it is made of: depth first, in the order of the sources, each once. */
  of(field: Field): Ingredient[] {
    return ingredientsOf(field, (id) => entryOf(this.fields, id));
  }

  /** Where the field itself comes from: it is inferred, unless it is a copy of what is provided. */
  provenanceOf(field: Field): Provenance {
    const known = this.provenances.get(field.id) ?? this.findProvenance(field);
    this.provenances.set(field.id, known);
    return known;
  }

  private findProvenance({ provenance, derived_from, transform = '', release }: Field): Provenance {
    if (derived_from === undefined) return provenance ?? 'inferred';
    const isCopy = release === undefined && this.copying.has(transform);
    const sources = derived_from.map((id) => entryOf(this.fields, id));
    return isCopy && sources.every((source) => this.provenanceOf(source) === 'provided')
      ? 'provided'
      : 'inferred';
  }
}

/**
 * See {@link Lineage.of}; sources that are not found are left out, and a circle ends.
 *
 * @param most how many to find before the search ends; absent: all
 */
export function ingredientsOf(
  field: Field,
  find: (id: string) => Field | undefined,
  most = Infinity,
): Ingredient[] {
  const found: Ingredient[] = [];
  const [whole, released] = [new Set<string>(), new Set<string>()];
  const left: Ingredient[] = [{ field, isReleased: false }];
  for (let next = left.pop(); next !== undefined && found.length <= most; next = left.pop()) {
    const { id, derived_from = [], release } = next.field;
    // what counts whole counts by its floors too
    if (whole.has(id) || (next.isReleased && released.has(id))) continue;
    (next.isReleased ? released : whole).add(id);
    found.push(next);
    const isReleased = next.isReleased || release !== undefined;
    for (const source of derived_from.toReversed()) {
      const made = find(source);
      if (made !== undefined) left.push({ field: made, isReleased });
    }
  }
  return found;
}

/** The shortest way from a field to one that it is made of, both included; the field alone where there is none. */
export function chainTo(field: Field, source: string, find: (id: string) => Field | undefined): string[] {
  const before = new Map([[field.id, '']]);
  // items added to a map during iteration are visited too
  for (const id of before.keys()) {
    if (id === source) break;
    for (const next of find(id)?.derived_from ?? []) if (!before.has(next)) before.set(next, id);
  }
  const chain: string[] = [];
  for (let id = before.has(source) ? source : field.id; id !== ''; id = before.get(id) ?? '')
    chain.unshift(id);
  return chain;
}

/** The category that a field has by itself; `undefined`: it is made of others, which have theirs. */
export function ownCategory({ category, release }: Field): Category | 'unclassified' | undefined {
  return release?.category ?? category;
}
