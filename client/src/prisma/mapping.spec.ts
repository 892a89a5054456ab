/** What the comments of a schema come to. */
import { constantFrom, property, assert, array, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lintSchema } from './lint.js';
import { type Model, isOpen, mappingOf } from './mapping.js';
import { readSchema } from './schema-text.js';

function modelOf(schema: string, name: string): Model {
  const model = mappingOf(readSchema(schema), 'postgresql').mapping.get(name);
  return model ?? expect.unreachable(`no \`${name}\``);
}

function lint(schema: string): readonly string[] {
  return lintSchema(new Map([['schema.prisma', schema]])) ?? [];
}

const OWNED = `model User {
  /// @assent.user
  id String @id // a key { of "strings
  /// @assent.field member.name
  name String @default("/// @assent.none")
  email String? @unique /// @assent.field member.email
  /* /// @assent.none
     { */
  shoe Int?
}`;

test('a column is what the comment above or behind it says, and nothing else says it', () => {
  const { columns, user } = modelOf(OWNED, 'User');
  expect(user).toBe('id');
  expect([...columns.values()].map(({ name, use }) => [name, use])).toEqual([
    ['id', { kind: 'user' }],
    ['name', { kind: 'field', field: 'member.name' }],
    ['email', { kind: 'field', field: 'member.email' }],
    ['shoe', undefined],
  ]);
});

test('the linter names the line of each column without a field', () => {
  expect(lint(OWNED)).toEqual([expect.stringMatching(/^schema\.prisma:9: `User\.shoe` has no field: write/)]);
});

test('the linter names the file of a fault, where a schema has several', () => {
  const found = lintSchema(
    new Map([
      ['a.prisma', 'model A {\n  id Int @id /// @assent.none\n}\n'],
      ['b.prisma', 'model B {\n  id Int @id\n}\n'],
    ]),
  );
  expect(found).toEqual([expect.stringMatching(/^b\.prisma:2: `B\.id` has no field/)]);
});

test.each([
  ['another word', '/// @assent.nothing'],
  ['no field', '/// @assent.field'],
  ['two fields', '/// @assent.field a b'],
  ['a comment of two slashes', '// @assent.none'],
  ['two comments', '/// @assent.none\n/// @assent.user'],
  ['a comment behind an empty line', '/// @assent.none\n'],
  ['a word that goes on', '/// @assent.none of this'],
])('%s is no mapping, and denied', (_name, comment) => {
  const schema = `model A {\n${comment}\na Int\n}`;
  expect(modelOf(schema, 'A').columns.get('a')?.use).toBeUndefined();
  expect(lint(schema)).toHaveLength(1);
});

test.each([
  ['no owner', 'model A {\n/// @assent.field a\na Int\n}', 'has fields and no owner'],
  ['two owners', 'model A {\na Int /// @assent.user\nb Int /// @assent.user\n}', 'has two columns'],
])('a model with %s is told, and has none', (_name, schema, message) => {
  expect(lint(schema).join()).toContain(message);
  expect(modelOf(schema, 'A').user).toBeUndefined();
});

