/** Keeps a log of what is never changed, and signs its head: one process at a time for each folder. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolderIn } from '../../disk.js';
import { lockWriter, type WriterLock } from '../../record/segment/writer-folder.js';
import { Rewritten } from '../../tlog/heads/checkpoint.js';
import { CHECKPOINT, copiesIn } from '../../tlog/heads/kept-heads.js';
import type { LogKeys } from '../../tlog/heads/log-keys.js';
import { NoteFault } from '../../tlog/heads/note.js';
import { type LeafSource, Sealer } from '../../tlog/sealer.js';
import { TileFault } from '../../tlog/tiles.js';
import type { ChoreLog } from '../../work/chore-log.js';
import { Failing } from '../../work/failing.js';

export type SealingSettings = {
  /** Absolute path of the folder of the log, in the folder of the logs of a record. */
  readonly folder: string;
  /** Absolute path of the folder that gets a copy of each head. */
  readonly copies?: string;
  /** What a log that has no head yet is called. */
  readonly newOrigin: string;
};

const EVIDENCE = {
  level: 'error',
  fails:
    'a log is not as it was signed: nothing more is signed; after a restore that was meant, move `heads` and the copies in CHECKPOINT_DIR away, the service may run meanwhile (docs/record.md); without one, somebody changed the log: tell the privacy officer',
  works: 'a log is signed again',
} as const;

export class Sealing {
  private lock: WriterLock | undefined;
  private sealer: Sealer | undefined;
  private readonly evidence: Failing;

  /** @param onTried called after each try: whether nothing more can be signed; `undefined`: another process signs */
  constructor(
    private readonly settings: SealingSettings,
    private readonly source: LeafSource,
    private readonly keysOf: (origin: string) => LogKeys,
    private readonly log: ChoreLog,
    private readonly onTried: (hasStopped: boolean | undefined) => void,
  ) {
    this.evidence = new Failing(log, EVIDENCE);
  }

  /** Seals what was written since, unless another process does. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      const isSealed = await this.sealed(signal);
      this.onTried(isSealed ? false : undefined);
      if (isSealed) this.evidence.worked();
    } catch (error) {
      this.onTried(true);
      const isEvidence = [Rewritten, NoteFault, TileFault].some((kind) => error instanceof kind);
      if (!isEvidence) throw error;
      this.evidence.failed(error);
    }
  }

  /** @returns whether this process is the one that does */
  private async sealed(signal: AbortSignal): Promise<boolean> {
    const { folder } = this.settings;
    // the folder of the record is not made anew: where it was on another disk, that disk is missing
    if (!existsSync(join(folder, 'lock'))) {
      this.lock?.release();
      this.lock = undefined;
      for (const made of [dirname(folder), folder]) await makeFolderIn(dirname(made), basename(made));
    }
    if (this.lock === undefined) this.sealer = undefined;
    this.lock ??= lockWriter(folder);
    if (this.lock === undefined) return false;
    this.sealer ??= await this.open();
    await this.sealer.seal(signal);
    return true;
  }

  private async open(): Promise<Sealer> {
    const { folder, copies, newOrigin } = this.settings;
    const origin = (await this.knownOrigin()) ?? newOrigin;
    return Sealer.open(this.source, {
      folder,
      ...(copies === undefined ? {} : { copies }),
      origin,
      keys: this.keysOf(origin),
      onTrouble: (message, cause) => this.log.warn({ err: cause }, message),
    });
  }

  /** The name in the head, or in the last one that was handed out: it stays, whatever the service is called later. */
  private async knownOrigin(): Promise<string | undefined> {
    const { folder, copies } = this.settings;
    const handedOut = copies === undefined ? [] : await copiesIn(copies);
    for (const path of [join(folder, CHECKPOINT), ...handedOut.slice(-1)])
      if (existsSync(path)) return (await readFile(path, 'utf8')).split('\n', 1)[0];
    return undefined;
  }
}
