/** Conditions that can be read in two ways are refused, for only one of them was looked at. */
import { describe, expect, test } from 'vitest';
import { checkHaving, checkWhere } from './conditions.js';
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

describe('a name that means two things is refused', () => {
  const refusalOf = (columns: string, where: unknown) => {
    const schema = `model A {\nid Int @id /// @assent.none\n${columns}\n}
model B {\nid Int @id /// @assent.none\na Int /// @assent.none\nb Int /// @assent.none\nas A[]\n}`;
    const { mapping } = mappingOf(readSchema(schema));
    checkWhere(mapping, mapping.get('A') ?? expect.unreachable('no `A`'), where);
  };
  const key = (name: string, attribute: string) => `a Int /// @assent.field x
    b Int /// @assent.none
    bId Int /// @assent.none
    ${name} B @relation(fields: [bId], references: [id])
    ${attribute}`;

  test.each([
    ['a key and a relation', key('a_b', '@@unique([a, b])'), { a_b: { a: 1, b: 1 } }],
    [
      'a key with a name, and a relation',
      key('both', '@@id([a, b], name: "both")'),
      { both: { a: 1, b: 1 } },
    ],
    ['a way to join and a column', 'OR String[] /// @assent.field x', { OR: [] }],
    ['the same, within another', 'NOT Json /// @assent.field x', { AND: [{ NOT: {} }] }],
  ])('%s', (_what, columns, where) => {
    expect(() => refusalOf(columns, where)).toThrow(/^`A\.\w+` has the name of a key or of a way to join/);
  });

  test('a way to join and a column, of groups', () => {
    const schema = 'model A {\nid Int @id /// @assent.none\nAND String[] /// @assent.field x\n}';
    const model = mappingOf(readSchema(schema)).mapping.get('A') ?? expect.unreachable('no `A`');
    expect(() => checkHaving(model, { AND: [] })).toThrow(/^`A\.AND` has the name/);
  });

  test('and no other', () => {
    expect(() =>
      refusalOf(key('other', '@@unique([a, b], map: "other")'), { other: { a: 1, b: 1 } }),
    ).not.toThrow();
    expect(() => refusalOf('a Int @unique /// @assent.none', { a: 1, OR: [] })).not.toThrow();
  });
});
