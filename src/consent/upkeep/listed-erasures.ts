/** Holds the database and the list of erasures together: whoever is on the list, and known in an older copy, is erased again. */
import type { ConsentLog } from '../log/consent-log.js';
import type { ConsentStore, Erasure } from '../log/consent.store.js';
import { type ErasureList, ListFault } from '../log/erased/erasure-list.js';
import type { ErasureMarkStore, ListedErasure, Moment } from '../log/erased/erasure-marks.store.js';
import { CLOCK_TOLERANCE_MS, DAY_MS, timeText } from '../../time.js';

/** Who erases what the list says, in the log. */
export const LIST = { kind: 'engine', id: 'list of erasures' } as const;

/** Users that are looked at in one turn: about two milliseconds. */
const USERS_A_PAGE = 500;
/** Events of a user that are read at a time, from the last one back. */
const EVENTS_A_PAGE = 50;

/** What comes of holding them together. */
export type FollowingNews = {
  /** Called before users are gone through, with how many entries the database does not know. */
  readonly onWork: (unknown: number) => void;
  /**
   * Called with how many users were not erased, for something was said about them after their entry: before that is noted,
   * since nobody asks again then.
   */
  readonly onLeft: (left: number) => void;
  /** Called with how many were erased again. */
  readonly onDone: (erased: number) => void;
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
      `this database has a list of erasures, \`${named.name}\`, and ERASURES_DIR is not set: set it to the folder of that list`,
    );
  }
  // before the list is read: what is noted here is in the list by then
  const followed = await marks.followed();
  const list = await open(folder, named === undefined);
  if (list === undefined)
    throw new ListFault(
      `there is no list of erasures in \`${folder}\`, and this database has one, \`${named?.name}\`: without it, a database from a backup brings back who was erased since. Put its folder there, or set ERASURES_DIR to it`,
    );
  const isOther = named !== undefined && named.name !== list.name;
  if (isOther && !list.insteadOf.has(named.name)) throw otherThan(named.name, list, folder);
  await mustReachBackTo(named?.tendedAt ?? 0, list, marks, folder);
  if (isOther) {
    // nothing is noted of this one yet
    await marks.setList(list.name, named.name);
    return list;
  }
  if (named === undefined) {
    await marks.setList(list.name, undefined);
    const its = await marks.list();
    // another process was first
    if (its?.name !== list.name) throw otherThan(its?.name ?? 'none', list, folder);
  }
  mustHaveAll(list, followed, folder);
  return list;
}

function otherThan(its: string, list: ErasureList, folder: string): ListFault {
  return new ListFault(
    `the list of erasures in \`${folder}\` is \`${list.name}\`, and that of this database is \`${its}\`: put that one there, or set ERASURES_DIR to it`,
  );
}

/**
 * Refuses a copy that was made before the time from which on the list has all. A process notes that it looks after the list
 * before it deletes anything from it, so no database that is not put back is refused, however long it was off.
 */
