/**
 * Takes decisions down in memory and writes them in groups: while one group is being written, the next one fills. What
 * could not be written is kept and written as soon as that works again; until then nothing may be permitted.
 */
import type { Decision } from '../../decision/reasons.js';
import { Histogram } from '../../histogram.js';
import { BlockEncoder } from '../block/block-encoder.js';
import type { Asked, Person, RecordedDischarge, RecordedUsers } from '../record-entry.js';
import type { Recording } from '../recording.js';
import { Strangers } from './strangers.js';
import { MINUTE_MS } from '../../time.js';
import { WriterChain } from './writer-chain.js';

export type RecorderSettings = {
  /** Absolute path of the folder of the record. */
  readonly folder: string;
  /** Which consent log its users and revisions are of. */
  readonly log: string;
  /** Whether answers that are not bound to their record may leave before it is written. */
  readonly isFast: boolean;
  /** Then, how old what is not written may be while they leave, in milliseconds; default 20. */
  readonly windowMs?: number;
  /** Segments are closed when they are this long or this old; default 64 MB and 15 minutes. */
  readonly segmentBytes?: number;
  readonly segmentMs?: number;
  /** How long a write may take before those who wait for it are denied, in milliseconds; default 5 seconds. */
  readonly patienceMs?: number;
};

/** Notifications. */
export type RecorderNews = {
  /** Nothing can be written, and why; once until it works again. */
  readonly onTrouble: (error: unknown) => void;
  readonly onWorking: () => void;
};

const BUFFER_BYTES = 16 * 1_048_576;
const WINDOW_MS = 20;
/** How long a group that is awaited may grow while every turn of the event loop brings more of it. */
const GATHER_MS = 5;
const PROBE_MS = 200;
const SEGMENT_BYTES = 64 * 1_048_576;
const SEGMENT_MS = 15 * MINUTE_MS;
const PATIENCE_MS = 5_000;

/** Those who wait for the same write. */
class Group {
  private resolve: (isWritten: boolean) => void = () => undefined;
  private promise: Promise<boolean> | undefined;

  get isAwaited(): boolean {
    return this.promise !== undefined;
  }

  settled(): Promise<boolean> {
    this.promise ??= new Promise((resolve) => (this.resolve = resolve));
    return this.promise;
  }

  settle(isWritten: boolean): void {
    this.resolve(isWritten);
  }
}

/** How writing the record does, for whoever watches the service. */
export type RecordWatch = {
  readonly isAvailable: boolean;
  /** How long what is not written yet has been waiting, in seconds. */
  readonly lag: number;
  /** Bytes that are not written yet, without those being written. */
  readonly waiting: number;
  /** How long writes took, in seconds, whatever they wrote. */
  readonly writes: Histogram;
};

export class Recorder implements Recording, RecordWatch {
  readonly writes = new Histogram();
  private readonly encoder = new BlockEncoder();
  private readonly strangers: Strangers;
  private readonly chain: WriterChain;
  /** Those who wait for the block being filled, and for the one being written. */
  private filling = new Group();
  private writing: Group | undefined;
  /** Since when the block being filled has something in it, and since when the other one had, by `performance.now()`. */
  private filledSince: number | undefined;
  private unwrittenSince: number | undefined;
  /** The block that is being written, or that a failed write left. */
  private block: Buffer | undefined;
  private isWriting = false;
  private isScheduled = false;
  private hasFailed = false;
  private isFull = false;
  /** A write takes too long. It is awaited all the same: only then is it known what is on the disk. */
  private isStalled = false;
  private isClosed = false;
  /** Ends when nothing is being written. */
  private work: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private readonly aging: NodeJS.Timeout;
  private readonly windowMs: number;

  /** @param now milliseconds since the Unix epoch */
  private constructor(
    private readonly settings: RecorderSettings,
    now: () => number,
    private readonly news: RecorderNews,
  ) {
    const { folder, log, segmentBytes = SEGMENT_BYTES, segmentMs = SEGMENT_MS } = settings;
    this.windowMs = settings.windowMs ?? WINDOW_MS;
    this.strangers = new Strangers(now);
    this.chain = new WriterChain({ folder, log, mostBytes: segmentBytes, mostMs: segmentMs }, now);
    this.aging = setInterval(() => this.start(), Math.min(segmentMs, MINUTE_MS)).unref();
  }

  /** @param now milliseconds since the Unix epoch @throws the system's error when the record cannot be written */
  static async open(settings: RecorderSettings, now: () => number, news: RecorderNews): Promise<Recorder> {
    const recorder = new Recorder(settings, now, news);
    await recorder.chain.ready();
    return recorder;
  }

  /** The name of its folder in that of the record. */
  get writer(): string {
    return this.chain.writer;
  }

  get lag(): number {
    const since = this.unwrittenSince ?? this.filledSince;
    return since === undefined ? 0 : (performance.now() - since) / 1_000;
  }

  get waiting(): number {
    return this.encoder.length;
  }

  get isAvailable(): boolean {
    return !this.hasFailed && !this.isFull && !this.isStalled && !this.isClosed;
  }

  begin(asked: Asked): void {
    this.encoder.begin(asked);
  }

  decision(
    purpose: string,
    field: string,
    level: string | undefined,
    person: Person | undefined,
    decision: Decision,
  ): void {
    this.encoder.decision(purpose, field, level, person, decision);
  }

  end(): void {
    this.encoder.end();
    this.schedule();
  }

