/**
 * Caches of answers in other processes, held by leases (Gray and Cheriton, "Leases: an efficient fault-tolerant mechanism
 * for distributed file cache consistency", 1989). A change is confirmed when every cache has acknowledged that it dropped
 * what the change touched, or its lease has certainly ended. The proof is in decision 055.
 */
import { randomUUID } from 'node:crypto';
import { DomainError } from '../../errors.js';
import type { Machine } from '../../fleet/machine.js';
import { type CacheTerms, type Terms, cacheTermsOf } from '../../fleet/terms.js';
import { Touched } from './touched.js';

/** Most caches of this process, and of one client. */
const MOST_CACHES = 100;
const MOST_OF_CLIENT = 20;

/** How long a client stays out whose cache kept a change waiting, in leases of a cache: the first time, and at most. */
const FIRST_PAUSE = 2;
const LONGEST_PAUSE = 64;

/**
 * Milliseconds between two answers to the same cache, for each cache that there is: so that all of them together ask no
 * more than a thousand times a second, however many changes come.
 */
const SPACING = 1;

const APPLIED = Promise.resolve();

/** Who holds a cache. One client whose token allows something else meanwhile is another holder. */
export type Holder = { readonly id: string; readonly purposes: ReadonlySet<string> };

type Cache = {
  readonly id: string;
  readonly client: string;
  readonly holder: string;
  /** Up to here it has dropped what was touched. */
  acknowledged: number;
  /** Up to here it was told what was touched. */
  knows: number;
  /** When its lease has certainly ended, by the monotonic clock: if that stood still, the wait is longer, never shorter. */
  until: number;
  /** When it was last told something, by the monotonic clock. */
  told: number;
  /** Ends the wait of its question for what is new. */
  wake: () => void;
};

/** What a cache is told. */
export type Told = {
  /** What it acknowledges once it has dropped the answers about these users. */
  readonly sequence: number;
  readonly touched: ReadonlySet<string> | 'everybody';
  /** How long it may use answers, counted from when it asked, in milliseconds. */
  readonly lease: number;
};

type Waiting = { readonly sequence: number; readonly since: number; readonly resolve: () => void };

export class Caches {
  private readonly terms: CacheTerms;
  private readonly patience: number;
  private readonly caches = new Map<string, Cache>();
  private readonly touched = new Touched();
  private readonly waiting: Waiting[] = [];
  private stopWaiting: () => void = () => undefined;
  private isWaking = false;
  private leaveWord: (ms: number) => Promise<void> = async () => undefined;
  private word: Promise<void> | undefined;
  private isClosed = false;
  /** By client: since when its caches have kept changes waiting, and until when it stays out. */
  private readonly late = new Map<string, { readonly pause: number; readonly until: number }>();

  /** @param left for how long this process may certainly decide, in milliseconds */
  constructor(
    terms: Terms,
    private readonly machine: Machine,
    private readonly left: () => number,
  ) {
    this.patience = terms.patience / 3;
    this.terms = cacheTermsOf(terms);
  }

  /** Whether there is any. */
  get areAny(): boolean {
    return this.caches.size > 0;
  }

  /** Whether a cache may rest on something older than what was applied. */
  get areBehind(): boolean {
    return this.caches.size > 0 && this.behind(this.touched.sequence, this.now).length > 0;
  }

  /** Whether they keep somebody waiting for more than a moment. */
  get areLate(): boolean {
    const [first] = this.waiting;
    return first !== undefined && this.now - first.since >= this.patience;
  }

  /** Takes note that answers may have changed from here on. @param user whose; absent: everybody's */
  touch(user?: string): void {
    if (this.caches.size === 0) return;
    this.touched.add(user);
    if (this.isWaking) return;
    this.isWaking = true;
    // a page of the log is told at once
    void APPLIED.then(() => {
      this.isWaking = false;
      for (const { wake } of this.caches.values()) wake();
    });
  }

