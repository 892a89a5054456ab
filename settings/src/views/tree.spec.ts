import { expect, test } from 'vitest';
import type { Purpose } from '../service/answers.js';
import { type Branch, treeOf } from './tree.js';

function purpose(id: string, parent: string | null): Purpose {
  return {
    id,
    parent,
    title: id,
    description: '',
    setting: 'opt_in',
    choice: null,
    on: false,
    because: 'default',
    why: '',
    set_at: null,
    offers: [],
    also_closes: [],
    also_opens: [],
    until: null,
    needs: [],
    notice: { version: 1, accepted: null, lapses_after: null },
    data: [],
  };
}

const shown = (branches: readonly Branch[]): unknown =>
  branches.map(({ purpose: { id }, parts }) => (parts.length === 0 ? id : [id, shown(parts)]));

test('parts stand below what they are a part of, in the order of the policy', () => {
  const purposes = [
    purpose('a', null),
    purpose('a.x', 'a'),
    purpose('b', null),
    purpose('a.y', 'a'),
    purpose('a.x.1', 'a.x'),
  ];
  expect(shown(treeOf(purposes))).toEqual([['a', [['a.x', ['a.x.1']], 'a.y']], 'b']);
});

test('a part of something that is not told stands by itself', () => {
  expect(shown(treeOf([purpose('a.x', 'a')]))).toEqual(['a.x']);
});
