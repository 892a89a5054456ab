/** The schema beside this file once more, by hand: what the naive interpreter and the queries are made of. */
import type { Data } from './data.js';

export type Row = { readonly [column: string]: unknown };
export type Type = 'text' | 'number' | 'level' | 'date' | 'other';

export type Column = {
  readonly type: Type;
  /** The field it is; `open`: none; `closed`: nobody said. */
  readonly use: string;
};

export type Relation = {
  readonly model: ModelName;
  readonly isList: boolean;
  readonly isOpen: boolean;
  readonly of: (data: Data, row: Row) => readonly Row[];
};

export type Model = {
  readonly rows: (data: Data) => readonly Row[];
  readonly columns: Readonly<Record<string, Column>>;
  readonly relations: Readonly<Record<string, Relation>>;
  /** The columns that tell its rows apart. */
  readonly key: readonly string[];
  readonly owner?: string;
};

export type ModelName = 'user' | 'post' | 'tag' | 'message' | 'membership' | 'orphan';

const open = (type: Type): Column => ({ type, use: 'open' });

function linked(model: ModelName, isList: boolean, from: string, to: string, isOpen = true): Relation {
  return {
    model,
    isList,
    isOpen,
    of: (data, row) =>
      MODELS[model].rows(data).filter((other) => row[from] !== null && other[to] === row[from]),
  };
}

export const MODELS: Readonly<Record<ModelName, Model>> = {
  user: {
    rows: ({ users }) => users,
    key: ['id'],
    owner: 'id',
    columns: {
      id: open('text'),
      name: { type: 'text', use: 'member.name' },
      email: { type: 'text', use: 'member.email' },
      skills: { type: 'other', use: 'member.skills' },
      level: { type: 'level', use: 'member.level' },
      profile: { type: 'other', use: 'member.profile' },
      picture: { type: 'other', use: 'member.picture' },
      salary: { type: 'number', use: 'member.salary' },
      cohort: open('number'),
      createdAt: open('date'),
      mentorId: open('text'),
      partnerId: { type: 'text', use: 'member.partner' },
      shoeSize: { type: 'number', use: 'closed' },
    },
    relations: {
      mentor: linked('user', false, 'mentorId', 'id'),
      mentees: linked('user', true, 'id', 'mentorId'),
      partner: linked('user', false, 'partnerId', 'id', false),
      partnerOf: linked('user', true, 'id', 'partnerId', false),
      posts: linked('post', true, 'id', 'authorId'),
      sent: linked('message', true, 'id', 'fromId'),
      received: linked('message', true, 'id', 'toId'),
      groups: linked('membership', true, 'id', 'userId'),
      aliases: { model: 'orphan', isList: true, isOpen: false, of: () => [] },
    },
  },
  post: {
    rows: ({ posts }) => posts,
    key: ['id'],
    owner: 'authorId',
    columns: {
      id: open('number'),
      title: { type: 'text', use: 'post.title' },
      score: { type: 'number', use: 'post.score' },
      topic: open('level'),
      authorId: open('text'),
    },
    relations: {
      author: linked('user', false, 'authorId', 'id'),
      tags: {
        model: 'tag',
        isList: true,
        isOpen: true,
        of: ({ posts, tags }, row) => {
          const ids = posts.find(({ id }) => id === row['id'])?.tags ?? [];
          return tags.filter(({ id }) => ids.includes(id));
        },
      },
      secret: { model: 'tag', isList: true, isOpen: false, of: () => [] },
    },
  },
  tag: {
    rows: ({ tags }) => tags,
    key: ['id'],
    columns: { id: open('number'), label: open('text') },
    relations: {
      posts: {
        model: 'post',
        isList: true,
        isOpen: true,
        of: ({ posts }, row) => posts.filter(({ tags }) => tags.some((id) => id === row['id'])),
      },
      secret: { model: 'post', isList: true, isOpen: false, of: () => [] },
    },
  },
  message: {
    rows: ({ messages }) => messages,
    key: ['id'],
    owner: 'fromId',
    columns: {
      id: open('number'),
      text: { type: 'text', use: 'message.text' },
      fromId: open('text'),
      toId: open('text'),
    },
    relations: { from: linked('user', false, 'fromId', 'id'), to: linked('user', false, 'toId', 'id') },
  },
  membership: {
    rows: ({ memberships }) => memberships,
    key: ['userId', 'groupId'],
    owner: 'userId',
    columns: {
      userId: open('text'),
      groupId: open('number'),
      role: { type: 'text', use: 'member.role' },
      rank: open('number'),
    },
    relations: { user: linked('user', false, 'userId', 'id') },
  },
  orphan: {
    rows: ({ orphans }) => orphans,
    key: ['id'],
    columns: { id: open('number'), name: { type: 'text', use: 'member.name' } },
    relations: {},
  },
};

export const MODEL_NAMES = ['user', 'post', 'tag', 'message', 'membership', 'orphan'] as const;
