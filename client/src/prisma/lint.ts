/** Says which columns of a Prisma schema have no field. */
import { mappingOf } from './mapping.js';
import { readSchema } from './schema-text.js';

/**
 * A line for each fault: file, line and what to do. `undefined`: there is no model.
 *
 * @param texts by the name of the file; they are one schema
 */
export function lintSchema(texts: ReadonlyMap<string, string>): readonly string[] | undefined {
  const files = [...texts].map(([file, text]) => ({ file, lines: text.split('\n').length }));
  const models = readSchema([...texts.values()].join('\n'));
  if (models.length === 0) return undefined;
  const { faults } = mappingOf(models);
  return faults.map(({ line, message }) => {
    let before = 0;
    const found = files.find(({ lines }) => {
      const isHere = line <= before + lines;
      if (!isHere) before += lines;
      return isHere;
    });
    return `${found?.file ?? ''}:${line - before}: ${message}`;
  });
}
