/** Nothing is asked of a client whose schema we read otherwise than Prisma does. */
import { expect, test } from 'vitest';
import { mappingIn } from './client.js';

const SCHEMA = `model User {
  id String @id /// @assent.user
  posts Post[]
}
model Post {
  id Int @id /// @assent.none
  authorId String /// @assent.user
  author User @relation(fields: [authorId], references: [id])
}
model Left {
  id Int @id
  @@ignore
}`;
const USER = [
  { name: 'id', kind: 'scalar', type: 'String' },
  { name: 'posts', kind: 'object', type: 'Post', relationName: 'PostToUser' },
];
const POST = [
  { name: 'id', kind: 'scalar', type: 'Int' },
  { name: 'authorId', kind: 'scalar', type: 'String' },
  { name: 'author', kind: 'object', type: 'User', relationName: 'PostToUser' },
];

/** As a client of Prisma 7 keeps it. */
function clientOf(models: unknown, isEmpty = () => true, inlineSchema: unknown = SCHEMA): object {
  return {
    _engineConfig: { inlineSchema },
    _runtimeDataModel: { models },
    _extensions: { isEmpty },
  };
}

const models = (user: unknown, post: unknown = POST) => ({ User: { fields: user }, Post: { fields: post } });

test('a client that has what its schema says is known with its models', () => {
  expect([...mappingIn(clientOf(models(USER))).keys()]).toEqual(['User', 'Post']);
});

test.each([
  ['a column that we did not read', [...USER, { name: 'email', kind: 'scalar', type: 'String' }]],
  ['a column of another type', [{ ...USER[0], type: 'Int' }, USER[1]]],
  ['a relation that we took for a column', [USER[0], { ...USER[1], type: 'Address' }]],
  ['a column that we took for a relation', [USER[0], { ...USER[1], kind: 'scalar' }]],
  ['no list of columns', undefined],
])('a client with %s is refused', (_name, user) => {
  expect(() => mappingIn(clientOf(models(user)))).toThrow('the model `User` of the schema is not understood');
});

test.each([
  ['with a model that we did not read', { ...models(USER), Other: { fields: [] } }],
  ['with a model that nobody should have', { ...models(USER), Left: { fields: [] } }],
])('a client %s is refused', (_name, known) => {
  expect(() => mappingIn(clientOf(known))).toThrow('of the schema is not understood');
});

test.each([
  ['has no schema', clientOf(models(USER), () => true, null)],
  ['has no models', clientOf(undefined)],
  ['is another object', {}],
])('what %s is no client', (_name, client) => {
  expect(() => mappingIn(client)).toThrow('`prisma` is not a client of Prisma 7');
});

test('the database is the one that the client has', () => {
  const schema =
    'model User {\nid String @id /// @assent.user\nemail String? @unique /// @assent.field email\n}';
  const optional = (activeProvider: string) => {
    const known = { User: { fields: [USER[0], { name: 'email', kind: 'scalar', type: 'String' }] } };
    const client = { ...clientOf(known), _engineConfig: { inlineSchema: schema, activeProvider } };
    return mappingIn(client).get('User')?.tellingKeys[0]?.optional;
  };
  expect(optional('postgresql')).toEqual(['email']);
  expect(optional('sqlserver')).toEqual([]);
});

test('a client with extensions is refused', () => {
  expect(() => mappingIn(clientOf(models(USER), () => false))).toThrow('`prisma` has extensions');
});

test('its schema is read once, for whichever purpose', () => {
  const client = clientOf(models(USER));
  expect(mappingIn(client)).toBe(mappingIn(client));
});