  /** Resolves when no cache rests any more on what was touched before the call; `undefined`: none does. */
  haveDropped(): Promise<void> | undefined {
    if (!this.areBehind) return undefined;
    return new Promise((resolve) => {
      this.waiting.push({ sequence: this.touched.sequence, since: this.now, resolve });
      this.look();
    });
  }

  /**
   * Lets a cache in.
   *
   * @throws DomainError `cache_refused` when there are too many, or one of the client has kept changes waiting
   */
  async attach({ id: client, purposes }: Holder): Promise<Told & { readonly id: string }> {
    this.word ??= this.leaveWord(Math.ceil(this.terms.outlived)).catch((error: unknown) => {
      this.word = undefined;
      throw error;
    });
    await this.word;
    this.look();
    const { now } = this;
    if (this.isClosed || this.left() <= 0) throw refused('this process decides nothing now');
    if (this.isOut(client))
      throw refused('a cache of this client has kept changes waiting: see to it that it is not held up');
    const own = [...this.caches.values()].filter((cache) => cache.client === client).length;
    if (this.caches.size >= MOST_CACHES || own >= MOST_OF_CLIENT)
      throw refused(`there are ${MOST_CACHES} caches, or ${MOST_OF_CLIENT} of this client: ask without one`);
    const { sequence } = this.touched;
    const id = randomUUID();
    this.caches.set(id, {
      id,
      client,
      holder: holderOf({ id: client, purposes }),
      acknowledged: sequence,
      knows: sequence,
      until: now + this.terms.outlived,
      told: -Infinity,
      wake: () => undefined,
    });
    return { id, sequence, touched: 'everybody', lease: this.lease };
  }

  /** Whether answers that are given now may be kept by this cache, if its holder is the one who asked. */
  holds(id: string, holder: Holder): boolean {
    return this.find(id, holder) !== undefined;
  }

  /**
   * Renews the lease of a cache that has dropped everything up to a place, and waits for what is new.
   *
   * @throws DomainError `cache_not_found` when it is over
   */
  async next(id: string, holder: Holder, dropped: number): Promise<Told> {
    const cache = this.find(id, holder);
    // one that says again what it said before would renew its lease without dropping anything
    if (cache === undefined || dropped !== cache.knows) throw notFound();
    const { lease } = this;
    cache.wake();
    this.judge(cache);
    cache.acknowledged = dropped;
    const isOver = this.isClosed || this.isOut(cache.client);
    if (!isOver) cache.until = this.now + this.terms.outlived;
    this.look();
    if (isOver) return { sequence: dropped, touched: 'everybody', lease: 0 };
    if (dropped === this.touched.sequence) {
      if (!this.areAnyBehind()) this.touched.forget();
      await this.news(cache);
      // what came at once may be the first of many
      const soon = cache.told + this.caches.size * SPACING - this.now;
      if (soon > 0 && this.caches.has(id)) await this.passed(soon);
    }
    if (this.caches.get(id) !== cache) throw notFound();
    const { sequence } = this.touched;
    cache.told = this.now;
    cache.knows = sequence;
    return { sequence, touched: this.touched.since(dropped), lease: Math.min(lease, this.lease) };
  }

  /** Ends a cache whose holder has dropped everything. */
  detach(id: string, holder: Holder): void {
    const cache = this.find(id, holder);
    if (cache === undefined) return;
    this.judge(cache);
    this.end(cache);
    this.look();
  }

  /** @param word is left before the first cache is let in, with how long its lease may go on, in milliseconds */
  leavesWord(word: (ms: number) => Promise<void>): void {
    this.leaveWord = word;
  }

  /**
   * Waits for the caches of the process that was here before, which nobody can ask any more.
   *
   * @param ms how long their leases may go on, in milliseconds
   */
  outlive(ms: number): void {
    const gone = {
      id: 'former',
      client: '',
      holder: '',
      acknowledged: -1,
      knows: -1,
      told: -Infinity,
      wake: () => undefined,
    };
    this.caches.set(gone.id, { ...gone, until: this.now + ms });
  }

