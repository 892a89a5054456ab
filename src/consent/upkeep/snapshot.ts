/**
 * The local snapshot of the consent state, for a quick start: the state as it was, and the log from there on.
 *
 * It is never the truth. Whatever is strange about it, it is left aside, and the state is built from the whole log.
 */
import type { ConsentState } from '../../decision/state/consent-state.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { ConsentStore } from '../log/consent.store.js';
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

/** Fewer new events than this are read from the log about as fast as a snapshot is. */
const WORTH_SAVING = 10_000;

/** Fewer events than this are read from the log about as fast as the snapshot of another process is. */
const WORTH_FETCHING = 50_000;

/** What came of the snapshot at a start. */
export type Restored =
  | { readonly state: ConsentState; readonly ignored?: undefined }
  /** `ignored`: why there is no state; what follows "ignored:" in a log. */
  | { readonly state?: undefined; readonly ignored: string };

/**
 * The state from the snapshot in a folder, if it is one of this log. It stands at an earlier revision and is to follow
 * the log from there before decisions rest on it.
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
  // whom it has to forget
  if (!(await store.knowsErased(state.revision)))
    return { ignored: 'a user was erased since it was taken, and nothing says any more who it was' };
  return { state };
}

/**
 * The same from the snapshot that others have shared, where that is further on; it takes the place of the one in the folder.
 *
 * @param reached the revision that is had without it
 * @returns `undefined`: there is none that is worth it
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

/** The link of the chain at a revision: what tells a log from any other that differs somewhere up to there. */
async function sealOf(store: ConsentStore, revision: number): Promise<Buffer> {
  const [link] = await store.links(revision - 1, 1);
  if (link?.revision !== revision) throw new Error(`the consent log has no event ${revision}`);
  return link.hash;
}

/** What somebody wants to know of the snapshots. */
export type SnapshotNews = {
  readonly onSaved: (saved: { readonly revision: number; readonly bytes: number }) => void;
  /** The one that was saved is shared, too. */
  readonly onShared: (shared: { readonly revision: number }) => void;
  readonly onTrouble: (error: unknown) => void;
};

/** Keeps the snapshot of a log's state, now and then and at the end. */
export class SnapshotKeeper {
  private saving: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private patience = new AbortController();
  private held = 0;
  private isEnding = false;

  /** @param saved the revision of the snapshot that there is; 0: there is none */
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

  /** Saves the state every so many milliseconds, if enough has changed. */
  start(every: number): void {
    this.timer ??= setInterval(() => void this.save(), every).unref();
  }

  /** Saves the state, if enough has changed since; resolves when that is done, or has failed and was told. */
  save(): Promise<void> {
    this.saving ??= this.saveNow().finally(() => (this.saving = undefined));
    return this.saving;
  }

  /** Saves for the last time; after so many milliseconds it gives that up. For when the log takes no more changes. */
  async close(patience: number): Promise<void> {
    clearInterval(this.timer);
    this.isEnding = true;
    const timer = setTimeout(
      () => this.patience.abort(new Error('there was no time to finish it')),
      patience,
    );
    // one that is under way is followed by one of the end, if that differs enough
    await this.saving;
    await this.save();
    clearTimeout(timer);
  }

  /**
   * Deletes the snapshot, then runs `work` with snapshots paused: what a snapshot says of somebody must not outlive what
   * the log says of them. The next snapshot is taken when it is due.
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
    const bytes = await writeSnapshot(this.folder, state, (reach) => sealOf(this.store, reach), {
      disk: this.disk,
      signal: this.patience.signal,
    });
    this.saved = revision;
    this.news.onSaved({ revision, bytes });
  }

  /** Shares what was saved, unless others have shared one like it, or do so now. */
  private async shareSaved(): Promise<void> {
    const { shared, saved: revision, patience } = this;
    if (shared === undefined || this.isEnding) return;
    await shared.dropStale();
    if (revision <= 0) return;
    if (await shared.share(revision, WORTH_SAVING, bytesOfSnapshot(this.folder, patience.signal)))
      this.news.onShared({ revision });
  }
}
