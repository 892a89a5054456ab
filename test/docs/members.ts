/** Members of documents that were parsed. */
import { memberOf } from '../../src/json.js';

export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => memberOf(inner, name), value);
}

/** @throws Error when there is no list */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = at(value, ...path);
  if (!Array.isArray(list)) throw new Error(`there is no list at ${path.join('.')}`);
  return list;
}

export function named(list: readonly unknown[], name: string): unknown {
  return list.find((one) => memberOf(one, 'name') === name);
}
