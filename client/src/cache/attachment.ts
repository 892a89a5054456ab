/**
 * Holds a lease of the service: while it holds, the service confirms no change before the answers that it touches are
 * dropped here (decision 055).
 */
import { MACHINE, type Machine, type Moment, isWithin } from '../../../src/fleet/machine.js';
import { Pauses } from '../sending/pauses.js';
import type { Answer } from '../terms/answer.js';
import type { Question } from '../terms/question.js';

/** What the service tells a cache. */
export type Told = {
  /** What to acknowledge once everything is dropped that is to be. */
  readonly sequence: number;
  /** How long answers may be used, counted from when this was asked for, in milliseconds. */
  readonly lease: number;
  /** About whom answers are to be dropped. */
  readonly users: readonly string[];
  /** Present: everything is to be dropped, and what may be kept from now on. */
  readonly policy?: Keepable | undefined;
};

/** What may be kept. */
export type Keepable = {
  /** The policy version that answers must rest on. */
  readonly id: string;
  readonly purposes: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
};

/** A service that caches can be attached to. */
export type CacheService = {
  readonly attach: (signal: AbortSignal) => Promise<Told & { readonly id: string }>;
  readonly acknowledge: (id: string, sequence: number, signal: AbortSignal) => Promise<Told>;
  readonly detach: (id: string, signal: AbortSignal) => Promise<void>;
  /** Whether the answers may be kept by the cache of this id, besides them. */
  readonly evaluateFor: (
    id: string | undefined,
    questions: readonly Question[],
    signal: AbortSignal,
  ) => Promise<{ readonly answers: readonly Answer[]; readonly mayBeKept: boolean }>;
};

/** What is attached. */
export type Attached = {
  readonly drop: (user: string) => void;
  readonly dropAll: () => void;
};

/** Milliseconds that the service may take to answer; its lease has long ended by then. */
const PATIENCE = 5_000;
/** Milliseconds before it is attached anew, at most: the first time, and after many failures. */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 30_000;

export class Attachment {
  /** The name of the cache at the service; absent: it is not attached. */
  id: string | undefined;
  keepable: Keepable | undefined;
  /** When the lease was asked for that holds, and for how long it does. */
  private sent: Moment | undefined;
  private lease = 0;
  private isRunning = false;
  private isClosed = false;
  /** Ends what it waits for. */
  private stop: () => void = () => undefined;

  constructor(
    private readonly service: CacheService,
    private readonly attached: Attached,
    private readonly machine: Machine = MACHINE,
    private readonly random?: () => number,
  ) {}

  /** Whether what is kept may be used now, by both clocks. */
  get holds(): boolean {
    return this.sent !== undefined && isWithin(this.lease, this.sent, this.machine.clocks());
  }

  /** Attaches it, and attaches it again whenever that ends, until it is closed. */
  start(): void {
    if (this.isRunning || this.isClosed) return;
    this.isRunning = true;
    void this.run();
  }

  /** Drops everything, and gives the lease back. */
  close(): void {
    // a second call would stop the request that gives the lease back
    if (this.isClosed) return;
    const { id } = this;
    this.isClosed = true;
    this.end();
    this.stop();
    if (id !== undefined) void this.detach(id);
  }

  private async run(): Promise<void> {
    const pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE, this.random);
    while (!this.isClosed) {
      try {
        await this.follow(() => pauses.reset());
      } catch {
        // whatever it was, nothing may be kept without a lease
      }
      this.end();
      if (!this.isClosed) await this.passed(pauses.next());
    }
  }

  /** Resolves when the lease is given back. @throws when the service does not answer */
  private async follow(onAttached: () => void): Promise<void> {
    let sent = this.machine.clocks();
    const { id, ...first } = await this.inTime((signal) => this.service.attach(signal));
    onAttached();
    for (let told: Told = first; told.lease > 0 && !this.isClosed;) {
      this.take(told, sent);
      this.id = id;
      const { sequence } = told;
      sent = this.machine.clocks();
      told = await this.inTime((signal) => this.service.acknowledge(id, sequence, signal));
    }
    this.end();
    await this.detach(id);
  }

  /** Drops first: the lease is of what remains. */
  private take({ users, policy, lease }: Told, sent: Moment): void {
    if (policy !== undefined) {
      this.attached.dropAll();
      this.keepable = policy;
    }
    for (const user of users) this.attached.drop(user);
    this.sent = sent;
    this.lease = lease;
  }

  private end(): void {
    this.id = undefined;
    this.keepable = undefined;
    this.sent = undefined;
    this.attached.dropAll();
  }

  /** If that fails, the service waits for the end of the lease. */
  private async detach(id: string): Promise<void> {
    await this.inTime((signal) => this.service.detach(id, signal)).catch(() => undefined);
  }

  private async inTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const control = new AbortController();
    const done = this.machine.later(PATIENCE, () => control.abort());
    this.stop = () => control.abort();
    try {
      return await ask(control.signal);
    } finally {
      done();
    }
  }

  /** Resolves after so many milliseconds, which keep no process from ending, or when it is closed. */
  private passed(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.machine.later(milliseconds, resolve);
      this.stop = () => {
        cancel();
        resolve();
      };
    });
  }
}
