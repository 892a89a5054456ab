/** What is in a database, as the naive interpreter reads it. */
import type { Level } from './generated/client.js';

export type User = {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly skills: string[];
  readonly level: Level;
  readonly profile: { readonly [key: string]: string } | null;
  readonly picture: Uint8Array<ArrayBuffer> | null;
  readonly salary: string | null;
  readonly cohort: number;
  readonly createdAt: Date;
  readonly mentorId: string | null;
  readonly partnerId: string | null;
  readonly shoeSize: number | null;
};
export type Post = {
  readonly id: number;
  readonly title: string;
  readonly score: number;
  readonly topic: Level;
  readonly authorId: string;
  readonly tags: readonly number[];
  readonly secret: readonly number[];
};
export type Tag = { readonly id: number; readonly label: string };
export type Message = {
  readonly id: number;
  readonly text: string;
  readonly fromId: string;
  readonly toId: string;
};
export type Membership = {
  readonly userId: string;
  readonly groupId: number;
  readonly role: string;
  readonly rank: number | null;
};
export type Orphan = { readonly id: number; readonly name: string };

export type Data = {
  readonly users: readonly User[];
  readonly posts: readonly Post[];
  readonly tags: readonly Tag[];
  readonly messages: readonly Message[];
  readonly memberships: readonly Membership[];
  readonly orphans: readonly Orphan[];
};

export const USERS = ['u-0', 'u-1', 'u-2', 'u-3', 'u-4', 'u-5'] as const;
const TAGS = [0, 1, 2, 3];

/**
 * Some data. What is open is the same in all of it; what each field holds depends on `variant`, which says it by user and
 * field.
 */
export function dataOf(variant: (user: string, field: string) => number): Data {
  return {
    users: USERS.map((id, at) => {
      const v = (field: string) => variant(id, field);
      return {
        id,
        name: `name ${v('member.name')}`,
        email: v('member.email') % 3 === 0 ? null : `${id}-${v('member.email')}@example.com`,
        skills: Array.from({ length: v('member.skills') % 3 }, (_, skill) => `skill ${skill}`),
        level: v('member.level') % 2 === 0 ? 'LOW' : 'HIGH',
        profile: v('member.profile') % 3 === 0 ? null : { said: `${v('member.profile')}` },
        picture: v('member.picture') % 3 === 0 ? null : Uint8Array.of(v('member.picture')),
        salary: v('member.salary') % 3 === 0 ? null : `${v('member.salary')}.5`,
        cohort: at % 3,
        createdAt: new Date(Date.UTC(2026, 0, 1 + (at % 4))),
        mentorId: at < 2 ? null : `u-${at - 2}`,
        partnerId: v('member.partner') % 4 === 0 ? null : `u-${v('member.partner') % USERS.length}`,
        shoeSize: v('unmapped'),
      };
    }),
    tags: TAGS.map((id) => ({ id, label: `tag ${id}` })),
    posts: Array.from({ length: 10 }, (_, id) => {
      const authorId = `u-${(id * 2) % 5}`;
      return {
        id,
        title: `title ${variant(authorId, 'post.title') + id}`,
        score: variant(authorId, 'post.score') + (id % 3),
        topic: id % 3 === 0 ? 'LOW' : 'HIGH',
        authorId,
        tags: TAGS.filter((tag) => (tag + id) % 3 === 0),
        secret: TAGS.filter((tag) => (tag + variant(authorId, 'unmapped')) % 2 === 0),
      };
    }),
    messages: Array.from({ length: 8 }, (_, id) => {
      const fromId = `u-${id % 4}`;
      return { id, text: `text ${variant(fromId, 'message.text')}`, fromId, toId: `u-${(id + 1) % 6}` };
    }),
    memberships: USERS.flatMap((userId, at) =>
      [0, 1].map((groupId) => ({
        userId,
        groupId,
        role: `role ${variant(userId, 'member.role')}`,
        rank: (at + groupId) % 3 === 0 ? null : at % 2,
      })),
    ),
    orphans: [0, 1].map((id) => ({ id, name: `name ${variant('', 'member.name') + id}` })),
  };
}
