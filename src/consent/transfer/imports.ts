/**
 * Imports of what earlier systems know of users, in blocks of rows. How far an import has come is written with each block,
 * so that whatever is killed whenever, nothing is taken in twice or left out.
 */
import { setImmediate as turn } from 'node:timers/promises';
import {
  type ChangedBy,
  type ChoiceChange,
  type ConsentChange,
  NO_NOTICE,
  type UserRecord,
  applyChange,
} from '../../decision/consent-event.js';
import { type Purpose, noticeOf, settingIn } from '../../decision/policy.js';
import { MAX_CHOICES } from '../../decision/state/record-classes.js';
import { DomainError } from '../../errors.js';
import { parseJson } from '../../json.js';
import type { PolicyService, PolicyVersion } from '../../policy/policy.service.js';
import type { ChangeRequest, ConsentLog, Outcome } from '../log/consent-log.js';
import type { ConsentStore, ImportMark } from '../log/consent.store.js';
import { isGrantedAgain, settledProfile } from '../settings/choices.js';
import type { Ends } from '../log/ends.js';
import { type Line, linesIn } from './import-lines.js';
import { type Refusal, type RefusalReason, RowRefused, isRefusal, toldOf } from './import-refusals.js';
import { type ImportRow, type SaidInRow, rowOf } from './import-row.js';
import {
  type StandingChoice,
  UNKNOWN_CHOICE,
  choiceKeyOf,
  importedAt,
  standingChoices,
} from '../log/standing-choices.js';

/** Rows of a block: the database holds the event loop while it writes one. */
const BLOCK_ROWS = 1_024;
/** Most runs at a time: each holds up to a block of lines. */
const MOST_OPEN = 64;
/**
 * Refusals of so many last lines are kept with the mark: whoever has sent no more than that beyond what was answered has
 * lost none when a connection breaks.
 */
const LATELY = 8_192;

export type RefusedLine = { readonly line: number; readonly reason: RefusalReason; readonly error: string };

/** What became of the lines so far; `refused` is the sum of `reasons`. */
export type ImportSummary = {
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly reasons: Readonly<Record<string, number>>;
  /** Rows among those taken whose grant permits nothing: the purpose asks first, and they name no notice in force. */
  readonly permits_nothing: number;
};

export type ImportProgress = {
  readonly id: string;
  /** The last line that was taken in. */
  readonly line: number;
  readonly summary: ImportSummary;
  /** Those among the last lines that were refused. */
  readonly refusedLately: readonly RefusedLine[];
};

/** What is told while an import goes on: refused lines of a block, then how far it has come. */
export type ImportReport =
  RefusedLine | { readonly line: number; readonly summary: ImportSummary; readonly done?: true };

export class Imports {
  private readonly open = new Map<string, ImportRun>();

  constructor(
    private readonly log: ConsentLog,
    private readonly store: Pick<ConsentStore, 'importMark' | 'lastChoices'>,
    private readonly policies: PolicyService,
    private readonly now: () => number,
  ) {}

  /** @throws DomainError `import_not_found` */
  async progressOf(id: string): Promise<ImportProgress> {
    const mark = await this.store.importMark(id);
    if (mark === undefined)
      throw new DomainError('import_not_found', 'nothing was imported under this id: begin at line 1');
    return Tally.of(mark).progress;
  }

  /** How many runs are open. */
  get running(): number {
    return this.open.size;
  }

  /**
   * Goes on with an import. A run of it that is still open ends then: its client is gone, or is told so. A start that is
   * refused leaves no trace, and the run goes on.
   *
   * @param from the line that the first one to come is
   * @throws DomainError `import_elsewhere` when it is not the one after the last that was taken in; `not_confirmed` when as
   *   many imports are open as may be
   */
  async goOn(id: string, from: number, by: ChangedBy): Promise<ImportRun> {
    for (;;) {
      const before = this.open.get(id);
      await before?.settled();
      const mark = (await this.store.importMark(id)) ?? { id, line: 0, summary: {} };
      if (from !== mark.line + 1)
        throw new DomainError('import_elsewhere', `go on from line ${mark.line + 1}`, '/from');
      // somebody else went on meanwhile, or the run before did: the mark is no longer the last one
      if (this.open.get(id) !== before || before?.givesWayAt(mark.line) === false) continue;
      if (before === undefined && this.open.size >= MOST_OPEN)
        throw new DomainError('not_confirmed', `${MOST_OPEN} imports are open: go on when one has ended`);
      const run = new ImportRun(this.log, this.store, this.policies, this.now, by, Tally.of(mark));
      this.open.set(id, run);
      return run;
    }
  }

