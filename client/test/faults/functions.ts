/** Every function that asks, with how much it lets through of data that a healthy server permits. */
import type { Assent } from '../../src/assent.js';

export const FIELDS = ['member.skills', 'post.text'] as const;
const RECORD = { 'member.skills': 'metalwork', 'post.text': 'a poem' };
const USERS = ['u-1', 'u-2', 'u-3'];

const permittedIn = (answers: Iterable<{ readonly permitted: unknown }>): number =>
  [...answers].filter(({ permitted }) => Boolean(permitted)).length;

export const FUNCTIONS: Readonly<Record<string, (assent: Assent, signal?: AbortSignal) => Promise<number>>> =
  {
    may: async (assent, signal) => ((await assent.may('u-1', 'member.skills', given(signal))) ? 1 : 0),
    check: async (assent, signal) =>
      permittedIn(Object.values(await assent.check('u-1', FIELDS, given(signal)))),
    checkMany: async (assent, signal) =>
      permittedIn(
        await assent.checkMany(
          USERS.map((user) => ({ user, field: 'member.skills' })),
          given(signal),
        ),
      ),
    filter: async (assent, signal) => Object.keys(await assent.filter('u-1', RECORD, given(signal))).length,
    audience: async (assent, signal) => {
      let permits = 0;
      for await (const { permitted, fields } of assent.audience(USERS, FIELDS, given(signal)))
        permits += Number(permitted) + fields.length;
      return permits;
    },
    explain: async (assent, signal) =>
      / may read /.test(await assent.explain('u-1', 'member.skills', given(signal))) ? 1 : 0,
  };

function given(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal };
}
