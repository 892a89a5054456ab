/**
 * Visibility: a field of a group is data of another kind at each level of it. A field at a level has the categories of
 * that level and of every wider one besides its own, so a stricter level can only close. What a field is made of is
 * flattened here: everything else sees fields at levels, and the parts that each has.
 */
import type { AgeBand } from './consent-event.js';
import { type Ingredient, Lineage, ownCategory } from './derivation.js';
import {
  type Category,
  type Field,
  type PolicyDocument,
  type Provenance,
  type RemovedField,
  UNKNOWN_REGION,
  type VisibilityGroup,
  entryOf,
} from './policy.js';

/** What one of the fields that a field is made of demands of a purpose, or the field itself. */
export type Part = {
  /** The id of that field. */
  readonly of: string;
  /** Categories whose floors must name the purpose. */
  readonly floors: readonly Category[];
  readonly never?: readonly string[];
  readonly only?: readonly string[];
  /** Categories that the purpose must read. */
  readonly categories: readonly Category[];
  /** Absent: beyond a release, where it counts no more. */
  readonly provenance?: Provenance;
};

/** What a decision is about: a field, at one level of each visibility group of what it is made of. */
export type FieldAtLevel = {
  /** `post.text@connections`; the id of the field where it has no group. */
  readonly id: string;
  readonly field: Field;
  /** The level of each group. */
  readonly levels: ReadonlyMap<string, string>;
  /** The field itself, then what it is made of. */
  readonly parts: readonly Part[];
  /**
   * The categories that a purpose must read. Of a field that is not derived: its own, then those of the levels from the
   * widest to this one. Empty: it has none yet.
   */
  readonly categories: readonly Category[];
  /** The categories whose floors must name the purpose: these, and those of all that was released to make it. */
  readonly floors: readonly Category[];
  /** Of the releases by which it was made, besides those of the purpose. */
  readonly obligations: readonly string[];
  /** Field without a category, the field itself or one that it is made of; absent: there is none. */
  readonly unclassified?: string;
};

/** What holds for a field at all levels. */
export type DataOfField = {
  /** Ids of the visibility groups of all that it is made of. */
  readonly groups: readonly string[];
  /** Place of the field at the combination next to the strictest one; the others follow. */
  readonly wider: number;
  /** At no level: its own, or those of its sources. */
  readonly categories: readonly Category[];
  readonly provenance: Provenance;
};

/** All fields of a document, at all levels. */
export type FieldsAtLevels = {
  /** First each field at its strictest levels, in the order of the document, then those at wider levels. */
  readonly all: readonly FieldAtLevel[];
  /** Per field of the document. */
  readonly data: readonly DataOfField[];
  /** @throws Error when there is no such field */
  readonly dataOf: (field: string) => DataOfField;
  /**
   * Place of a name, also of one of another version: where a field has no such level here, its strictest one, and where
   * it has no group here, the field. `undefined`: there is no such field.
   */
  readonly placeOf: (id: string) => number | undefined;
  /**
   * Where the data is that is at these levels in another version. As `placeOf`, but where the field has another group
   * here, or had none, nobody set a level for it: so at its widest level.
   */
  readonly placeFrom: (other: Pick<FieldAtLevel, 'field' | 'levels'>) => number | undefined;
  /** The same, with the fields that replace it. */
  readonly placesFrom: (other: Pick<FieldAtLevel, 'field' | 'levels'>) => number[];
  /** What is remembered of removed fields, at all levels that these had. */
  readonly removed: readonly FieldAtLevel[];
  /** What is remembered of a field, at the levels that it has in another version. */
  readonly memoryOf: (other: Pick<FieldAtLevel, 'field' | 'levels'>) => FieldAtLevel | undefined;
};

/** Joins a field and a level: no id has it. */
const AT = '@';

/** The name of a field at a level. */
export function nameAt(field: string, level: string | undefined): string {
  return level === undefined ? field : `${field}${AT}${level}`;
}

/** The name of a field at the levels of several groups: `ad.segment@posts:everyone,activity:only_me`. */
function nameAtAll(field: string, levels: ReadonlyMap<string, string>): string {
  const [[, first] = []] = levels;
  if (levels.size < 2) return nameAt(field, first);
  return nameAt(field, [...levels].map((pair) => pair.join(':')).join());
}

/** The names of a field at each combination of levels. */
export function namesAtAll(field: string, groups: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  let combinations: ReadonlyMap<string, string>[] = [new Map()];
  for (const [group, levels] of groups)
    combinations = combinations.flatMap((one) =>
      [...levels].map((level) => new Map([...one, [group, level]])),
    );
  return combinations.map((levels) => nameAtAll(field, levels));
}