  /** Ends what is open, so that a shutdown does not wait for it: whoever sends it goes on later. */
  async close(): Promise<void> {
    const stopping = new DomainError('not_confirmed', 'the service is stopping: go on when it is back');
    await Promise.all([...this.open.values()].map((run) => run.end(stopping)));
  }

  /** Lets a run go that is over. */
  letGo(id: string, run: ImportRun): void {
    if (this.open.get(id) === run) this.open.delete(id);
  }
}

/** One request's part of an import. */
export class ImportRun {
  private ended: DomainError | undefined;
  private block: Promise<unknown> | undefined;

  constructor(
    private readonly log: ConsentLog,
    private readonly store: Pick<ConsentStore, 'lastChoices'>,
    private readonly policies: PolicyService,
    private readonly now: () => number,
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

  /** Ends for another run, unless it has come further than this line, or is about to. */
  givesWayAt(line: number): boolean {
    if (this.ended !== undefined) return true;
    if (this.block !== undefined || this.tally.line !== line) return false;
    this.ended = new DomainError('import_elsewhere', 'another request goes on with this import');
    return true;
  }

  /**
   * Takes in the lines of these chunks.
   *
   * @throws DomainError `not_confirmed` when storage fails or the service stops; `import_elsewhere` when another request goes on with it. What
   *   was reported until then holds.
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
    // one block after the other holds the event loop: others have their turn in between
    await turn();
    const before = this.current;
    const now = this.now();
    const read = lines.map((text, index) =>
      readLine(text, before.line + 1 + index, now, (user) => this.log.state.knows(user)),
    );
    const rows = read.filter((row) => typeof row !== 'string').map((row) => asOf(row, now));
    const standing = new Map<string, StandingChoice>();
    const idle = new Set<ImportRow>();
    let after = before;
    this.block = this.log.changeAll(
      rows.map((row) => this.requestFor(row, standing, idle, now)),
      (outcomes) => {
        after = before.after(
          read,
          outcomes,
          rows.map((row) => idle.has(row)),
        );
        return after.mark;
      },
      async () => {
        for (const [key, choice] of await this.standingBefore(rows)) standing.set(key, choice);
      },
    );
    try {
      await this.block;
      this.tally = after;
    } catch (error) {
      // whether the block was written, only the log knows: whoever goes on asks it
      this.ended ??= new DomainError('not_confirmed', 'go on after the last line that was taken in');
      throw error;
    } finally {
      this.block = undefined;
    }
    const { line, summary } = after.progress;
    return [...after.refusedSince(before.line), { line, summary }];
  }

  /** @param idle where rows are noted whose grants permit nothing */
  private requestFor(
    row: ImportRow,
    standing: Map<string, StandingChoice>,
    idle: Set<ImportRow>,
    at: number,
  ): ChangeRequest {
    const { user, said, saidAt, language } = row;
    return {
      user,
      by: this.by,
      at,
      via: 'import',
      ...(saidAt === undefined ? {} : { saidAt }),
      ...(language === undefined ? {} : { language }),
      // a grant names nothing that it opens: a denial that was said here it never replaces, so there is no race to win
      ...(said?.choice === 'denied' ? { closes: [said.purpose] } : {}),
      mayDependOnEnds: (record) => record.ageBand === 'minor' || isGrantedAgain(record, said),
      settle: (record, ends) => {
        const policy = this.policies.current;
        const changes = changesOf(row, record, ends, policy, standing, at);
        if (permitsNothing(row, record, changes, policy)) idle.add(row);
        return changes;
      },
    };
  }

  /** What is known of the choices that stand before a block, of those users of whom its rows ask for it. */
  private async standingBefore(rows: readonly ImportRow[]): Promise<ReadonlyMap<string, StandingChoice>> {
    const wanted = rows.flatMap(({ user, said, saidAt }) => {
      if (said === undefined) return [];
      const { purpose, choice } = said;
      const recorded = this.log.state.recordOf(user).choices.get(purpose);
      // without a time, what the record says is enough: but for a denial that comes after one of a known time
      if (recorded === undefined || (saidAt === undefined && choice !== recorded.choice)) return [];
      return saidAt !== undefined || choice === 'denied' ? [{ user, purpose }] : [];
    });
    return wanted.length === 0 ? new Map() : standingChoices(await this.store.lastChoices(wanted));
  }
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
  // who counts otherwise would leave lines out, or send them twice
  if (typeof value === 'object' && value !== null && 'line' in value && value.line !== line)
    throw new DomainError('import_elsewhere', `line ${line} was to come, and another one came`);
  return rowOf(value, now, isKnown);
}

/** The row as it is to be read now: a time that it names may have come. */
function asOf(row: ImportRow, now: number): ImportRow {
  const { adultFrom, ...others } = row;
  const { said } = others;
  const ended = said?.until !== undefined && said.until <= now;
  return {
    ...others,
    ...(adultFrom === undefined ? {} : adultFrom <= now ? { ageBand: 'adult' } : { adultFrom }),
    ...(said !== undefined && ended ? { said: { purpose: said.purpose, choice: 'denied' } } : {}),
  };
}

/**
 * What a row changes in a record.
 *
 * @param standing of the choices that stand, in which the row's own is noted
 * @param now when it is imported, in milliseconds since the Unix epoch
 * @throws RowRefused
 */
function changesOf(
  row: ImportRow,
  before: UserRecord,
  ends: Ends,
  policy: PolicyVersion,
  standing: Map<string, StandingChoice>,
  now: number,
): ConsentChange[] {
  const { region = before.region, ageBand = before.ageBand, adultFrom, said, signal, user, saidAt } = row;
  const changes: ConsentChange[] = [];
  const isProfile = row.region !== undefined || row.ageBand !== undefined;
  if (isProfile)
    changes.push(
      ...settledProfile(before, ends, { region, ageBand, ...(adultFrom === undefined ? {} : { adultFrom }) }),
    );
  if (signal !== undefined && !before.signals.has(signal)) changes.push({ kind: 'signal', signal });
  if (said === undefined) return changes;
  const record = changes.reduce(applyChange, before);
  const key = choiceKeyOf(user, said.purpose);
  const time = importedAt(said.choice, saidAt, now);
  const choice =
    said.choice === 'denied'
      ? denialIn(said.purpose, time, record, policy, standing.get(key))
      : grantIn(said, time, record, policy, ends.ofGrant(said.purpose), standing.get(key));
  if (choice === undefined) return changes;
  const { until } = choice;
  standing.set(key, { isHere: false, saidAt: time, ...(until === undefined ? {} : { until }) });
  return [...changes, choice];
}

function knownIn(purpose: string, record: UserRecord, policy: PolicyVersion): Purpose {
  const known = policy.purposes.get(purpose);
  if (known === undefined) throw new RowRefused('purpose_unknown');
  if (!record.choices.has(purpose) && record.choices.size >= MAX_CHOICES)
    throw new RowRefused('too_many_choices');
  return known;
}

/** The denial that a row brings, if it was not said before what stands. */
function denialIn(
  purpose: string,
  time: number,
  record: UserRecord,
  policy: PolicyVersion,
  { isHere, saidAt }: StandingChoice = UNKNOWN_CHOICE,
): ChoiceChange | undefined {
  knownIn(purpose, record, policy);
  const recorded = record.choices.get(purpose);
  // a later denial is noted although one stands: a grant that was said between them opens nothing
  const counts =
    recorded?.choice === 'denied' ? !isHere && time > saidAt : recorded === undefined || time >= saidAt;
  return counts ? { kind: 'choice', purpose, choice: 'denied', notice: NO_NOTICE, signal: false } : undefined;
}

/** The grant that a row brings, if it was not said before what stands. @throws RowRefused against a denial */
function grantIn(
  { purpose, notice = NO_NOTICE, until }: SaidInRow,
  time: number,
  record: UserRecord,
  policy: PolicyVersion,
  end: number | undefined,
  { isHere, saidAt, until: ends }: StandingChoice = UNKNOWN_CHOICE,
): ChoiceChange | undefined {
  const known = knownIn(purpose, record, policy);
  if (notice > noticeOf(known)) throw new RowRefused('notice_ahead');
  const setting = settingIn(policy.document, known, policy.regimeOf(record.region));
  const counting = setting === 'opt_in' ? notice : NO_NOTICE;
  const grant = { kind: 'choice', purpose, choice: 'granted', notice: counting, signal: false } as const;
  const ending = until === undefined ? grant : { ...grant, until };
  const recorded = record.choices.get(purpose);
  if (recorded === undefined) return ending;
  const isDenied = recorded.choice === 'denied';
  if (isHere || time === -Infinity) {
    if (isDenied) throw new RowRefused('denial_stands');
    // what was said elsewhere prolongs nothing: the earlier end counts, and the notice that stands is kept or bettered
    const last = Math.min(until ?? Infinity, end ?? Infinity);
    if (last === (end ?? Infinity) && recorded.notice >= counting) return undefined;
    const best = Math.max(recorded.notice, counting);
    return { ...grant, notice: best, ...(last === Infinity ? {} : { until: last }) };
  }
  if (isDenied && (saidAt === Infinity || saidAt === time)) throw new RowRefused('denial_stands');
  if (time !== saidAt) return time > saidAt ? ending : undefined;
  // of two that were said at one time, what closes more counts
  const least = Math.min(recorded.notice, counting);
  const first = Math.min(until ?? Infinity, ends ?? Infinity);
  if (least === recorded.notice && first === (ends ?? Infinity)) return undefined;
  return { ...grant, notice: least, ...(first === Infinity ? {} : { until: first }) };
}

/** Whether the grant of a row stands, and is no opt-in where one is asked for. */
function permitsNothing(
  { said }: ImportRow,
  before: UserRecord,
  changes: readonly ConsentChange[],
  policy: PolicyVersion,
): boolean {
  if (said?.choice !== 'granted') return false;
  const { choices, region } = changes.reduce(applyChange, before);
  const stands = choices.get(said.purpose);
  const purpose = policy.purposes.get(said.purpose);
  return (
    stands?.choice === 'granted' &&
    purpose !== undefined &&
    stands.notice < noticeOf(purpose) &&
    settingIn(policy.document, purpose, policy.regimeOf(region)) === 'opt_in'
  );
}

const CHANGED = 'changed';
const UNCHANGED = 'unchanged';
const PERMITS_NOTHING = 'permits_nothing';

/** How far an import has come, and what became of its lines. */
class Tally {
  private constructor(
    private readonly id: string,
    readonly line: number,
    private readonly counts: ReadonlyMap<string, number>,
    private readonly lately: readonly KeptRefusal[],
  ) {}

