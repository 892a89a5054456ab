/**
 * What the rules of a policy cannot distinguish, so that one question answers for many cells of the decision table. It
 * is derived from the rules, not from the document: a rule names fields and compares attributes with listed values, and
 * nothing else can make two answers differ.
 */
import type { PolicyRule, RuleConditions } from '../rules/ability.js';

type Value = string | boolean;

/** An attribute with all the values that it can have. */
export type Axis = {
  /** Its name in conditions. */
  readonly path: string;
  readonly values: readonly Value[];
};

/** Partitions fields into groups: each rule covers all fields of a group or none. */
export function alikeFields(rules: readonly PolicyRule[], fields: readonly string[]): string[][] {
  // all fields are one group at first; each list of fields splits the groups
  const groupOf = new Map(fields.map((field) => [field, 0]));
  let groups = 1;
  for (const named of new Set(rules.flatMap(({ fields: list }) => (list === undefined ? [] : [list])))) {
    const parted = new Map<number, number>();
    for (const field of named) {
      const whole = groupOf.get(field);
      if (whole === undefined) continue;
      const part = parted.get(whole) ?? groups++;
      parted.set(whole, part);
      groupOf.set(field, part);
    }
  }
  const members = new Map<number, string[]>();
  for (const [field, group] of groupOf) {
    const list = members.get(group);
    if (list === undefined) members.set(group, [field]);
    else list.push(field);
  }
  return [...members.values()];
}

/** Per value of an attribute, the index of the first value that no rule distinguishes from it. */
export function firstAlike(rules: readonly PolicyRule[], { path, values }: Axis): number[] {
  const lists = rules.flatMap(({ conditions }) => {
    const condition = conditions?.[path];
    return condition === undefined ? [] : [valuesIn(condition)];
  });
  const firsts = new Map<string, number>();
  return values.map((value, place) => {
    const listed = lists.map((list) => (list.includes(value) ? '1' : '0')).join('');
    const first = firsts.get(listed) ?? place;
    firsts.set(listed, first);
    return first;
  });
}

/** Rules that could hold for an attribute with this value; one that asks for membership in a list without it cannot. */
export function rulesFor(rules: readonly PolicyRule[], path: string, value: Value): PolicyRule[] {
  return rules.filter(({ conditions }) => {
    const condition = conditions?.[path];
    return condition === undefined || !('$in' in condition) || valuesIn(condition).includes(value);
  });
}

/** The values that a condition compares with. */
function valuesIn(condition: RuleConditions[string]): readonly Value[] {
  if ('$ne' in condition) return [condition.$ne];
  return '$in' in condition ? condition.$in : condition.$nin;
}
