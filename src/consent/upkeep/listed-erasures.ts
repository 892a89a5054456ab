/** Holds the database and the list of erasures together: whoever is on the list, and known in an older copy, is erased again. */
import type { ConsentLog } from '../log/consent-log.js';
import type { Erasure } from '../log/consent.store.js';
import { type ErasureList, ListFault } from '../log/erased/erasure-list.js';
import type { ErasureMarkStore, ListedErasure } from '../log/erased/erasure-marks.store.js';
import { CLOCK_TOLERANCE_MS, DAY_MS } from '../../time.js';

/** Who erases what the list says, in the log. */
export const LIST = { kind: 'engine', id: 'list of erasures' } as const;

/** Users that are looked at in one turn: about two milliseconds. */
const USERS_A_PAGE = 500;

/** What came of holding them together. */
export type Followed = {
  /** Entries that the database did not know. */
  readonly unknown: number;
  /** Users who were erased again. */
  readonly erased: number;
};

/**
 * Makes sure that the list is that of the database, and has all that the database knows of it. To be called before
 * anything rests on the database.
 *
 * @param open opens the list, or begins one where that is allowed
 * @returns `undefined`: neither has one
 * @throws Error with what to do: a copy of the database without its list would bring back who was erased
 */
export async function listOf(
  marks: ErasureMarkStore,
  folder: string | undefined,
  open: (folder: string, mayBegin: boolean) => Promise<ErasureList | undefined>,
): Promise<ErasureList | undefined> {
  const named = await marks.list();
  if (folder === undefined) {
    if (named === undefined) return undefined;
    throw new ListFault(
      `this database has a list of erasures, \`${named}\`, and ERASURES_DIR is not set: set it to the folder of that list`,
    );
  }
  // before the list is read: what is noted here is in the list by then
  const followed = await marks.followed();
  const list = await open(folder, named === undefined);
  if (list === undefined)
    throw new ListFault(
      `there is no list of erasures in \`${folder}\`, and this database has one, \`${named}\`: without it, a database from a backup brings back who was erased since. Put its folder there, or set ERASURES_DIR to it`,
    );
  if (named === undefined) await marks.setList(list.name, undefined);
  const its = named ?? (await marks.list());
  if (its !== list.name) {
    if (its === undefined || !list.insteadOf.has(its))
      throw new ListFault(
        `the list of erasures in \`${folder}\` is \`${list.name}\`, and that of this database is \`${its}\`: put that one there, or set ERASURES_DIR to it`,
      );
    // nothing is noted of this one yet
    await marks.setList(list.name, its);
    return list;
  }
  mustHaveAll(list, followed, folder);
  return list;
}

function mustHaveAll(list: ErasureList, followed: readonly ListedErasure[], folder: string): void {
  const has = new Set(list.entries.map(({ id }) => id));
  const wanted = followed.filter(({ at }) => at >= list.keptFrom);
  const lacking = wanted.filter(({ id }) => !has.has(id)).length;
  if (lacking > 0)
    throw new ListFault(
      `the list of erasures in \`${folder}\` lacks ${lacking} of those that this database knows: it is an older copy, or a part of the list; put the files of every copy of it there`,
    );
}

/**
 * Erases again who is on the list and known in the database since before: of an older copy, everybody who was erased after it
 * was made. Whoever came back is known since later, and stays.
 *
 * @param log goes on after the entries, as far as clocks differ: whoever comes back is later than their erasure
 * @param erase erases a user, without an entry in the list
 * @param onWork called before users are gone through, with how many entries the database does not know
 */
export async function followList(
  list: ErasureList,
  marks: ErasureMarkStore,
  log: Pick<ConsentLog, 'goesOnAfter'>,
  now: number,
  erase: (user: string) => Promise<Erasure | undefined>,
  onWork: (unknown: number) => void,
): Promise<Followed> {
  if (list.entries.length === 0) return { unknown: 0, erased: 0 };
  // what a clock wrote that was far ahead is left out: the log would go on there
  const plausible = list.entries.filter(({ at }) => at <= now + CLOCK_TOLERANCE_MS);
  log.goesOnAfter(plausible.reduce((latest, { at }) => Math.max(latest, at), 0));
  const known = new Set((await marks.followed()).map(({ id }) => id));
  const unknown = list.entries.filter(({ id }) => !known.has(id));
  if (unknown.length === 0) return { unknown: 0, erased: 0 };
  onWork(unknown.length);
  const times = new Map<string, number>();
  for (const { hash, at } of unknown) {
    times.set(hash, Math.max(at, times.get(hash) ?? -Infinity));
  }
  let erased = 0;
  for (let after = 0; ;) {
    const page = await marks.users(after, USERS_A_PAGE);
    for (const { user, since } of page)
      if (since <= (times.get(list.hashOf(user)) ?? -Infinity) && (await erase(user)) !== undefined) erased++;
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.number;
  }
  await marks.follow(unknown);
  return { unknown: unknown.length, erased };
}

/**
 * Deletes what is too old of the list, and what the database knows of that.
 *
 * @param days after how many days; 0: never
 * @param sure the time by a clock that can be believed, in milliseconds since the Unix epoch; 0 while there is none
 */
export async function forgetListed(
  list: Pick<ErasureList, 'deleteOld' | 'keptFrom'>,
  marks: Pick<ErasureMarkStore, 'letGo'>,
  days: number,
  sure: number,
): Promise<void> {
  if (days > 0 && sure > 0) await list.deleteOld(sure - days * DAY_MS);
  if (list.keptFrom > 0) await marks.letGo(list.keptFrom);
}