  /** Kept refusals stand among the counts, as `LINE REFUSAL`. */
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
      ...reasons
    } = Object.fromEntries(this.counts);
    const refused = Object.values(reasons).reduce((sum, count) => sum + count, 0);
    return {
      id: this.id,
      line: this.line,
      summary: { changed, unchanged, refused, reasons, permits_nothing },
      refusedLately: this.lately.map(lineOf),
    };
  }

  refusedSince(line: number): RefusedLine[] {
    return this.lately.filter((refused) => refused.line > line).map(lineOf);
  }

  /**
   * After one more block, of rows that could be read and what became of each, and of those that could not.
   *
   * @param idle of each row that could be read, whether its grant permits nothing
   */
  after(
    read: readonly (ImportRow | Refusal)[],
    outcomes: readonly Outcome[],
    idle: readonly boolean[],
  ): Tally {
    const counts = new Map(this.counts);
    const line = this.line + read.length;
    const lately = this.lately.filter((refused) => refused.line > line - LATELY);
    let next = 0;
    const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const [index, row] of read.entries()) {
      const isIdle = typeof row !== 'string' && idle[next] === true;
      const outcome = typeof row === 'string' ? row : reasonOf(outcomes[next++]);
      const isTaken = outcome === CHANGED || outcome === UNCHANGED;
      count(isTaken ? outcome : toldOf(outcome).reason);
      if (isTaken && isIdle) count(PERMITS_NOTHING);
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
  // INVARIANT: nothing else refuses: `changesOf` throws nothing else, and a row names nothing that it opens
  if (outcome instanceof RowRefused) return outcome.reason;
  throw new Error('every row that could be read has an outcome');
}