  /** Lets no cache in any more, and resolves when the leases of all have ended. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.touch();
    await this.haveDropped();
  }

  private get now(): number {
    return this.machine.clocks().monotonic;
  }

  /** What a cache may rely on that asks now: no longer than this process may. */
  private get lease(): number {
    return this.isClosed ? 0 : Math.max(0, Math.floor(Math.min(this.terms.reliedOn, this.left())));
  }

  private find(id: string, holder: Holder): Cache | undefined {
    const cache = this.caches.get(id);
    if (cache === undefined || cache.holder !== holderOf(holder)) return undefined;
    if (this.now < cache.until) return cache;
    this.look();
    return undefined;
  }

  private areAnyBehind(): boolean {
    for (const { acknowledged } of this.caches.values())
      if (acknowledged < this.touched.sequence) return true;
    return false;
  }

  private behind(sequence: number, now: number): readonly Cache[] {
    return [...this.caches.values()].filter(
      ({ acknowledged, until }) => acknowledged < sequence && now < until,
    );
  }

  /** Resolves when something is new, or after a while. */
  private news(cache: Cache): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        stop();
        cache.wake = () => undefined;
        resolve();
      };
      const stop = this.machine.later(this.terms.hold, done);
      cache.wake = done;
    });
  }

  private passed(ms: number): Promise<void> {
    return new Promise((resolve) => void this.machine.later(ms, resolve));
  }

  /** Tells those who wait for what every cache has dropped by now. */
  private look(): void {
    const { now } = this;
    this.endLate(now);
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      if (this.behind(first.sequence, now).length > 0) break;
      this.waiting.shift();
      first.resolve();
    }
    this.stopWaiting();
    const untils = this.waiting.length === 0 ? [] : [...this.caches.values()].map(({ until }) => until);
    if (untils.length === 0) return;
    const next = Math.max(1, Math.min(...untils) - now);
    this.stopWaiting = this.machine.later(next, () => this.look());
  }

  /** Ends caches whose lease has ended. The client of one that kept somebody waiting stays out for a while. */
  private endLate(now: number): void {
    for (const cache of this.caches.values()) {
      if (now < cache.until) continue;
      this.end(cache);
      if (this.waiting.some(({ sequence }) => sequence > cache.acknowledged)) this.keepOut(cache.client, now);
    }
  }

  /** A client that is slower than any distance explains stays out, so that it cannot be so with each change. */
  private judge({ client, acknowledged, told }: Cache): void {
    const { now } = this;
    const kept = this.waiting.find(({ sequence }) => sequence > acknowledged);
    if (kept !== undefined && now - Math.max(kept.since, told) > this.terms.hold) this.keepOut(client, now);
  }

  /** Whether no cache of the client is let in, and none renews its lease. */
  private isOut(client: string): boolean {
    return this.now < (this.late.get(client)?.until ?? -Infinity);
  }

  private keepOut(client: string, now: number): void {
    if (this.isOut(client)) return;
    const first = FIRST_PAUSE * this.terms.outlived;
    const longest = LONGEST_PAUSE * this.terms.outlived;
    const { pause = 0, until = -Infinity } = this.late.get(client) ?? {};
    const next = now - until > longest ? first : Math.min(2 * pause || first, longest);
    this.late.set(client, { pause: next, until: now + next });
  }

  private end(cache: Cache): void {
    this.caches.delete(cache.id);
    cache.wake();
  }
}

function holderOf({ id, purposes }: Holder): string {
  return JSON.stringify([id, ...[...purposes].toSorted()]);
}

function notFound(): DomainError {
  return new DomainError('cache_not_found', 'its lease has ended: drop everything, and attach anew');
}

function refused(why: string): DomainError {
  return new DomainError('cache_refused', why);
}
