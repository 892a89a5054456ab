/** Rows that are not what was asked for are not shown: then nobody knows what is in them. */
import { expect, test } from 'vitest';
import { Assent } from '../assent.js';
import { Failure } from '../terms/failure.js';
import { type AudiencePart, Transport } from '../transport.js';
import { QueryRefused } from './query-refused.js';
import { shown } from './rows.js';
import type { Plan } from './selection.js';

/** Permits everything. */
class Open extends Transport {
  evaluate(questions: readonly unknown[]) {
    const permit = {
      permitted: true,
      reason: 'permitted',
      obligations: [],
      policy: 'a',
      revision: '1',
    } as const;
    return Promise.resolve(questions.map(() => permit));
  }

  audience(): Promise<AudiencePart> {
    return Promise.reject(new Failure('unavailable'));
  }
}

const assent = new Assent({ transport: new Open() });
const INNER: Plan = {
  columns: new Map([['title', 'post.title']]),
  relations: new Map(),
  user: 'authorId',
  hidesUser: true,
  isWhole: true,
};
const PLAN: Plan = {
  columns: new Map([
    ['id', undefined],
    ['name', 'member.name'],
  ]),
  relations: new Map([['posts', INNER]]),
  user: 'id',
  hidesUser: false,
  isWhole: true,
};
const ROW = { id: 'u-1', name: 'a', posts: [{ title: 'b', authorId: 'u-1' }] };

test('what was asked for is shown', async () => {
  const { posts: _posts, ...rest } = ROW;
  expect(await shown([ROW], PLAN, assent, 'ads', 'mask')).toEqual([{ ...rest, posts: [{ title: 'b' }] }]);
});

test.each([
  ['has a column more', { ...ROW, email: 'a@example.com' }],
  ['has a column less', { id: 'u-1', posts: [] }],
  ['does not say whose it is', { name: 'a', posts: [] }],
  ['lacks a relation', { id: 'u-1', name: 'a' }],
  ['has another row in a relation', { ...ROW, posts: [{ title: 'b', authorId: 'u-1', score: 1 }] }],
  ['has a row of nobody in a relation', { ...ROW, posts: [{ title: 'b' }] }],
  ['is a text', 'a'],
])('nothing is shown of a row that %s', async (_name, row) => {
  await expect(shown([row], PLAN, assent, 'ads', 'mask')).rejects.toThrow(QueryRefused);
});

test('nothing is shown of whom nobody can be asked about', async () => {
  for (const id of [null, undefined, {}, ['u-1'], true])
    expect(await shown({ ...ROW, id, posts: [] }, PLAN, assent, 'ads', 'mask')).toMatchObject({ name: null });
});

test('users with numbers for ids are asked about by them', async () => {
  for (const id of [7, 7n])
    expect(await shown({ ...ROW, id }, PLAN, assent, 'ads', 'drop')).toMatchObject({ name: 'a' });
});
