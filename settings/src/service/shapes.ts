/** Tells whether an answer has the members that the page reads. What it does not read, it does not ask for. */

/** Whether a value is one of a type. */
export type Shape<T> = (value: unknown) => value is T;

export const isText: Shape<string> = (value) => typeof value === 'string';
export const isYesOrNo: Shape<boolean> = (value) => typeof value === 'boolean';
export const isNumber: Shape<number> = (value): value is number =>
  typeof value === 'number' && Number.isFinite(value);
/** A time that can be shown. */
export const isTime: Shape<string> = (value): value is string =>
  isText(value) && !Number.isNaN(Date.parse(value));

/** Texts by name. */
export const isTexts: Shape<Readonly<Record<string, string>>> = (
  value,
): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => isText(one));

export function isOneOf<T extends string | boolean>(...words: readonly T[]): Shape<T> {
  return (value): value is T => words.some((word) => word === value);
}

export function isNullOr<T>(is: Shape<T>): Shape<T | null> {
  return (value): value is T | null => value === null || is(value);
}

export function isAbsentOr<T>(is: Shape<T>): Shape<T | undefined> {
  return (value): value is T | undefined => value === undefined || is(value);
}

export function isList<T>(is: Shape<T>): Shape<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every((one) => is(one));
}

type Members<T> = { readonly [name in keyof T]-?: Shape<T[name]> };

export function isObject<T extends object>(members: Members<T>): Shape<T> {
  const known = Object.entries<Shape<unknown>>(members);
  return (value): value is T =>
    typeof value === 'object' && value !== null && known.every(([name, is]) => is(Reflect.get(value, name)));
}

export function isEither<A, B, C, D>(...shapes: [Shape<A>, Shape<B>, Shape<C>?, Shape<D>?]) {
  return (value: unknown): value is A | B | C | D => shapes.some((is) => is?.(value));
}
