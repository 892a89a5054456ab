/**
 * Whether a log is as it was written: every entry follows from the one before, every missing content has a record in
 * the log, every user has the key that was made for them or a record of their erasure, the log ends where its head
 * says, and no publication was changed.
 */
import type { PolicyStore } from '../../policy/policy.store.js';
import {
  GENESIS,
  PUBLICATIONS_GENESIS,
  type VerifiableLink,
  firstBroken,
  publicationHashAfter,
} from '../log/chain.js';
import type { ConsentStore, LogEnd } from '../log/consent.store.js';

/** A place where a log is not as it was written. */
export type Fault = {
  /** The entry; of users and publications, the entry that they belong to; of the head, its own. */
  readonly revision: number;
  /** What is wrong, in words, without personal data. */
  readonly because: string;
};

export type VerificationReport =
  | { readonly verified: number; readonly of: number }
  | { readonly intact: true; readonly revision: number; readonly hash: Buffer }
  | ({ readonly intact: false } & Fault);

type Log = Pick<ConsentStore, 'links' | 'end' | 'verifiableUsers'>;
type Publications = Pick<PolicyStore, 'chainedPublications'>;

/** Links, and users, that are verified in one turn: about two milliseconds. */
const PAGE = 2_000;
const USERS_A_PAGE = 500;
const PAGES_A_REPORT = 50;

/** Verifies a log while it grows. Ends with whether it is intact, or its first fault. */
export async function* verification(
  log: Log,
  publications: Publications,
): AsyncGenerator<VerificationReport, void> {
  const end = await log.end();
  const walk = new Walk(log, end.revision);
  let fault: Fault | undefined;
  for (let page = 1; fault === undefined && walk.reached < end.revision; page++) {
    fault = await walk.step(end.revision);
    if (page % PAGES_A_REPORT === 0) yield { verified: walk.reached, of: end.revision };
  }
  const { hash } = walk;
  fault ??=
    (await walk.unrecorded()) ??
    (await faultOfUsers(log, walk, end.subject)) ??
    faultOfHead(end, hash) ??
    (await faultOfPublications(log, publications, end));
  if (fault === undefined) yield { intact: true, revision: end.revision, hash };
  else yield { intact: false, ...fault };
}

/** Reads the links of a log. */
class Walk {
  private before = { revision: 0, hash: GENESIS };
  private readonly missing = new BitSet();
  private readonly erased = new Set<number>();
  private readonly named = new BitSet();

  /**
   * @param start the revision of the log when its verification began: later entries may change earlier ones meanwhile
   */
  constructor(
    private readonly log: Log,
    private readonly start: number,
  ) {}

  get reached(): number {
    return this.before.revision;
  }

  get hash(): Buffer {
    return this.before.hash;
  }

  isErased(subject: number): boolean {
    return this.erased.has(subject);
  }

  /** Whether any entry is about this user. */
  isNamed(subject: number): boolean {
    return this.named.has(subject);
  }

  /** Verifies the next links, up to a revision. */
  async step(until: number): Promise<Fault | undefined> {
    const links = await this.log.links(this.reached, Math.min(PAGE, until - this.reached));
    const broken = links.length === 0 ? this.reached + 1 : firstBroken(this.before, links);
    for (const link of links) {
      if (link.revision === broken) break;
      const fault = this.take(link);
      if (fault !== undefined) return fault;
    }
    if (broken !== undefined)
      return {
        revision: broken,
        because: 'the entry was changed, left out or put in: it does not follow from the one before',
      };
    this.before = links.at(-1) ?? this.before;
    return undefined;
  }

  /** Continues to the current end of the log: changes made meanwhile are recorded there. */
  async catchUp(): Promise<Fault | undefined> {
    const { revision } = await this.log.end();
    let fault: Fault | undefined;
    while (fault === undefined && this.reached < revision) fault = await this.step(revision);
    return fault;
  }

  /** The first entry whose content is missing without a record. */
  async unrecorded(): Promise<Fault | undefined> {
    if (this.missing.first() === undefined) return undefined;
    const fault = await this.catchUp();
    const first = this.missing.first();
    if (fault !== undefined || first === undefined) return fault;
    return {
      revision: first,
      because: 'its content is gone, and no record in the log says that it was forgotten',
    };
  }

  private take({ revision, kind, subject, isKept, forgets = [] }: VerifiableLink): Fault | undefined {
    if (!isKept) this.missing.set(revision, true);
    this.named.set(subject, true);
    if (kind === 'erasure') this.erased.add(subject);
    for (const forgotten of forgets) {
      if (!this.missing.has(forgotten) && revision <= this.start)
        return {
          revision: forgotten,
          because: 'its content was forgotten, by a record in the log, and is there again',
        };
      this.missing.set(forgotten, false);
    }
    return undefined;
  }
}

