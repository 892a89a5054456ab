/** What is handed on to Prisma of a query that may be made. */
import { expect, test } from 'vitest';
import { mappingOf } from './mapping.js';
import { queryOf } from './operations.js';
import { readSchema } from './schema-text.js';

const SCHEMA = `model A {
  id Int @id /// @assent.none
  name String /// @assent.none
  bs B[]
}
model B {
  id Int @id /// @assent.none
  aId Int /// @assent.none
  a A @relation(fields: [aId], references: [id])
}`;

test.each([
  ['deleteMany', { where: undefined }],
  ['updateMany', { where: undefined, data: { name: undefined } }],
  ['findMany', { include: { bs: { where: undefined } } }],
])('what is `undefined` stays so, for Prisma to refuse where it is told to: %s', (operation, args) => {
  const { mapping } = mappingOf(readSchema(SCHEMA));
  const query = queryOf(mapping, mapping.get('A') ?? expect.unreachable('no `A`'), operation, args);
  // unlike `toMatchObject`, this asks that the member is there
  const { include, ...rest } = query.args;
  if (operation === 'findMany') expect(include).toHaveProperty('bs.where', undefined);
  else expect(rest).toStrictEqual(args);
});
