import { setImmediate as turn } from 'node:timers/promises';
import {
  type ChangedBy,
  type ConsentChange,
  EMPTY_RECORD,
  type UserRecord,
} from '../../decision/consent-event.js';
import { groupsOf } from '../../decision/visibility.js';
import { DomainError } from '../../errors.js';
import { parseJson } from '../../json.js';
import type { PolicyService } from '../../policy/policy.service.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { ErasureList } from '../log/erased/erasure-list.js';
import type { ChangeRequest } from '../log/settlement/settlement.js';
import type { ConsentStore } from '../log/consent.store.js';
import { isGrantedAgain } from '../settings/changes/choices.js';
import { grantsItCloses } from '../settings/gpc/standing-signal.js';
import { type Line, linesIn } from './import-lines.js';
import { type Refusal, RowRefused } from './import-refusals.js';
import { type ImportRow, rowOf } from './import-row.js';
import { signalTopic } from '../log/settlement/event-rules.js';
import { standingChoices, standingLevels } from '../log/settlement/standing-choices.js';
import { widerThan } from '../settings/visibility.js';
import { type ImportSummary, type RefusedLine, type Remark, Tally } from './import-tally.js';
import { type Standing, asOf, changesOf, isTakenAsStrictest, permitsNothing } from './row-meaning.js';

/** Rows per block: writing one blocks the event loop. */
const BLOCK_ROWS = 1_024;

/** Reports during an import: refused lines of a block, then the position. */
export type ImportReport =
  RefusedLine | { readonly line: number; readonly summary: ImportSummary; readonly done?: true };

/** The parts that an import writes to. */
export type ImportsInto = {
  readonly log: ConsentLog;
  readonly store: Pick<ConsentStore, 'importMark' | 'lastChoices' | 'lastLevels'>;
  readonly policies: PolicyService;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** The time by which minors come of age, at most `now`. */
  readonly sure: (now: number) => Promise<number>;
  /** Who was erased, see `ErasureList`; absent: nobody tells. */
  readonly erased?: Pick<ErasureList, 'erasedAt' | 'refresh'> | undefined;
};

/** What settling the rows of a block finds. */
type Found = {
  readonly standing: Standing;
  /** What is to be known of rows although they are taken. */
  readonly remarks: Map<ImportRow, readonly Remark[]>;
  /** Rows whose signal is new. */
  readonly heard: Set<ImportRow>;
};

/** One request's part of an import. */
export class ImportRun {
  private ended: DomainError | undefined;
  private block: Promise<unknown> | undefined;

  constructor(
    private readonly on: ImportsInto,
    private readonly by: ChangedBy,
    private tally: Tally,
  ) {}

  /** Starts no further block; resolves when the one under way is settled. */
  async end(why: DomainError): Promise<void> {
    this.ended ??= why;
    await this.settled();
  }

  /** Resolves when the block under way is settled. */
  async settled(): Promise<void> {
    await this.block?.catch(() => undefined);
  }

  /** Ends this run in favour of another, unless it has passed `line` or is writing a block. */
  givesWayAt(line: number): boolean {
    if (this.ended !== undefined) return true;
    if (this.block !== undefined || this.tally.line !== line) return false;
    this.ended = goesOnElsewhere();
    return true;
  }

