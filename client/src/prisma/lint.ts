/** Says which columns of a Prisma schema have no field. */
import { mappingOf } from './mapping.js';
import { readSchema } from './schema-text.js';

/**
 * A line for each fault: file, line and what to do. `undefined`: there is no model.
 *
 * @param texts by the name of the file; they are one schema
 */
export function lintSchema(texts: ReadonlyMap<string, string>): readonly string[] | undefined {
  const models = readSchema([...texts.values()].join('\n'));
  if (models.length === 0) return undefined;
  const places = [...texts].flatMap(([file, text]) =>
    text.split('\n').map((_line, at) => `${file}:${at + 1}`),
  );
  return mappingOf(models).faults.map(({ line, message }) => `${places[line - 1] ?? ''}: ${message}`);
}
