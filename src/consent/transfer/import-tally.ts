import type { Outcome } from '../log/log-writer.js';
import type { ImportMark } from '../log/consent.store.js';
import { type Refusal, type RefusalReason, RowRefused, isRefusal, toldOf } from './import-refusals.js';
import type { ImportRow } from './import-row.js';

/**
 * Refusals of this many last lines are stored with the mark, so that a client which stays within that window loses none
 * when a connection breaks.
 */
const LATELY = 8_192;

/** A refused line, as it is reported. */
export type RefusedLine = { readonly line: number; readonly reason: RefusalReason; readonly error: string };

/** What became of the lines so far; `refused` is the sum of `reasons`. */
export type ImportSummary = {
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly reasons: Readonly<Record<string, number>>;
  /** Rows among those taken whose grant permits nothing: the purpose asks first, and they name no notice in force. */
  readonly permits_nothing: number;
  /** Rows among those taken whose level is not one of its group, so that it counts as the strictest. */
  readonly taken_as_strictest: number;
};

/** The position of an import, as it is reported. */
export type ImportProgress = {
  readonly id: string;
  /** The last line that was taken in. */
  readonly line: number;
  readonly summary: ImportSummary;
  /** Those among the last lines that were refused. */
  readonly refusedLately: readonly RefusedLine[];
};

const CHANGED = 'changed';
const UNCHANGED = 'unchanged';
const PERMITS_NOTHING = 'permits_nothing';
const TAKEN_AS_STRICTEST = 'taken_as_strictest';

/** What is to be known of a row although it is taken. */
export type Remark = typeof PERMITS_NOTHING | typeof TAKEN_AS_STRICTEST;

/** The position of an import, and the counts of its lines. */
export class Tally {
  private constructor(
    readonly id: string,
    readonly line: number,
    private readonly counts: ReadonlyMap<string, number>,
    private readonly lately: readonly KeptRefusal[],
  ) {}

  /** Stored refusals are among the counts, as `LINE REFUSAL`. */
  static of({ id, line, summary }: ImportMark): Tally {
    const counts = new Map<string, number>();
    const lately: KeptRefusal[] = [];
    for (const [name, count] of Object.entries(summary)) {
      const [, line, refusal] = /^(\d+) (.+)$/.exec(name) ?? [];
      if (refusal === undefined) counts.set(name, count);
      else if (isRefusal(refusal)) lately.push({ line: Number(line), refusal });
    }
    return new Tally(
      id,
      line,
      counts,
      lately.sort((a, b) => a.line - b.line),
    );
  }

  get mark(): ImportMark {
    const lately = this.lately.map(({ line, refusal }) => [`${line} ${refusal}`, 1] as const);
    return { id: this.id, line: this.line, summary: Object.fromEntries([...this.counts, ...lately]) };
  }

  get progress(): ImportProgress {
    const {
      [CHANGED]: changed = 0,
      [UNCHANGED]: unchanged = 0,
      [PERMITS_NOTHING]: permits_nothing = 0,
      [TAKEN_AS_STRICTEST]: taken_as_strictest = 0,
      ...reasons
    } = Object.fromEntries(this.counts);
    const refused = Object.values(reasons).reduce((sum, count) => sum + count, 0);
    return {
      id: this.id,
      line: this.line,
      summary: { changed, unchanged, refused, reasons, permits_nothing, taken_as_strictest },
      refusedLately: this.lately.map(lineOf),
    };
  }

  refusedSince(line: number): RefusedLine[] {
    return this.lately.filter((refused) => refused.line > line).map(lineOf);
  }

  /**
   * Counts one more block: the readable rows with their results, and the unreadable ones.
   *
   * @param remarks of each row that could be read, what is to be counted if it is taken
   */
  after(
    read: readonly (ImportRow | Refusal)[],
    outcomes: readonly Outcome[],
    remarks: readonly (readonly Remark[])[],
  ): Tally {
    const counts = new Map(this.counts);
    const line = this.line + read.length;
    const lately = this.lately.filter((refused) => refused.line > line - LATELY);
    let next = 0;
    const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const [index, row] of read.entries()) {
      const noted = typeof row === 'string' ? [] : (remarks[next] ?? []);
      const outcome = typeof row === 'string' ? row : reasonOf(outcomes[next++]);
      const isTaken = outcome === CHANGED || outcome === UNCHANGED;
      count(isTaken ? outcome : toldOf(outcome).reason);
      if (isTaken) for (const remark of noted) count(remark);
      if (!isTaken) lately.push({ line: this.line + 1 + index, refusal: outcome });
    }
    return new Tally(this.id, line, counts, lately);
  }
}

type KeptRefusal = { readonly line: number; readonly refusal: Refusal };

function lineOf({ line, refusal }: KeptRefusal): RefusedLine {
  return { line, ...toldOf(refusal) };
}

function reasonOf(outcome: Outcome | undefined): typeof CHANGED | typeof UNCHANGED | RefusalReason {
  if (outcome === CHANGED || outcome === UNCHANGED) return outcome;
  // INVARIANT: `changesOf` throws nothing else, and rows list nothing under `opens`
  if (outcome instanceof RowRefused) return outcome.reason;
  if (outcome?.code === 'too_many_users') return outcome.code;
  throw new Error('every row that could be read has an outcome');
}