/** The levels in a name: of each group, or of the only one. */
function levelsIn(name: string): (group: string) => string | undefined {
  const [, text = ''] = name.split(AT, 2);
  if (!text.includes(':')) return () => text;
  const levels = new Map(text.split(',').map((pair) => [pair.split(':', 1)[0] ?? '', pair.split(':')[1]]));
  return (group) => levels.get(group);
}

/** The field in the name of a field at a level. */
export function fieldIn(name: string): string {
  return name.split(AT, 1)[0] ?? name;
}

/** The groups of a document by their ids. */
export function groupsOf({
  visibility = [],
}: Pick<PolicyDocument, 'visibility'>): Map<string, VisibilityGroup> {
  return new Map(visibility.map((group) => [group.id, group]));
}

/** INVARIANT: the document is sound. */
export function fieldsAtLevels(
  document: Pick<PolicyDocument, 'fields' | 'visibility' | 'transforms' | 'removed'>,
): FieldsAtLevels {
  const groups = groupsOf(document);
  const lineage = new Lineage(document);
  const parts = new Parts(lineage, groups);
  const strictest: FieldAtLevel[] = [];
  const wider: FieldAtLevel[] = [];
  const dataOf = new Map<string, DataOfField>();
  for (const field of document.fields) {
    const made = lineage.of(field);
    const own = groupsIn(made).map((id) => entryOf(groups, id));
    dataOf.set(field.id, {
      groups: own.map(({ id }) => id),
      wider: document.fields.length + wider.length,
      categories: categoriesOf(made),
      provenance: lineage.provenanceOf(field),
    });
    const [first, ...others] = combinationsOf(own).map((levels) => fieldAt(field, made, levels, parts));
    if (first !== undefined) strictest.push(first);
    wider.push(...others);
  }
  const fields = new Map(document.fields.map(({ id }, place) => [id, place]));
  const placeAt = (
    id: string,
    levelOf: (group: string) => string | undefined,
    others: 'strictest' | 'widest',
  ) => {
    const place = fields.get(id);
    const { groups: own = [], wider = 0 } = dataOf.get(id) ?? {};
    let [openness, radix] = [0, 1];
    for (const group of own) {
      const entry = entryOf(groups, group);
      const level = levelOf(group);
      const widest = entry.levels.length - 1;
      openness +=
        radix * (level === undefined && others === 'widest' ? widest : widest - levelPlace(entry, level));
      radix *= widest + 1;
    }
    return openness === 0 ? place : wider + openness - 1;
  };
  const removed = (document.removed ?? []).flatMap((one) => removedAtLevels(one, groups));
  const placeAtLevels = (id: string, levels: FieldAtLevel['levels']) =>
    placeAt(id, (group) => levels.get(group), 'widest');
  const memories = groupedBy(removed, (one) => one.field.id);
  const replacing = groupedBy(document.fields, ({ replaces }) => replaces);
  return {
    all: [...strictest, ...wider],
    data: [...dataOf.values()],
    dataOf: (id) => entryOf(dataOf, id),
    placesFrom: ({ field, levels }) =>
      [...new Set([field.id, ...(replacing.get(field.id) ?? []).map(({ id }) => id)])].flatMap(
        (id) => placeAtLevels(id, levels) ?? [],
      ),
    removed,
    memoryOf: ({ field, levels }) =>
      memories.get(field.id)?.find((one) =>
        [...one.levels].every(([group, level]) => {
          const entry = entryOf(groups, group);
          const here = levels.has(group) ? levelPlace(entry, levels.get(group)) : 0;
          return entry.levels[here]?.id === level;
        }),
      ),
    placeOf: (id) => placeAt(fieldIn(id), levelsIn(id), 'strictest'),
    placeFrom: ({ field, levels }) => placeAtLevels(field.id, levels),
  };
}

function groupedBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const grouped = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const known = grouped.get(key);
    if (known === undefined) grouped.set(key, [one]);
    else known.push(one);
  }
  return grouped;
}

/** A removed field at each combination of the levels of its groups. */
function removedAtLevels(
  { id, categories, provenances, visibility = [], never, only }: RemovedField,
  groups: ReadonlyMap<string, VisibilityGroup>,
): FieldAtLevel[] {
  const own = visibility.map((group) => entryOf(groups, group));
  const [provenance, ...others] = provenances;
  return combinationsOf(own).map((levels) => {
    const added = own.flatMap((group) => categoriesDownTo(group, levels.get(group.id)));
    const all = categories.length === 0 ? [] : [...new Set([...categories, ...added])];
    return {
      id: nameAtAll(id, levels),
      field: { id, title: id, identifiability: 'none' },
      levels,
      parts: [
        {
          of: id,
          floors: all,
          ...(never === undefined ? {} : { never }),
          ...(only === undefined ? {} : { only }),
          categories: all,
          ...(provenance === undefined ? {} : { provenance }),
        },
        ...others.map((other) => ({ of: id, floors: [], categories: [], provenance: other })),
      ],
      categories: all,
      floors: all,
      obligations: [],
    };
  });
}