describe('a relation', () => {
  test('is open if and only if all that links it is', () => {
    const use = constantFrom('none', 'user', 'field a', undefined);
    const line = (comment: string | undefined) => (comment === undefined ? '' : `/// @assent.${comment}\n`);
    assert(
      property(
        record({ link: use, key: use, isNamed: constantFrom(true, false) }),
        ({ link, key, isNamed }) => {
          const name = isNamed ? '"of, [x]", ' : '';
          const schema = `model A {\n${line(key)}id Int @id\nbs B[] ${isNamed ? '@relation("of, [x]")' : ''}\n}
model B {\n${line(link)}aId Int\na A @relation(${name}fields: [aId],\n references: [id])\n}`;
          const isSaid = [link, key].every((said) => said === 'none' || said === 'user');
          expect(modelOf(schema, 'A').relations.get('bs')).toEqual({
            name: 'bs',
            model: 'B',
            isOpen: isSaid,
            owns: link === 'user' ? 'there' : undefined,
          });
          expect(modelOf(schema, 'B').relations.get('a')).toMatchObject({
            name: 'a',
            model: 'A',
            isOpen: isSaid,
          });
          expect(isOpen(modelOf(schema, 'B').columns.get('aId'))).toBe(isSaid);
          expect(modelOf(schema, 'A').columns.get('id')?.isCopied).toBe(!isSaid || link === 'user');
          expect(modelOf(schema, 'A').isHeld).toBe(!isSaid);
        },
      ),
    );
  });

  test('with a table of its own is open if both ends say so', () => {
    const schema = (a: string, b: string) =>
      `model A {\nid Int @id /// @assent.none\nbs B[] ${a}\n}\nmodel B {\nid Int @id /// @assent.none\nas A[] ${b}\n}`;
    const none = '/// @assent.none';
    expect(modelOf(schema(none, none), 'A').relations.get('bs')?.isOpen).toBe(true);
    for (const [a, b] of [
      [none, ''],
      ['', none],
      [none, '/// @assent.field x'],
      ['', ''],
    ] as const) {
      expect(modelOf(schema(a, b), 'A').relations.get('bs')?.isOpen).toBe(false);
      expect(modelOf(schema(a, b), 'B').relations.get('as')?.isOpen).toBe(false);
    }
  });

  test('of a model with itself is told from others by its name', () => {
    const schema = `model A {
      id Int @id /// @assent.user
      bossId Int? /// @assent.none
      boss A? @relation("boss", fields: [bossId], references: [id])
      team A[] @relation("boss")
      twinId Int? @unique /// @assent.field twin
      twin A? @relation(name: "twin", fields: [twinId], references: [id])
      of A? @relation(name: "twin")
    }`;
    const { relations } = modelOf(schema, 'A');
    expect([...relations.values()].map(({ name, isOpen }) => [name, isOpen])).toEqual([
      ['boss', true],
      ['team', true],
      ['twin', false],
      ['of', false],
    ]);
  });

  test('that is not open holds what leads to it, and circles end', () => {
    const schema = `model A {\nid Int @id /// @assent.none\nbs B[]\n}
model B {\nid Int @id /// @assent.user\naId Int /// @assent.none\na A @relation(fields: [aId], references: [id])\ncs C[]
  cId Int /// @assent.none\nc C @relation("back", fields: [cId], references: [id])\n}
model C {\nid Int @id /// @assent.user\nbId Int /// @assent.field c\nb B @relation(fields: [bId], references: [id])\nback B[] @relation("back")\n}
model D {\nid Int @id /// @assent.none\ndId Int? /// @assent.none\nd D? @relation(fields: [dId], references: [id])\nds D[]\n}`;
    const held = ['A', 'B', 'C', 'D'].map((name) => modelOf(schema, name).isHeld);
    expect(held).toEqual([true, true, true, false]);
  });

  test('that says anew whose a row is when its other end is deleted holds it, also at the end of others', () => {
    const schema = (use: string, way: string) => `model A {\nid Int @id /// @assent.none\nbs B[]\n}
model B {\nid Int @id /// @assent.none\naId Int /// @assent.none
  a A @relation(fields: [aId], references: [id], onDelete: Cascade)\ncs C[]\n}
model C {\nid Int @id /// @assent.none\nbId Int @unique @default(1) /// @assent.${use}
  b B @relation(fields: [bId], references: [id], onDelete: ${way})\nds D[]\n}`;
    // one whose rows are of whom a row of C is of
    const copy = `model D {\nid Int @id /// @assent.none\ncId Int /// @assent.user
  c C @relation(fields: [cId], references: [bId])\n}`;
    const held = (text: string) => ['A', 'B'].map((name) => modelOf(text, name).isHeld);
    expect(held(schema('user', 'SetDefault'))).toEqual([true, true]);
    expect(held(schema('none', 'SetDefault') + copy)).toEqual([true, true]);
    expect(held(schema('none', 'SetDefault'))).toEqual([false, false]);
    expect(held(schema('user', 'Cascade') + copy)).toEqual([false, false]);
  });

  test('makes copies of copies, so that what an owner refers to by others is copied too', () => {
    const schema = (use: string) => `model A {\nid Int @id /// @assent.none\nbs B[]\n}
model B {\nid Int @id /// @assent.none\naId Int @unique /// @assent.none
  a A @relation(fields: [aId], references: [id])\ncs C[]\n}
model C {\nid Int @id /// @assent.none\nof Int /// @assent.${use}
  b B @relation(fields: [of], references: [aId])\n}`;
    expect(modelOf(schema('user'), 'A').columns.get('id')?.isCopied).toBe(true);
    expect(modelOf(schema('none'), 'A').columns.get('id')?.isCopied).toBe(false);
  });

  test('of a schema in which all models refer to all others is read in no time', () => {
    const dense = (use: string) =>
      Array.from({ length: 40 }, (_one, at) => {
        const earlier = Array.from({ length: at }, (_other, to) => `M${to}`);
        const ends = earlier.map((to) => `to${to} ${to} @relation(fields: [id], references: [id])`);
        const backs = Array.from({ length: 39 - at }, (_other, to) => `of${to} M${to + at + 1}?`);
        const said = at === 0 ? use : 'none';
        return [`model M${at} {`, `id Int @id /// @assent.${said}`, ...ends, ...backs, '}'].join('\n');
      }).join('\n');
    const open = modelOf(dense('none'), 'M39');
    expect([...open.relations.values()].map(({ isOpen: is }) => is)).toEqual(Array(39).fill(true));
    expect(open.columns.get('id')?.isCopy).toBe(false);
    const closed = modelOf(dense('field a'), 'M39');
    expect([...closed.relations.values()].map(({ isOpen: is }) => is)).toEqual(Array(39).fill(false));
    expect(closed.columns.get('id')?.use).toBeUndefined();
  });

  test('that refers to a field makes copies of it, which have to say so too', () => {
    const schema = `model A {\nid Int @id /// @assent.user\nemail String @unique /// @assent.field email\nbs B[]\n}
model B {\nid Int @id /// @assent.none\nof String /// @assent.none\na A @relation(fields: [of], references: [email])\n}`;
    expect(modelOf(schema, 'B').columns.get('of')?.use).toBeUndefined();
    expect(lint(schema)).toEqual([expect.stringContaining('holds copies of `A.email`')]);
  });
});

