/**
 * The local snapshot of the consent state, for a quick start: the state as it was, and the log from there on.
 *
 * It is only a copy. If anything about it is wrong, it is ignored, and the state is built from the whole log.
 */
import type { ConsentState } from '../../../decision/state/consent-state.js';
import type { ConsentLog } from '../../log/consent-log.js';
import type { ConsentStore } from '../../log/consent.store.js';
import type { SharedSnapshots } from './snapshots.store.js';
import {
  DISK,
  type Disk,
  UnusableSnapshot,
  bytesOfSnapshot,
  readSnapshot,
  removeSnapshot,
  takeSnapshot,
  writeSnapshot,
} from './snapshot-file.js';

/** Reading fewer new events than this from the log is about as fast as a snapshot. */
const WORTH_SAVING = 10_000;

/** Reading fewer events than this from the log is about as fast as the snapshot of another process. */
const WORTH_FETCHING = 50_000;

/** The result of reading the snapshot at a start. */
export type Restored =
  | { readonly state: ConsentState; readonly ignored?: undefined }
  /** `ignored`: why there is no state, as logged. */
  | { readonly state?: undefined; readonly ignored: string };

/**
 * The state from the snapshot in a folder, if it is one of this log. It is at an earlier revision and must follow the
 * log from there before decisions rest on it.
 *
 * @throws Error when the log cannot be read
 */
export async function restoreState(folder: string, store: ConsentStore): Promise<Restored> {
  let snapshot: ReturnType<typeof readSnapshot>;
  try {
    snapshot = readSnapshot(folder);
  } catch (error) {
    if (error instanceof UnusableSnapshot) return { ignored: error.message };
    throw error;
  }
  const { state, reach, seal } = snapshot;
  if ((await store.head()) < reach) return { ignored: 'the log does not reach as far as it does' };
  const expected = await sealOf(store, reach);
  if (!expected.equals(seal)) return { ignored: 'it is of another log' };
  // the state must forget the users erased since the snapshot
  if (!(await store.knowsErased(state.revision)))
    return { ignored: 'a user was erased since it was taken, and nothing says any more who it was' };
  return { state };
}

/**
 * The same from the shared snapshot, if that is newer; it replaces the one in the folder.
 *
 * @param reached the revision of the state without it
 * @returns `undefined`: there is none worth reading
 */
export async function restoreShared(
  folder: string,
  store: ConsentStore,
  shared: SharedSnapshots,
  reached: number,
): Promise<Restored | undefined> {
  const revision = await shared.latest();
  if (revision - reached < WORTH_FETCHING) return undefined;
  try {
    await takeSnapshot(folder, shared.read(revision));
  } catch (error) {
    return { ignored: `it could not be had: ${error instanceof Error ? error.message : String(error)}` };
  }
  return restoreState(folder, store);
}

/** The link of the chain at a revision: it differs for logs that differ anywhere up to there. */
async function sealOf(store: ConsentStore, revision: number): Promise<Buffer> {
  const [link] = await store.links(revision - 1, 1);
  if (link?.revision !== revision) throw new Error(`the consent log has no event ${revision}`);
  return link.hash;
}

/** Notifications. */
export type SnapshotNews = {
  readonly onSaved: (saved: { readonly revision: number; readonly bytes: number }) => void;
  /** The saved snapshot was shared, too. */
  readonly onShared: (shared: { readonly revision: number }) => void;
  readonly onTrouble: (error: unknown) => void;
};

/** Saves the snapshot of a log's state, at intervals and at the end. */
export class SnapshotKeeper {
  private saving: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private patience = new AbortController();
  private held = 0;
  private isEnding = false;

  /** @param saved the revision of the existing snapshot; 0: there is none */
  constructor(
    private readonly folder: string,
    private readonly log: ConsentLog,
    private readonly store: ConsentStore,
    private readonly news: SnapshotNews,
    private saved: number,
    private readonly disk: Disk = DISK,
    /** Where it is shared with other processes. */
    private readonly shared?: SharedSnapshots,
  ) {}

  /** The revision of the snapshot that is there; 0: there is none. */
  get revision(): number {
    return Math.max(this.saved, 0);
  }

  /** Saves the state at this interval in milliseconds, if enough has changed. */
  start(every: number): void {
    this.timer ??= setInterval(() => void this.save(), every).unref();
  }

  /** Saves the state, if enough has changed; resolves when that is done, or has failed and was reported. */
  save(): Promise<void> {
    this.saving ??= this.saveNow().finally(() => (this.saving = undefined));
    return this.saving;
  }

  /**
   * Saves for the last time; gives up after this many milliseconds. To be called when the log takes no more changes.
   */
  async close(patience: number): Promise<void> {
    clearInterval(this.timer);
    this.isEnding = true;
    const timer = setTimeout(
      () => this.patience.abort(new Error('there was no time to finish it')),
      patience,
    );
    // a save under way is followed by a final one, if enough has changed
    await this.saving;
    await this.save();
    clearTimeout(timer);
  }

  /**
   * Deletes the snapshot, then runs `work` with snapshots paused: a snapshot must not keep what the log has erased. The
   * next snapshot is taken when it is due.
   */
  async without<T>(work: () => Promise<T>): Promise<T> {
    this.held++;
    try {
      this.patience.abort(new Error('what it says is about to be forgotten'));
      await this.saving;
      this.patience = new AbortController();
      await removeSnapshot(this.folder, this.disk);
      this.saved = 0;
      return await work();
    } finally {
      this.held--;
    }
  }

  private async saveNow(): Promise<void> {
    if (this.held > 0 || !this.log.isKnown) return;
    try {
      await this.saveState();
      await this.shareSaved();
    } catch (error) {
      this.news.onTrouble(error);
    }
  }

  private async saveState(): Promise<void> {
    const { state } = this.log;
    const { revision } = state;
    if (revision - this.saved < WORTH_SAVING) return;
    // of what was applied, not of what the log has: after a failover that may be another history
    const seal = () => this.log.place.entry;
    const bytes = await writeSnapshot(this.folder, state, seal, {
      disk: this.disk,
      signal: this.patience.signal,
    });
    this.saved = revision;
    this.news.onSaved({ revision, bytes });
  }

  /** Shares the saved snapshot, unless another process has shared a similar one, or is doing so. */
  private async shareSaved(): Promise<void> {
    const { shared, saved: revision, patience } = this;
    if (shared === undefined || this.isEnding) return;
    await shared.dropStale();
    if (revision <= 0) return;
    if (await shared.share(revision, WORTH_SAVING, bytesOfSnapshot(this.folder, patience.signal)))
      this.news.onShared({ revision });
  }
}
