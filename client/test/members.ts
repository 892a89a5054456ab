/** Reads parts of an OpenAPI document. */
import { memberOf } from '../src/terms/json.js';

export { memberOf };

/** An object with only these members of it, in its order. @throws Error when one is missing */
export function pickFrom(value: unknown, names: readonly string[]): Record<string, unknown> {
  const missing = names.find((name) => memberOf(value, name) === undefined);
  if (missing !== undefined) throw new Error(`there is no \`${missing}\` in the document`);
  return Object.fromEntries(Object.entries(Object(value)).filter(([name]) => names.includes(name)));
}

const REFERENCE = /"\$ref":"#\/components\/([^"]+)"/g;

/** What a part refers to, each as section and name: `schemas/Problem`. */
export function refsIn(part: unknown): string[] {
  return [...(JSON.stringify(part) ?? '').matchAll(REFERENCE)].map(([, name = '']) => name);
}
