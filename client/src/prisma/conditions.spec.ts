/** Conditions that can be read in two ways are refused, for only one of them was looked at. */
import { describe, expect, test } from 'vitest';
import { checkWhere } from './conditions.js';
import { mappingOf } from './mapping.js';
import { QueryRefused } from './query-refused.js';
import { readSchema } from './schema-text.js';

describe.each(['is', 'isNot', 'some', 'every', 'none'])('a model with a column named `%s`', (way) => {
  const check = (column: string, where: unknown) => {
    const schema = `model A {\nid Int @id /// @assent.none\nbId Int /// @assent.none
  b B @relation(fields: [bId], references: [id])\n}
model B {\nid Int @id /// @assent.none\n${column} Int? /// @assent.field x\nas A[]\n}`;
    const { mapping } = mappingOf(readSchema(schema));
    checkWhere(mapping, mapping.get('A') ?? expect.unreachable('no `A`'), where);
  };

  test('is compared with no relation', () => {
    for (const where of [{ [way]: { id: 1 } }, { [way]: null }, { id: 1 }, {}])
      expect(() => check(way, { b: where })).toThrow(QueryRefused);
    expect(() => check(way, { b: { id: 1 } })).toThrow(`\`B.${way}\` has the name of a way to compare`);
  });

  test('is told from one with another name', () => {
    expect(() => check('other', { b: { [way]: { id: 1 } } })).not.toThrow();
    expect(() => check(way, { id: 1 })).not.toThrow();
  });
});
