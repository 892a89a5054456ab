/**
 * Visibility: a field of a group is data of another kind at each level of it. A field at a level has the categories of
 * that level and of every wider one besides its own, so a stricter level can only close.
 */
import type { AgeBand } from './consent-event.js';
import {
  type Category,
  type Field,
  type PolicyDocument,
  UNKNOWN_REGION,
  type VisibilityGroup,
  entryOf,
} from './policy.js';

/** What a decision is about: a field at one of the levels of its group, or a field that has none. */
export type FieldAtLevel = {
  /** `post.text@connections`; the id of the field where it has no group. */
  readonly id: string;
  readonly field: Field;
  /** Absent: the field has no group. */
  readonly level?: string;
  /** Its own category, then those of the levels from the widest to this one. Empty: it has none yet. */
  readonly categories: readonly Category[];
};

/** All fields of a document, at all levels. */
export type FieldsAtLevels = {
  /** First each field at its strictest level, in the order of the document, then those at the wider levels. */
  readonly all: readonly FieldAtLevel[];
  /**
   * Place of a name, also of one of another version: where a field has no such level here, its strictest one, and where
   * it has no group here, the field. `undefined`: there is no such field.
   */
  readonly placeOf: (id: string) => number | undefined;
  /**
   * Where the data is that is at this level in another version. As `placeOf`, but where the field has another group
   * here, or had none, nobody set a level for it: so at its widest level.
   */
  readonly placeFrom: (other: FieldAtLevel) => number | undefined;
};

/** Joins a field and a level: no id has it. */
const AT = '@';

/** The name of a field at a level. */
export function nameAt(field: string, level: string | undefined): string {
  return level === undefined ? field : `${field}${AT}${level}`;
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
export function fieldsAtLevels(document: Pick<PolicyDocument, 'fields' | 'visibility'>): FieldsAtLevels {
  const groups = groupsOf(document);
  const strictest: FieldAtLevel[] = [];
  const wider: FieldAtLevel[] = [];
  const widest = new Map<string, string>();
  for (const field of document.fields) {
    const own = field.category === 'unclassified' ? [] : [field.category];
    if (field.visibility === undefined) {
      strictest.push({ id: field.id, field, categories: own });
      continue;
    }
    const { levels } = entryOf(groups, field.visibility);
    const ladder = levels.map(({ id }, place): FieldAtLevel => {
      const added = levels.slice(0, place + 1).map(({ category }) => category);
      return {
        id: nameAt(field.id, id),
        field,
        level: id,
        categories: own.length === 0 ? [] : [...new Set([...own, ...added])],
      };
    });
    widest.set(field.id, ladder[0]?.id ?? field.id);
    const [last, ...others] = ladder.toReversed();
    if (last !== undefined) strictest.push(last);
    wider.push(...others);
  }
  const all = [...strictest, ...wider];
  const places = new Map(all.map(({ id }, place) => [id, place]));
  const fields = new Map(document.fields.map(({ id }, place) => [id, place]));
  const placeOf = (id: string) => places.get(id) ?? fields.get(fieldIn(id));
  return {
    all,
    placeOf,
    placeFrom: ({ id, field }) => {
      const here = document.fields[fields.get(field.id) ?? -1];
      return placeOf(here?.visibility === field.visibility ? id : (widest.get(field.id) ?? field.id));
    },
  };
}

/** The category that a rule calls a field at a level by: that of the level. */
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
