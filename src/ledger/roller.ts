/** Counts what the records say in the ledger, as they are written; each decision once, whoever counts it. */
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { BEGINNING, blocksAfter, isClosed, isRemoved } from '../record/segment/record-tail.js';
import { type FailedVerificationStore, recordOf } from '../consent/upkeep/failed-verifications.store.js';
import { RecordDamage } from '../record/segment/segment-reader.js';
import { lockEnded, sequencesIn, writersIn } from '../record/segment/writer-folder.js';
import { DAY_MS } from '../time.js';
import { Failures } from '../work/failures.js';
import { giveWay } from '../work/slices.js';
import { RollUp, dayOf, partsOf } from './roll-up.js';
import type { Counted, UseStore } from './uses.store.js';

export type RollerSettings = {
  /** Absolute path of the folder of the record. */
  readonly folder: string;
  /** The consent log whose users the ledger is of. The numbers of another log are other people. */
  readonly log: string;
  /** The writer of this process; absent: none writes now. Those of others are counted by them, until they ended. */
  readonly own?: string;
  /** After how many days uses are deleted; 0: never. */
  readonly days: number;
  /** About how many rows are written in one statement. */
  readonly rows: number;
};

/** Says it. */
export function foreignRecord(writer: string): string {
  return `the record of the writer ${writer} is of another consent log, and is not counted: move its folder away, and give each log a RECORD_DIR of its own`;
}

const START: Counted = { ...BEGINNING, skip: 0 };
/** A decision is in the record of a running writer this long after it was made; else its answer did not leave. */
const WRITTEN_WITHIN_MS = 6_000;
/** How long counting may block the event loop. */
const SLICE_MS = 1;
const FORGOTTEN_AT_ONCE = 5_000;

export class Roller {
  private sliceBegan = 0;
  /** By writer, the damage that was noted last; null: none. */
  private readonly noted = new Map<string, string | null>();

  /**
   * @param now milliseconds since the Unix epoch
   * @param onForeign the record of a writer is of another consent log: it is left out
   * @param damages keeps which records could not be read on
   */
  constructor(
    private readonly settings: RollerSettings,
    private readonly store: UseStore,
    private readonly now: () => number,
    private readonly onForeign: (writer: string) => void,
    private readonly damages: Pick<FailedVerificationStore, 'failed' | 'passed'>,
  ) {}

  /**
   * Counts what was recorded since the last time.
   *
   * @throws RecordDamage, or the store's error, once the records of all other writers were counted
   */
  async run(signal?: AbortSignal): Promise<void> {
    const { folder } = this.settings;
    const writers = await writersIn(folder);
    const cursors = await this.store.cursors(writers);
    const failures = new Failures();
    // before any is counted: else the ledger would be complete as far as the first of them
    for (const writer of writers) if (!cursors.has(writer)) await failures.keep(this.begin(writer));
    for (const writer of writers) {
      if (signal?.aborted === true) return;
      const cursor = cursors.get(writer);
      if (cursor?.hasEnded === true) continue;
      await failures.keep(this.count(writer, cursor ?? START, signal));
    }
    failures.end();
  }

  /** Deletes what was kept long enough. */
  async forget(signal?: AbortSignal): Promise<void> {
    if (this.settings.days === 0) return;
    const { firstDay } = this;
    const present = await this.present();
    for (;;) {
      const forgotten = await this.store.forgetBefore(firstDay, FORGOTTEN_AT_ONCE, present);
      if (forgotten === 0 || signal?.aborted === true) return;
      await turn();
    }
  }

  /** The writers of which there are segments: without their places these would be counted again. */
  private async present(): Promise<readonly string[]> {
    const present: string[] = [];
    for (const writer of await writersIn(this.settings.folder))
      if ((await sequencesIn(join(this.settings.folder, writer))).length > 0) present.push(writer);
    return present;
  }

  private get firstDay(): number {
    const { days } = this.settings;
    return days === 0 ? 0 : dayOf(this.now() - days * DAY_MS);
  }

  private async begin(writer: string): Promise<void> {
    if ((await sequencesIn(join(this.settings.folder, writer))).length > 0) await this.store.begin(writer, 0);
  }

  private async note(writer: string, because: string | null): Promise<void> {
    if (this.noted.get(writer) === because) return;
    const of = recordOf(writer);
    if (because === null) await this.damages.passed(of);
    else await this.damages.failed({ of, at: this.now(), because, by: null });
    this.noted.set(writer, because);
  }

  private async count(writer: string, start: Counted, signal: AbortSignal | undefined): Promise<void> {
    const folder = join(this.settings.folder, writer);
    if (writer === this.settings.own) return this.follow(writer, start, false, signal);
    if (await isRemoved(folder)) return this.store.reached(writer, start, 0, true);
    const lock = await lockEnded(folder);
    // it need not stay so for what is read: nothing is appended twice
    lock?.release();
    // what a crash left has an end once the next process that starts has closed it
    if (lock !== undefined) await this.follow(writer, start, await isClosed(folder), signal);
  }

  private async pause(signal: AbortSignal | undefined): Promise<void> {
    await giveWay(performance.now() - this.sliceBegan, signal);
    this.sliceBegan = performance.now();
  }

  private async follow(
    writer: string,
    start: Counted,
    hasEnded: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    // what is recorded from now on may be missed, and so may what a running writer has not written yet
    const until = this.now() - (writer === this.settings.own ? WRITTEN_WITHIN_MS : 0);
    let from = start;
    let to = start;
    /** Time of the last record that was counted. */
    let last = 0;
    let group = new RollUp(this.firstDay);
    const write = async (): Promise<boolean> => {
      if (!isSame(from, to)) {
        // the embedded database takes its time in this thread
        this.sliceBegan = performance.now();
        if (!(await this.store.add(writer, from, to, group.result()))) return false;
        await this.pause(signal);
        group = new RollUp(this.firstDay);
        from = to;
      }
      return signal?.aborted !== true;
    };
    try {
      for await (const { block, position } of blocksAfter(join(this.settings.folder, writer), start)) {
        if (block.log !== this.settings.log) {
          await this.store.reached(writer, start, 0, true);
          return this.onForeign(writer);
        }
        const skip = block.number === start.nextBlock ? start.skip : 0;
        for (const { index, entry } of block.entries())
          for (let part = 0; part < partsOf(entry); part++) {
            const counted = index + part + 1;
            if (counted <= skip) continue;
            group.add(entry, part);
            to = { sequence: block.sequence, at: block.at, nextBlock: block.number, skip: counted };
            if (performance.now() - this.sliceBegan > SLICE_MS) await this.pause(signal);
            if (group.size >= this.settings.rows && !(await write())) return;
          }
        to = { ...position, skip: 0 };
        last = block.last;
      }
    } catch (error) {
      if (error instanceof RecordDamage) await this.note(writer, error.message);
      // what is before a damage counts, and no more is complete; where nothing was read, that is known from before
      const isNews = last > 0 || start.sequence === 0;
      if (error instanceof RecordDamage && (await write()) && isNews)
        await this.store.reached(writer, to, last, false);
      throw error;
    }
    if (!(await write())) return;
    await this.store.reached(writer, to, until, hasEnded);
    await this.note(writer, null);
  }
}

function isSame(one: Counted, other: Counted): boolean {
  return one.nextBlock === other.nextBlock && one.skip === other.skip;
}
