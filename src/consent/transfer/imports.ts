/**
 * Imports from earlier systems, in blocks of rows. The progress is written in the transaction of each block, so that no
 * crash makes a row count twice or get lost.
 */
import type { ChangedBy } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import type { PolicyService } from '../../policy/policy.service.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { ConsentStore, ImportMark, ListedImport } from '../log/consent.store.js';
import { ImportRun, type ImportsInto } from './import-run.js';
import { type ImportProgress, Tally } from './import-tally.js';

/** Most runs at a time: each holds up to a block of lines. */
export const MOST_OPEN = 64;

/** How far an import has come, who sent it and when, without its lines. */
export type ImportListed = Omit<ImportProgress, 'refusedLately'> &
  Pick<ListedImport, 'by' | 'begunAt' | 'changedAt'>;

/** The imports that are open, each by one request at a time. */
export class Imports {
  private readonly open = new Map<string, ImportRun>();

  constructor(
    private readonly log: ConsentLog,
    private readonly store: Pick<ConsentStore, 'importMark' | 'imports' | 'lastChoices' | 'lastLevels'>,
    private readonly policies: PolicyService,
    private readonly now: () => number,
    private readonly sure: ImportsInto['sure'],
    private readonly erased?: ImportsInto['erased'],
  ) {}

  /** @throws DomainError `import_not_found`; `not_confirmed` when a process may not have read what was taken in */
  async progressOf(id: string): Promise<ImportProgress> {
    const mark = await this.confirmedMark(id);
    if (mark === undefined)
      throw new DomainError('import_not_found', 'nothing was imported under this id: begin at line 1');
    return Tally.of(mark).progress;
  }

  /**
   * Imports and how far they have come, those that changed last first.
   *
   * @param after the one before the page: when it changed, 0 where that is not known, and its id
   * @throws DomainError `not_confirmed` when a process may not have read what was taken in
   */
  async list(
    limit: number,
    after?: { readonly at: number; readonly id: string },
  ): Promise<readonly ImportListed[]> {
    const found = await this.store.imports(limit, after);
    if (found.length > 0) await this.log.confirmWritten();
    return found.map(({ by, begunAt, changedAt, ...mark }) => {
      const { id, line, summary } = Tally.of(mark).progress;
      return { id, line, summary, by, begunAt, changedAt };
    });
  }

  /**
   * Continues an import. An open run of it ends: its client is gone, or is told so. A refused start changes nothing,
   * and the open run continues.
   *
   * @param from the number of the first line to come
   * @throws DomainError `import_elsewhere` when it is not the one after the last that was taken in; `not_confirmed`
   *   when the maximum number of imports is open, or a process may not have read what was taken in
   */
  async goOn(id: string, from: number, by: ChangedBy): Promise<ImportRun> {
    for (;;) {
      const before = this.open.get(id);
      await before?.settled();
      const mark = (await this.confirmedMark(id)) ?? { id, line: 0, summary: {} };
      if (from !== mark.line + 1)
        throw new DomainError('import_elsewhere', `go on from line ${mark.line + 1}`, '/from');
      // another request or the previous run continued meanwhile: the mark is stale
      if (this.open.get(id) !== before || before?.givesWayAt(mark.line) === false) continue;
      if (before === undefined && this.open.size >= MOST_OPEN)
        throw new DomainError('not_confirmed', `${MOST_OPEN} imports are open: go on when one has ended`);
      const { log, store, policies, now, sure, erased } = this;
      const run = new ImportRun({ log, store, policies, now, sure, erased }, by, Tally.of(mark));
      this.open.set(id, run);
      return run;
    }
  }

  /**
   * The progress that holds for everybody: the process that wrote a block may have ended before the others had read it,
   * and nobody else waits for them.
   */
  private async confirmedMark(id: string): Promise<ImportMark | undefined> {
    const mark = await this.store.importMark(id);
    if (mark !== undefined) await this.log.confirmWritten();
    return mark;
  }

  /** Ends all runs, so that a shutdown does not wait for them; their clients continue later. */
  async close(): Promise<void> {
    const stopping = new DomainError('not_confirmed', 'the service is stopping: go on when it is back');
    await Promise.all([...this.open.values()].map((run) => run.end(stopping)));
  }

  /** Releases a run that is over. */
  letGo(id: string, run: ImportRun): void {
    if (this.open.get(id) === run) this.open.delete(id);
  }
}
