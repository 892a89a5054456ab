import { setImmediate as turn } from 'node:timers/promises';
import type { ConsentStore } from '../../consent/log/consent.store.js';
import { isKept } from '../../decision/consent-event.js';
import type { PolicyStore } from '../../policy/policy.store.js';

/** Who may be answered otherwise than at an earlier revision. */
export type Changed = {
  /** Numbers of the users whose record changed. */
  readonly users: ReadonlySet<number>;
  /** Whether anybody was erased. */
  readonly erased: boolean;
};

/** Most entries that are read to learn it: above, deciding about all is quicker. */
const MOST_ENTRIES = 100_000;
const ENTRIES_AT_ONCE = 256;

/** Tells whose answers may have changed. */
export class News {
  constructor(
    private readonly store: Pick<ConsentStore, 'entries' | 'erasures'>,
    private readonly policies: Pick<PolicyStore, 'publications'>,
  ) {}

  /**
   * Whether one policy version, the present one, was in force from a revision on: the look at that revision rested on it
   * for certain only if it was published before.
   */
  async isOnePolicySince(revision: number): Promise<boolean> {
    const [last] = await this.policies.publications(1);
    return last !== undefined && last.after < revision;
  }

  /**
   * Whose answers may have changed after one revision until another, which the log has.
   *
   * @returns `undefined`: those of anybody
   */
  async between(after: number, until: number): Promise<Changed | undefined> {
    if (until - after > MOST_ENTRIES || !(await this.isOnePolicySince(after))) return undefined;
    const users = new Set<number>();
    const erasures = await this.store.erasures(after, 1);
    for (let last = after; last < until;) {
      const entries = await this.store.entries(last, Math.min(ENTRIES_AT_ONCE, until - last));
      // of what was superseded, the later event is in the log too
      for (const entry of entries) if (isKept(entry)) users.add(entry.subject);
      const end = entries.at(-1);
      if (end === undefined) return undefined;
      last = end.revision;
      await turn();
    }
    return { users, erased: erasures.length > 0 };
  }
}