/** All combinations of levels, the one of the strictest first; of the first group the levels change fastest. */
function combinationsOf(groups: readonly VisibilityGroup[]): ReadonlyMap<string, string>[] {
  let all: ReadonlyMap<string, string>[] = [new Map()];
  for (const { id, levels } of groups)
    all = levels.toReversed().flatMap((level) => all.map((one) => new Map([...one, [id, level.id]])));
  return all;
}

/** The categories that a level and the wider ones add. */
function categoriesDownTo(group: VisibilityGroup, level: string | undefined): Category[] {
  return group.levels.slice(0, levelPlace(group, level) + 1).map(({ category }) => category);
}

/** Ids of the groups of all that a field is made of. */
export function groupsIn(ingredients: readonly Ingredient[]): string[] {
  return [...new Set(ingredients.flatMap(({ field }) => field.visibility ?? []))];
}

/** The categories at no level, those beyond a release left out. */
function categoriesOf(made: readonly Ingredient[]): Category[] {
  const whole = made.filter(({ isReleased }) => !isReleased).map(({ field }) => ownCategory(field));
  return [...new Set(whole.flatMap((own) => (own === undefined || own === 'unclassified' ? [] : [own])))];
}

function fieldAt(
  field: Field,
  made: readonly Ingredient[],
  levels: ReadonlyMap<string, string>,
  parts: Parts,
): FieldAtLevel {
  const own = made.map((ingredient) => parts.of(ingredient, levels.get(ingredient.field.visibility ?? '')));
  const unclassified = made.find((one) => ownCategory(one.field) === 'unclassified')?.field.id;
  const obligations = made.flatMap(({ field }) => field.release?.obligations ?? []);
  return {
    id: nameAtAll(field.id, levels),
    field,
    levels,
    parts: own,
    categories: unclassified === undefined ? unionOf(own.map(({ categories }) => categories)) : [],
    floors: unionOf(own.map(({ floors }) => floors)),
    obligations: [...new Set(obligations)],
    ...(unclassified === undefined ? {} : { unclassified }),
  };
}

function unionOf(lists: readonly (readonly Category[])[]): Category[] {
  return [...new Set(lists.flat())];
}

/** The parts of fields, each made once for all that is made of it. */
class Parts {
  private readonly made = new Map<string, Part>();

  constructor(
    private readonly lineage: Lineage,
    private readonly groups: ReadonlyMap<string, VisibilityGroup>,
  ) {}

  of({ field, isReleased }: Ingredient, level: string | undefined): Part {
    const key = `${field.id} ${isReleased} ${level}`;
    const part = this.made.get(key) ?? this.make(field, isReleased, level);
    this.made.set(key, part);
    return part;
  }

  private make(field: Field, isReleased: boolean, level: string | undefined): Part {
    const own = ownCategory(field);
    const group = this.groups.get(field.visibility ?? '');
    const added = group === undefined ? [] : categoriesDownTo(group, level);
    const floors = own === undefined || own === 'unclassified' ? [] : [...new Set([own, ...added])];
    if (isReleased) return { of: field.id, floors, categories: [] };
    const { never, only } = field;
    return {
      of: field.id,
      floors,
      ...(never === undefined ? {} : { never }),
      ...(only === undefined ? {} : { only }),
      categories: floors,
      provenance: this.lineage.provenanceOf(field),
    };
  }
}

/** The category that a rule calls a field at a level by: the last one. */
export function categoryAt({ categories }: FieldAtLevel): Category | undefined {
  return categories.at(-1);
}

/** Place of a level among those of its group; the last, strictest one for a level that it does not have. */
export function levelPlace({ levels }: VisibilityGroup, level: string | undefined): number {
  const place = levels.findIndex(({ id }) => id === level);
  return place < 0 ? levels.length - 1 : place;
}

/** The level of members who have set none. @param regime of decisions */
export function defaultLevel(
  { unknown_regime }: PolicyDocument,
  { defaults }: VisibilityGroup,
  regime: string,
  age: AgeBand,
): string | undefined {
  const levels = age === 'adult' ? defaults.adult : defaults.minor_or_age_unknown;
  return levels[regime === UNKNOWN_REGION ? unknown_regime : regime];
}
