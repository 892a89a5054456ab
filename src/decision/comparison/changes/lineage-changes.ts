/**
 * What changes about releases and about what is remembered of removed fields. Cells do not show it: a release is
 * approved for what it is made of, and a memory acts only once the data comes back.
 */
import { eachQuoted, listOf } from '../../lists.js';
import type { Field, ReleaseMethod } from '../../policy.js';
import type { CompiledPolicy } from '../../rules/compile.js';
import { type Ingredient, ingredientsOf } from '../../derivation.js';
import type { FieldAtLevel, FieldsAtLevels } from '../../visibility.js';

export type ChangeOfLineage = {
  readonly field: string;
  /** `release`: it is released from more than before, so privacy officers approve it. */
  readonly kind: 'release' | 'removed';
  /** One line of plain text, ids in backticks. Each change may open something. */
  readonly says: string;
};

export function changesOfLineage(before: CompiledPolicy, after: CompiledPolicy): ChangeOfLineage[] {
  return [...changedReleases(before, after), ...changedMemory(before.atLevels, after.atLevels)];
}

/** Releases that are new, or wider than before. */
function changedReleases(before: CompiledPolicy, after: CompiledPolicy): ChangeOfLineage[] {
  return after.document.fields.flatMap((field): ChangeOfLineage[] => {
    if (field.release === undefined) return [];
    const was = before.fields.get(field.id);
    const how =
      was?.release === undefined
        ? [`\`${field.id}\` is released from the rules of ${named(field.derived_from ?? [])}`]
        : widenings(releaseOf(before, was), releaseOf(after, field)).map(
            (what) => `the release of \`${field.id}\` ${what}`,
          );
    return how.map((says) => ({ field: field.id, kind: 'release', says }));
  });
}

/** All that a release was approved for. */
type Released = {
  readonly field: Field;
  readonly method: ReleaseMethod | undefined;
  /** Ids of all that it is made of, with those of removed fields whose data this may hold. */
  readonly made: readonly string[];
  /** Of these, what no other release lies before. */
  readonly raw: readonly string[];
};

function releaseOf({ document, fields }: CompiledPolicy, field: Field): Released {
  const transform = document.transforms?.find(({ id }) => id === field.transform);
  const { release: _own, ...unreleased } = field;
  const [, ...made] = ingredientsOf(unreleased, (id) => fields.get(id));
  return {
    field,
    method: transform?.release,
    made: idsIn(made),
    raw: idsIn(made.filter(({ isReleased }) => !isReleased)),
  };
}

function idsIn(ingredients: readonly Ingredient[]): string[] {
  return [
    ...new Set(
      ingredients.flatMap(({ field: { id, replaces } }) => (replaces === undefined ? [id] : [id, replaces])),
    ),
  ];
}

/** In which ways a release is wider than it was, each to follow "the release of …". */
function widenings(was: Released, is: Released): string[] {
  const [old, now] = [was.field.release, is.field.release];
  const added = is.made.filter((id) => !was.made.includes(id));
  const bared = lacking(is.raw, was.raw).filter((id) => was.made.includes(id));
  const dropped = lacking(old?.obligations ?? [], now?.obligations ?? []);
  const opened = lacking(was.field.never ?? [], is.field.never ?? []);
  const isOpened =
    was.field.only !== undefined &&
    (is.field.only === undefined || lacking(is.field.only, was.field.only).length > 0);
  return [
    ...(old?.category === now?.category
      ? []
      : [`makes it \`${now?.category}\` from now on, not \`${old?.category}\``]),
    ...(added.length === 0 ? [] : [`is made of ${named(added)} too from now on`]),
    ...(bared.length === 0
      ? []
      : [`is made of ${named(bared)} itself from now on, not only of what is released of it`]),
    ...(dropped.length === 0 ? [] : [`no longer obliges to ${named(dropped)}`]),
    ...(opened.length === 0 ? [] : [`is no longer never for ${named(opened)}`]),
    ...(isOpened ? ['is open to more purposes by its `only`'] : []),
    ...(isWeaker(was.method, is.method) ? ['is made by another method from now on'] : []),
    ...((now?.review ?? '') > (old?.review ?? '')
      ? [`is looked at again on ${now?.review}, not on ${old?.review}`]
      : []),
  ];
}