test('a key with a field in it is told from one that is open, and what of it may stay empty', () => {
  const schema = `model A {
    id Int @id /// @assent.user
    label String @unique /// @assent.none
    email String? @unique /// @assent.field email
    level Level @default(LOW) /// @assent.field level
    otherId Int? /// @assent.none
    other B? @relation(fields: [otherId], references: [id])
    @@unique([label, level], name: "named")
    @@unique([otherId, level(sort: Desc)])
    @@unique([id, label])
    @@index([email])
  }
  model B {
    id Int @id /// @assent.none
    of A[]
  }`;
  expect(modelOf(schema, 'A').tellingKeys).toEqual([
    { columns: ['email'], optional: ['email'], isLink: false },
    { columns: ['label', 'level'], optional: [], isLink: false },
    { columns: ['otherId', 'level'], optional: [], isLink: true },
  ]);
  expect(modelOf(schema, 'B').tellingKeys).toEqual([]);
});

test.each([
  ['where: { flag: true }', [{ columns: ['slug', 'flag'], optional: ['slug'], isLink: false }]],
  [
    'map: "a", where: { flag: { not: null } }',
    [{ columns: ['slug', 'flag'], optional: ['slug'], isLink: false }],
  ],
  ['where: raw("shown")', [{ columns: ['slug', 'id', 'flag', 'shown'], optional: ['slug'], isLink: false }]],
  ['where: { shown: true }', []],
])('a key of some rows, `%s`, tells as the columns do that say which', (part, telling) => {
  const columns = `id Int @id /// @assent.none
    flag Boolean? /// @assent.field member.flag
    shown Boolean /// @assent.none`;
  const alone = `model A {\n${columns}\nslug String? @unique(${part}) /// @assent.none\n}`;
  const model = `model A {\n${columns}\nslug String? /// @assent.none\n@@unique([slug], ${part})\n}`;
  for (const schema of [alone, model]) expect(modelOf(schema, 'A').tellingKeys).toEqual(telling);
});

test('what of a key may stay empty is known of PostgreSQL alone', () => {
  const schema = 'model A {\nid Int @id /// @assent.user\nemail String? @unique /// @assent.field email\n}';
  const optional = (provider: unknown) =>
    mappingOf(readSchema(schema), provider)
      .mapping.get('A')
      ?.tellingKeys.map((key) => key.optional);
  expect(optional('postgresql')).toEqual([['email']]);
  for (const provider of ['sqlserver', 'mysql', 'sqlite', 'mongodb', 'cockroachdb', undefined])
    expect(optional(provider)).toEqual([[]]);
});

test('a comment behind the brace of a model is of no column, and told', () => {
  const schema = 'model A { /// @assent.none\n  a Int @id\n  b Int /// @assent.none\n}';
  const { columns } = modelOf(schema, 'A');
  expect([...columns.values()].map(({ use }) => use)).toEqual([undefined, { kind: 'none' }]);
  expect(lint(schema)).toEqual([
    expect.stringMatching(/^schema\.prisma:1: `A` has a comment with `@assent` behind its brace/),
    expect.stringMatching(/^schema\.prisma:2: `A\.a` has no field/),
  ]);
  expect(lint('model A { /// of ours\n  a Int @id /// @assent.none\n}')).toEqual([]);
});

test('a schema in any lay-out is read alike', () => {
  const blanks = array(constantFrom(' ', '\t', '  '), { minLength: 5, maxLength: 5 });
  assert(
    property(blanks, constantFrom('\n', '\r\n'), ([a, b, c, d, e], end) => {
      const lines = [`${a}model${b}A${c}{`, `${d}/// @assent.none${e}`, `${d}a${b}Int${c}@id`, `${a}}`];
      expect(modelOf(lines.join(end), 'A').columns.get('a')?.use).toEqual({ kind: 'none' });
    }),
  );
});
