/**
 * What the rules of a policy cannot tell apart, so that one question answers for many cells of the decision table. It is
 * read off the rules and not off the document: a rule names fields, and compares an attribute with the values that it
 * lists, and nothing else can make two questions differ. What this file finds alike is therefore answered alike.
 */
import type { PolicyRule, RuleConditions } from '../rules/ability.js';

type Value = string | boolean;

/** An attribute with all the values that it can have. */
export type Axis = {
  /** As conditions name it. */
  readonly path: string;
  readonly values: readonly Value[];
};

/** Parts fields into groups: each rule speaks of all fields of a group or of none of them. */
export function alikeFields(rules: readonly PolicyRule[], fields: readonly string[]): string[][] {
  // all fields are one group at first; each list of fields parts those it names from those it does not
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

/** Per value of an attribute, the place of the first one that no rule tells from it. */
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