function isWeaker(was: ReleaseMethod | undefined, is: ReleaseMethod | undefined): boolean {
  return was?.method !== is?.method || was?.by !== is?.by || (is?.at_least ?? 0) < (was?.at_least ?? 0);
}

/** What is in the first list and not in the second. */
function lacking(these: readonly string[], those: readonly string[]): string[] {
  return these.filter((one) => !those.includes(one));
}

/**
 * What is no longer remembered, or remembered as less strict than it was, and what comes back as something less strict.
 */
function changedMemory(before: FieldsAtLevels, after: FieldsAtLevels): ChangeOfLineage[] {
  const told = new Map<string, ChangeOfLineage>();
  const tell = (field: string, says: string) => told.set(says, { field, kind: 'removed', says });
  for (const was of [...before.all, ...before.removed]) {
    const { id } = was.field;
    for (const is of comebacksOf(was, before, after))
      if (!isAsStrict(was, is))
        tell(
          is.field.id,
          is.field.id === id
            ? `\`${id}\` comes back, and is less strict than what is remembered of it`
            : `\`${is.field.id}\` replaces \`${id}\`, and is less strict than that was`,
        );
    if (after.placeFrom(was) !== undefined) continue;
    const memory = after.memoryOf(was);
    if (memory === undefined)
      tell(
        id,
        before.placeFrom(was) === undefined
          ? `what \`${id}\` was is forgotten, so what it held may come back as something less strict`
          : `\`${id}\` is removed and not remembered, so what it held may come back as something less strict: list it under \`removed\``,
      );
    else if (!isAsStrict(was, memory)) tell(id, `\`${id}\` is remembered as less strict than it was`);
  }
  return [...told.values()];
}

/** Fields at levels that hold from now on what a field held, or one that is remembered. */
function comebacksOf(was: FieldAtLevel, before: FieldsAtLevels, after: FieldsAtLevels): FieldAtLevel[] {
  const held = new Set(before.placesFrom(was).map((place) => before.all[place]?.field.id));
  return after
    .placesFrom(was)
    .flatMap((place) => after.all[place] ?? [])
    .filter(({ field }) => !held.has(field.id));
}

/** Whether all that closes one field at its levels closes the other too. */
function isAsStrict(one: FieldAtLevel, other: FieldAtLevel): boolean {
  if (other.categories.length === 0) return true;
  const [was, is] = [demandsOf(one), demandsOf(other)];
  return (
    one.categories.length > 0 &&
    lacking(was.all, is.all).length === 0 &&
    (was.only === undefined || (is.only !== undefined && lacking(is.only, was.only).length === 0))
  );
}

/** All that a field demands of a purpose: what must not be missing, and the only purposes that it is open to. */
function demandsOf({ parts }: FieldAtLevel): {
  readonly all: readonly string[];
  readonly only?: readonly string[];
} {
  const [first, ...others] = parts.flatMap(({ only }) => (only === undefined ? [] : [only]));
  const only = first?.filter((id) => others.every((list) => list.includes(id)));
  return {
    all: parts.flatMap(({ floors, never = [], categories, provenance }) => [
      ...floors.map((category) => `floor ${category}`),
      ...never.map((id) => `never ${id}`),
      ...categories.map((category) => `category ${category}`),
      ...(provenance === undefined ? [] : [`provenance ${provenance}`]),
    ]),
    ...(only === undefined ? {} : { only }),
  };
}

/** Ids for a sentence. */
function named(ids: readonly string[]): string {
  return listOf(eachQuoted(ids), 'and');
}