  /**
   * Takes in the lines of these chunks.
   *
   * @throws DomainError `not_confirmed` when storage fails or the service stops; `import_elsewhere` when another
   *   request goes on with it. What was reported until then holds.
   */
  async *take(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ImportReport, void> {
    let waiting: Line[] = [];
    for await (const lines of linesIn(chunks)) {
      waiting = waiting.length === 0 ? [...lines] : [...waiting, ...lines];
      let at = 0;
      for (; waiting.length - at >= BLOCK_ROWS; at += BLOCK_ROWS)
        yield* await this.takeBlock(waiting.slice(at, at + BLOCK_ROWS));
      waiting = waiting.slice(at);
    }
    if (waiting.length > 0) yield* await this.takeBlock(waiting);
    const { line, summary } = this.current.progress;
    yield { done: true, line, summary };
  }

  private get current(): Tally {
    if (this.ended !== undefined) throw this.ended;
    return this.tally;
  }

  private async takeBlock(lines: readonly Line[]): Promise<readonly ImportReport[]> {
    // a block blocks the event loop, so other work gets a turn between two of them
    await turn();
    const before = this.current;
    const now = this.on.now();
    const read = lines.map((text, index) =>
      readLine(text, before.line + 1 + index, now, (user) => this.on.log.state.knows(user)),
    );
    const taken = read.filter((row) => typeof row !== 'string');
    const isOfAge = taken.some(({ adultFrom = Infinity }) => adultFrom <= now);
    const sure = isOfAge ? await this.on.sure(now) : now;
    const rows = taken.map((row) => asOf(row, now, sure));
    const standing: Standing = { choices: new Map(), levels: new Map() };
    const remarks = new Map<ImportRow, readonly Remark[]>();
    const heard = new Set<ImportRow>();
    let after = before;
    this.block = this.on.log.changeAll(
      [
        ...rows.map((row) => this.requestFor(row, { standing, remarks, heard }, now)),
        ...rows.filter(({ signal }) => signal !== undefined).map((row) => this.leftBy(row, heard, now)),
      ],
      (outcomes) => {
        after = before.after(
          read,
          outcomes,
          rows.map((row) => remarks.get(row) ?? []),
        );
        return { ...after.mark, by: this.by.id, at: now };
      },
      async (within) => {
        await this.mustFollow(before);
        await this.on.erased?.refresh(within);
        // where another process wrote first, the block is settled again
        for (const found of [standing.choices, standing.levels, remarks, heard]) found.clear();
        await this.readStanding(rows, standing);
      },
    );
    try {
      await this.block;
      this.tally = after;
    } catch (error) {
      // only the log knows whether the block was written; the next run reads the mark
      this.ended ??= isElsewhere(error)
        ? error
        : new DomainError('not_confirmed', 'go on after the last line that was taken in');
      throw error;
    } finally {
      this.block = undefined;
    }
    const { line, summary } = after.progress;
    return [...after.refusedSince(before.line), { line, summary }];
  }

  /**
   * Refuses to continue an import that another process of the fleet has continued: the mark is written with each block,
   * so only one of two can succeed.
   */
  private async mustFollow({ id, line }: Tally): Promise<void> {
    const mark = await this.on.store.importMark(id);
    if ((mark?.line ?? 0) !== line) throw goesOnElsewhere();
  }

  private requestFor(row: ImportRow, { standing, remarks, heard }: Found, at: number): ChangeRequest {
    const { user, said, level, signal, saidAt, language } = row;
    const timeless = new Set<ConsentChange>();
    const group =
      level === undefined ? undefined : groupsOf(this.on.policies.current.document).get(level.group);
    return {
      user,
      by: this.by,
      at,
      via: 'import',
      ...(saidAt === undefined ? {} : { saidAt }),
      ...(language === undefined ? {} : { language }),
      // a row lists nothing under `opens`: it never opens what was closed here, so it cannot race with that
      closes: [
        ...(said?.choice === 'denied' ? [said.purpose] : []),
        ...(signal === undefined ? [] : [signalTopic(signal)]),
        ...(level === undefined || group === undefined ? [] : widerThan(group, level.level)),
      ],
      timeless,
      mayDependOnEnds: (record) => record.ageBand === 'minor' || isGrantedAgain(record, said),
      settle: (record, ends) => {
        this.mustNotBringBack(row, record);
        const policy = this.on.policies.current;
        const { changes, timeless: withoutTime } = changesOf(row, record, ends, policy, standing, at);
        for (const change of withoutTime) timeless.add(change);
        remarks.set(row, [
          ...(permitsNothing(row, record, changes, policy) ? (['permits_nothing'] as const) : []),
          ...(isTakenAsStrictest(row, policy) ? (['taken_as_strictest'] as const) : []),
        ]);
        if (changes.some(({ kind }) => kind === 'signal')) heard.add(row);
        return changes;
      },
    };
  }

  /** @throws RowRefused for somebody who was erased, and of whom the row does not say that they came back after that */
  private mustNotBringBack({ user, cameBackAt = -Infinity }: ImportRow, record: UserRecord): void {
    // whoever is known is not brought back; rows before this one of the same block count
    if (record !== EMPTY_RECORD || this.on.log.state.knows(user)) return;
    const erasedAt = this.on.erased?.erasedAt(user);
    if (erasedAt !== undefined && cameBackAt <= erasedAt) throw new RowRefused('user_erased');
  }

  /**
   * What the signal of a row leaves of grants that were given against an earlier one. It is a request of its own, since
   * what a signal leaves is no choice of an import.
   */
  private leftBy(row: ImportRow, heard: ReadonlySet<ImportRow>, at: number): ChangeRequest {
    const { user, saidAt } = row;
    return {
      user,
      by: this.by,
      at,
      via: 'gpc',
      ...(saidAt === undefined ? {} : { saidAt }),
      settle: (record) => (heard.has(row) ? grantsItCloses(record) : []),
    };
  }

  /** Reads the current choices and levels before a block, for the rows that need them. */
  private async readStanding(rows: readonly ImportRow[], { choices, levels }: Standing): Promise<void> {
    const { state } = this.on.log;
    const wanted = rows.flatMap(({ user, said, saidAt }) => {
      if (said === undefined) return [];
      const { purpose, choice } = said;
      const recorded = state.recordOf(user).choices.get(purpose);
      // of somebody who is known, the choice may have been taken back
      if (recorded === undefined)
        return state.knows(user) && (saidAt !== undefined || choice === 'granted') ? [{ user, purpose }] : [];
      // a row without a time needs only the record, except a denial that follows a denial of a known time
      if (saidAt === undefined && choice !== recorded.choice) return [];
      return saidAt !== undefined || choice === 'denied' ? [{ user, purpose }] : [];
    });
    const set = rows.flatMap(({ user, level }) =>
      level !== undefined && state.recordOf(user).visibility?.has(level.group) === true
        ? [{ user, group: level.group }]
        : [],
    );
    if (wanted.length > 0)
      for (const [key, choice] of standingChoices(await this.on.store.lastChoices(wanted)))
        choices.set(key, choice);
    if (set.length > 0)
      for (const [key, level] of standingLevels(await this.on.store.lastLevels(set))) levels.set(key, level);
  }
}

function goesOnElsewhere(): DomainError {
  return new DomainError('import_elsewhere', 'another request goes on with this import');
}

function isElsewhere(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code === 'import_elsewhere';
}

/** @returns the row, or why it is refused */
function readLine(
  text: Line,
  line: number,
  now: number,
  isKnown: (user: string) => boolean,
): ImportRow | Refusal {
  if (typeof text !== 'string') return text.fault;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return 'not_readable';
  }
  // a client that counts differently would skip lines or send them twice
  if (typeof value === 'object' && value !== null && 'line' in value && value.line !== line)
    throw new DomainError('import_elsewhere', `line ${line} was to come, and another one came`);
  return rowOf(value, now, isKnown);
}