  takeUsers(asked: Asked, users: RecordedUsers): void {
    this.encoder.takeUsers(asked, users);
    this.schedule();
  }

  takeDischarge(asked: Asked, discharge: RecordedDischarge): void {
    this.encoder.takeDischarge(asked, discharge);
    this.schedule();
  }

  stranger(id: string): Uint8Array {
    return this.strangers.nameOf(id);
  }

  settled(isBinding: boolean): Promise<boolean> | undefined {
    if (!this.hasMore) return undefined;
    if (this.hasFailed || this.isStalled || this.isClosed) return Promise.resolve(false);
    if (this.settings.isFast && !isBinding && this.isYoung) return undefined;
    if (this.encoder.isEmpty) return this.writing?.settled();
    this.hasten();
    return this.filling.settled();
  }

  /** Writes what is left, and closes the segment. @throws the system's error when something could not be written */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.aging);
    clearTimeout(this.timer);
    await this.work;
    try {
      if (this.hasFailed) await this.chain.ready();
      while (this.hasMore) await this.writeGroup();
      await this.chain.close();
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /** Whether nothing is longer unwritten than may be lost in fast mode. */
  private get isYoung(): boolean {
    const since = this.unwrittenSince ?? this.filledSince;
    return since === undefined || performance.now() - since < this.windowMs;
  }

  /** Whether something was taken down that is not on the disk. */
  private get hasMore(): boolean {
    return this.block !== undefined || !this.encoder.isEmpty;
  }

  /** In fast mode more is awaited, so that it goes into one write; else what this turn of the event loop brings. */
  private schedule(): void {
    if (!this.isFull && this.encoder.length + (this.block?.length ?? 0) >= BUFFER_BYTES) {
      this.isFull = true;
      this.news.onTrouble(new Error('more is decided than the disk takes: see that it is fast enough'));
    }
    this.filledSince ??= performance.now();
    if (!this.settings.isFast) this.hasten();
    else if (!this.isWriting && !this.hasFailed)
      this.timer ??= setTimeout(() => this.start(), this.windowMs / 2);
  }

  /**
   * Writes when a turn of the event loop brings nothing more, or the group has grown long enough: a write costs as much
   * processor time as two or three answers, and who asks much asks in many turns.
   */
  private hasten(): void {
    if (this.isScheduled || this.isWriting || this.hasFailed) return;
    this.isScheduled = true;
    this.gather(this.encoder.length, performance.now() + GATHER_MS);
  }

  private gather(before: number, until: number): void {
    setImmediate(() => {
      const { length } = this.encoder;
      if (length > before && performance.now() < until) return this.gather(length, until);
      this.isScheduled = false;
      this.start();
    });
  }

  private start(): void {
    if (this.isWriting || this.hasFailed || this.isClosed) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.work = this.writeGroup().catch((error: unknown) => this.fail(error));
  }

  /** What comes in meanwhile is the next group. */
  private async writeGroup(): Promise<void> {
    this.isWriting = true;
    await this.inTime(async () => {
      if (this.hasMore) await this.writeOne();
      await this.chain.turn();
    });
    this.isWriting = false;
    if (this.encoder.isEmpty) return;
    if (this.filling.isAwaited) this.hasten();
    else this.schedule();
  }

  /** Denies those who wait when it takes too long; what they wait for is written all the same, if it can be. */
  private async inTime(write: () => Promise<void>): Promise<void> {
    const stall = setTimeout(() => {
      this.isStalled = true;
      this.deny();
      this.news.onTrouble(new Error('the disk does not answer: see whether it is overloaded, or gone'));
    }, this.settings.patienceMs ?? PATIENCE_MS);
    try {
      await write();
    } finally {
      clearTimeout(stall);
    }
    if (!this.isStalled) return;
    this.isStalled = false;
    if (!this.hasFailed) this.news.onWorking();
  }

  private deny(): void {
    this.writing?.settle(false);
    this.filling.settle(false);
    this.writing = undefined;
    this.filling = new Group();
  }

  private async writeOne(): Promise<void> {
    if (this.block === undefined) {
      this.block = this.encoder.seal(this.chain.nextBlock);
      this.writing = this.filling;
      this.filling = new Group();
      this.unwrittenSince = this.filledSince;
      this.filledSince = undefined;
    }
    const since = performance.now();
    await this.chain.append(this.block);
    this.writes.observe((performance.now() - since) / 1_000);
    this.block = undefined;
    this.unwrittenSince = undefined;
    this.writing?.settle(true);
    this.writing = undefined;
    if (this.isFull && this.encoder.length < BUFFER_BYTES) {
      this.isFull = false;
      if (!this.hasFailed) this.news.onWorking();
    }
  }

  private fail(error: unknown): void {
    // the encoder needs its memory again
    if (this.block !== undefined) this.block = Buffer.from(this.block);
    this.deny();
    this.isWriting = false;
    this.isStalled = false;
    if (!this.hasFailed) this.news.onTrouble(error);
    this.hasFailed = true;
    if (!this.isClosed) this.timer = setTimeout(() => this.probe(), PROBE_MS).unref();
  }

  private probe(): void {
    this.timer = undefined;
    this.work = this.chain
      .ready()
      .then(() => this.writeGroup())
      .then(() => this.recovered())
      .catch((error: unknown) => this.fail(error));
  }

  private recovered(): void {
    this.hasFailed = false;
    this.news.onWorking();
    if (!this.encoder.isEmpty) this.hasten();
  }
}
