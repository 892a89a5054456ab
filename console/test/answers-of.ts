/** What the answers must have that an OpenAPI document describes, as the page holds them against it. */
import { listAt, valueAt } from '../../test/e2e/replies.js';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
const JSON_TYPE = 'application/json';

/**
 * By method and path, the members that the answer must have, each with what it may be: `string`, `number|null`; `any`.
 *
 * @param document OpenAPI 3.1
 */
export function answersOf(
  document: unknown,
  paths: readonly string[],
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const answers: Record<string, Record<string, string>> = {};
  const real = (schema: unknown): unknown => {
    const reference = valueAt(schema, '$ref');
    return typeof reference === 'string'
      ? real(valueAt(document, 'components', 'schemas', reference.split('/').at(-1) ?? ''))
      : schema;
  };
  const kindsOf = (given: unknown): string => {
    const schema = real(given);
    const type = valueAt(schema, 'type');
    const some = valueAt(schema, 'anyOf') ?? valueAt(schema, 'oneOf');
    const kinds = Array.isArray(some)
      ? some.flatMap((one) => kindsOf(one).split('|'))
      : Array.isArray(type)
        ? type.map(String)
        : typeof type === 'string'
          ? [type]
          : ['any'];
    if (kinds.includes('any')) return 'any';
    return [...new Set(kinds.map((kind) => (kind === 'integer' ? 'number' : kind)))].join('|');
  };
  for (const path of paths)
    for (const method of METHODS) {
      const responses = valueAt(document, 'paths', path, method, 'responses');
      const good = Object.entries(Object(responses)).find(([status]) => status.startsWith('2'));
      const schema = real(valueAt(good?.[1], 'content', JSON_TYPE, 'schema'));
      if (valueAt(schema, 'type') !== 'object' || valueAt(schema, 'required') === undefined) continue;
      answers[`${method.toUpperCase()} ${path}`] = Object.fromEntries(
        listAt(schema, 'required')
          .map(String)
          .map((name) => [name, kindsOf(valueAt(schema, 'properties', name))]),
      );
    }
  return answers;
}