async function faultOfUsers(log: Log, walk: Walk, last: number): Promise<Fault | undefined> {
  let expected = 1;
  const faultAt = async (subject: number, because: string): Promise<Fault> => ({
    revision: await firstRevisionOf(log, subject),
    because,
  });
  for (let after = 0; ;) {
    const users = (await log.verifiableUsers(after, USERS_A_PAGE)).filter(({ subject }) => subject <= last);
    for (const { subject, isSound } of [
      ...users,
      ...(users.length === 0 ? [{ subject: last + 1, isSound: true }] : []),
    ]) {
      for (; expected < subject; expected++) {
        // a number that was passed over is nobody's
        if (walk.isErased(expected) || !walk.isNamed(expected)) continue;
        const fault = await walk.catchUp();
        if (fault !== undefined) return fault;
        if (!walk.isErased(expected))
          return faultAt(
            expected,
            'the key of its user is gone, and no record in the log says that they were erased',
          );
      }
      if (subject > last) break;
      if (!isSound) return faultAt(subject, 'the key of its user was changed, or is that of another user');
      if (walk.isErased(subject) && (await isThere(log, subject)))
        return faultAt(subject, 'its user was erased, by a record in the log, and their key is there again');
      expected = subject + 1;
    }
    const reached = users.at(-1);
    if (reached === undefined) return undefined;
    after = reached.subject;
  }
}

/** Whether the row of a user still exists: it may have been read just before it was erased. */
async function isThere(log: Log, subject: number): Promise<boolean> {
  return (await log.verifiableUsers(subject - 1, 1))[0]?.subject === subject;
}

async function firstRevisionOf(log: Log, subject: number): Promise<number> {
  for (let after = 0; ;) {
    const links = await log.links(after, PAGE);
    const first = links.find((link) => link.subject === subject);
    if (first !== undefined || links.length === 0) return first?.revision ?? 0;
    after = links.at(-1)?.revision ?? after;
  }
}

function faultOfHead({ revision, last, hash, isSound }: LogEnd, walked: Buffer): Fault | undefined {
  if (last > revision)
    return { revision: revision + 1, because: 'the head of the log was lowered: entries come after it' };
  if (!walked.equals(hash))
    return { revision, because: 'the head of the log does not have the hash of the last entry' };
  if (!isSound) return { revision, because: 'the head of the log was not written with the key of the log' };
  return undefined;
}

async function faultOfPublications(
  log: Log,
  publications: Publications,
  before: LogEnd,
): Promise<Fault | undefined> {
  const chain = await publications.chainedPublications();
  const end = await log.end();
  // one came meanwhile
  if (!end.publications.equals(before.publications)) return faultOfPublications(log, publications, end);
  let hash = PUBLICATIONS_GENESIS;
  for (const [place, publication] of chain.entries()) {
    hash = publicationHashAfter(hash, publication);
    if (publication.sequence !== place + 1 || !hash.equals(publication.hash))
      return {
        revision: publication.after,
        because: `publication ${place + 1} was changed, left out or put in`,
      };
  }
  // a store that keeps no publications chains none
  return hash.equals(end.publications)
    ? undefined
    : {
        revision: chain.at(-1)?.after ?? 0,
        because: `the publications after ${chain.length} were taken away, or all were rewritten`,
      };
}

/** A bit for each number. */
class BitSet {
  private bytes = new Uint8Array(1 << 16);

  has(number: number): boolean {
    return (((this.bytes[Math.floor(number / 8)] ?? 0) >> (number % 8)) & 1) === 1;
  }

  set(number: number, value: boolean): void {
    const place = Math.floor(number / 8);
    if (place >= this.bytes.length) {
      const larger = new Uint8Array(2 * (place + 1));
      larger.set(this.bytes);
      this.bytes = larger;
    }
    const bit = 1 << (number % 8);
    this.bytes[place] = value ? (this.bytes[place] ?? 0) | bit : (this.bytes[place] ?? 0) & ~bit;
  }

  /** The lowest number whose bit is set. */
  first(): number | undefined {
    const place = this.bytes.findIndex((byte) => byte !== 0);
    if (place < 0) return undefined;
    const byte = this.bytes[place] ?? 0;
    return place * 8 + (31 - Math.clz32(byte & -byte));
  }
}