async function mustReachBackTo(
  tendedAt: number,
  list: ErasureList,
  marks: ErasureMarkStore,
  folder: string,
): Promise<void> {
  if (list.keptFrom <= tendedAt) return;
  // of no other copy
  const copy = `${list.keptFromMonth} ${tendedAt === 0 ? 'unknown' : timeText(tendedAt)}`;
  if (list.takesOlder(copy)) return;
  // where nobody is, nobody comes back
  if ((await marks.users(0, 1)).length === 0) return;
  const made =
    tendedAt === 0
      ? 'before it had that list'
      : `about ${timeText(tendedAt)}, or is a copy that was made then`;
  throw new ListFault(
    `the list of erasures in \`${folder}\` goes back to ${timeText(list.keptFrom)}, and this database was last with it ${made}: whoever was erased in between would come back. Restore a newer copy; if there is none, write \`${copy}\` into a file \`also-before\` in that folder, start, and erase again whom your own systems know to be erased`,
  );
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
 * was made. Whoever came back is known since later, and stays. So does whoever was not erased then, and about whom anything
 * was said since: their erasure was refused to whoever asked, and what was confirmed after that must not go with it.
 *
 * @param log goes on after the entries, as far as clocks differ: whoever comes back is later than their erasure
 * @param erase erases a user, without an entry in the list, if that is meant: it is asked at the end of the log
 */
export async function followList(
  list: ErasureList,
  marks: ErasureMarkStore,
  log: Pick<ConsentLog, 'goesOnAfter' | 'tokens'>,
  store: Pick<ConsentStore, 'readUserBack'>,
  now: number,
  erase: (user: string, isMeant: () => Promise<boolean>) => Promise<Erasure | undefined>,
  news: FollowingNews,
): Promise<void> {
  if (list.entries.length === 0) return;
  // what a clock wrote that was far ahead is left out: the log would go on there
  const plausible = list.entries.filter(({ at }) => at <= now + CLOCK_TOLERANCE_MS);
  log.goesOnAfter(plausible.reduce((latest, { at }) => Math.max(latest, at), 0));
  const known = new Set((await marks.followed()).map(({ id }) => id));
  const unknown = list.entries.filter(({ id }) => !known.has(id));
  if (unknown.length === 0) return;
  news.onWork(unknown.length);
  const wanted = new Map<string, Entry[]>();
  for (const entry of unknown) {
    const those = wanted.get(entry.hash);
    if (those === undefined) wanted.set(entry.hash, [entry]);
    else those.push(entry);
  }
  // an older copy does not have the place of an entry, and nothing that is later: neither by its place nor by its time
  const isAfter = ({ revision, at }: Moment, entry: Entry) => {
    const place = log.tokens.revisionOf(entry.place);
    return at > entry.at || (typeof place === 'number' && revision > place);
  };
  let erased = 0;
  const left = new Set<string>();
  for (let after = 0; ;) {
    const page = await marks.users(after, USERS_A_PAGE);
    for (const { user, first } of page) {
      const entries = (wanted.get(list.hashOf(user)) ?? []).filter((entry) => !isAfter(first, entry));
      if (entries.length === 0) continue;
      const isMeant = async () => {
        const said = await lastSaid(store, user);
        const isSo = said === undefined || entries.some((entry) => !isAfter(said, entry));
        if (!isSo) left.add(user);
        return isSo;
      };
      if ((await erase(user, isMeant)) !== undefined) erased++;
    }
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.number;
  }
  if (left.size > 0) news.onLeft(left.size);
  await marks.follow(unknown);
  news.onDone(erased);
}

type Entry = ErasureList['entries'][number];

/** What was said last about a user, by whomever but the engine. */
async function lastSaid(
  store: Pick<ConsentStore, 'readUserBack'>,
  user: string,
): Promise<Moment | undefined> {
  for (let until = Number.MAX_SAFE_INTEGER; ;) {
    const page = await store.readUserBack(user, until, EVENTS_A_PAGE);
    const said = page.find(({ by }) => by.kind !== 'engine');
    const last = page.at(-1);
    if (said !== undefined || last === undefined) return said;
    until = last.revision - 1;
  }
}

/**
 * Deletes what is too old of the list, and what the database knows of that.
 *
 * @param days after how many days; 0: never
 * @param sure the time by a clock that can be believed, in milliseconds since the Unix epoch; 0 while there is none
 */
export async function forgetListed(
  list: Pick<ErasureList, 'deleteOld' | 'keptFrom'>,
  marks: Pick<ErasureMarkStore, 'letGo' | 'tend'>,
  days: number,
  sure: number,
): Promise<void> {
  // before anything is deleted that a copy from before this might need
  if (sure > 0) await marks.tend(sure);
  if (days > 0 && sure > 0) await list.deleteOld(sure - days * DAY_MS);
  if (list.keptFrom > 0) await marks.letGo(list.keptFrom);
}
