/** The consent log for clients that keep copies: caches, training sets, search indexes. */
import { setTimeout as pass } from 'node:timers/promises';
import { type ConsentChange, type LogEntry, isKept } from '../../decision/consent-event.js';
import { dependenciesOf } from '../../decision/policy.js';
import { DomainError } from '../../errors.js';
import type { PolicyService, PolicyVersion } from '../../policy/policy.service.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { ConsentStore } from '../log/consent.store.js';
import { fieldsOpenTo, rootsOf } from '../../policy/open-fields.js';
import { settingsOn } from '../settings/settings.js';

/** Entries that are read at once, and held for each slow reader. */
const ENTRIES_AT_ONCE = 256;
/** Minimum pause between two reads of the log for a follower. */
const PACE_MS = 100;
const HEARTBEAT_MS = 15_000;
/** How soon a publication, or the end of a connection, is noticed. */
const LOOK_MS = 1_000;
/** Maximum number of followers: each causes its own reads of the log. */
const MOST_FOLLOWERS = 64;

/** A line about the log, up to a revision. */
export type ChangeLine = { readonly revision: number } & (
  | { readonly user: string; readonly purpose: string; readonly on: boolean; readonly reason: string }
  | {
      /** Null: the id is no longer known. */
      readonly erased: string | null;
    }
  | {
      /** Up to where everything was sent, for which purposes, and under which policy version. */
      readonly policy: string;
      readonly purposes: readonly string[];
    }
);

/** A follower's request. */
export type Following = {
  /** The last revision that the follower has; absent: the current one. */
  readonly after?: number | undefined;
  /** Its purposes under a policy version. @throws DomainError when there are none, or one may not be followed */
  readonly purposes: (policy: PolicyVersion) => readonly string[];
  /** Whether to continue when everything up to now was sent. */
  readonly goesOn: boolean;
};

export class Changes {
  private followers = 0;

  /** @param heartbeat longest time without word that everything was told, in milliseconds */
  constructor(
    private readonly log: ConsentLog,
    private readonly store: Pick<ConsentStore, 'entries'>,
    private readonly policies: PolicyService,
    private readonly heartbeat = HEARTBEAT_MS,
  ) {}

  /**
   * What changed, a page of lines at a time, with the current state. A page is read when the one before was taken: a
   * slow reader gets later states, and nothing waits for them.
   *
   * @param gone ends it
   * @throws DomainError `answers_waiting` when too many follow; `consent_unavailable` when the state is not known to be
   *   that of the log; what `purposes` throws, also when a publication has it throw
   */
  async *lines(asked: Following, gone: AbortSignal): AsyncGenerator<readonly ChangeLine[], void> {
    if (this.followers >= MOST_FOLLOWERS)
      throw new DomainError(
        'answers_waiting',
        `${MOST_FOLLOWERS} follow the changes of this process already: end one of them, or ask another process`,
      );
    this.followers++;
    try {
      yield* this.pages(asked, gone);
    } finally {
      this.followers--;
    }
  }

  private async *pages(
    { after = this.head, purposes: purposesUnder, goesOn }: Following,
    gone: AbortSignal,
  ): AsyncGenerator<readonly ChangeLine[], void> {
    let revision = after;
    let told: PolicyVersion | undefined;
    let toldAt = performance.now();
    let purposes: readonly string[] = [];
    while (!gone.aborted) {
      const { head } = this;
      const { current: policy } = this.policies;
      if (told !== policy) purposes = purposesUnder(policy);
      const atOnce = Math.min(ENTRIES_AT_ONCE, head - revision);
      const entries = atOnce > 0 ? await this.store.entries(revision, atOnce) : [];
      revision = entries.at(-1)?.revision ?? revision;
      const isAtHead = revision >= head;
      const changes = this.changesIn(entries, purposes, policy);
      const isLong = performance.now() - toldAt >= this.heartbeat;
      // at the beginning, after a publication, every now and then, and at the end
      const isOwed = told !== policy || (isAtHead && (entries.length === 0 || isLong || !goesOn));
      told = policy;
      if (isOwed) toldAt = performance.now();
      if (changes.length > 0 || isOwed)
        yield isOwed ? [...changes, { policy: policy.id, purposes, revision }] : changes;
      if (!isAtHead) continue;
      if (!goesOn) return;
      await pass(PACE_MS, undefined, { ref: false });
      await this.news(revision + 1, policy, gone);
    }
  }

  /** Resolves when there is something to send, or after a long silence. */
  private async news(revision: number, policy: PolicyVersion, gone: AbortSignal): Promise<void> {
    const end = performance.now() + this.heartbeat;
    while (!gone.aborted && this.policies.current === policy && performance.now() < end)
      if (await this.log.reaches(revision, LOOK_MS)) return;
  }

  private get head(): number {
    if (!this.log.available) throw new DomainError('consent_unavailable', 'follow the changes again shortly');
    return this.log.state.revision;
  }

  /** The last change of each user and purpose, with the current state. */
  private changesIn(
    entries: readonly LogEntry[],
    purposes: readonly string[],
    policy: PolicyVersion,
  ): readonly ChangeLine[] {
    const lines = new Map<string | number, ChangeLine>();
    const put = (key: string | number, line: ChangeLine) => {
      lines.delete(key);
      lines.set(key, line);
    };
    for (const entry of entries) {
      const { revision } = entry;
      if (!isKept(entry)) {
        if (entry.erased !== undefined) put(revision, { erased: entry.erased, revision });
        continue;
      }
      const { user, change } = entry;
      const { purposes: settings } = settingsOn(policy, this.log.state.recordOf(user), revision);
      for (const { purpose, on, reason } of settings)
        if (purposes.includes(purpose.id) && concerns(change, purpose.id, policy))
          put(`${purpose.id} ${user}`, { user, purpose: purpose.id, on, reason, revision });
    }
    return [...lines.values()];
  }
}

/** Whether a change may change the answer for a purpose. */
function concerns(change: ConsentChange, purpose: string, policy: PolicyVersion): boolean {
  const { purposes } = policy;
  if (change.kind === 'visibility')
    return fieldsOpenTo(policy, purpose).some((field) =>
      // a field that is made of others takes their levels, also where these are closed to the purpose
      [field, ...rootsOf(policy, field)].some(({ visibility }) => visibility === change.group),
    );
  return change.kind !== 'choice' || dependenciesOf(purpose, purposes).includes(change.purpose);
}
