/**
 * That the number of a notice is not used twice for an opt-in. A grant counts if it was given on the present notice or a
 * later one, so a number that was shown with other terms would turn grants of those into grants of these. GDPR articles
 * 4(11) and 7: consent is to what the person was told.
 */
import { type Purpose, noticeOf } from '../decision/policy.js';
import { PolicyFilesError } from '../policy/policy-files.js';
import type { PolicyVersion } from '../policy/policy.service.js';
import type { PolicyStore } from '../policy/policy.store.js';
import { isPolicyDocument } from '../policy/policy-shape.js';
import type { Versions } from '../policy/versions.js';
import { covers, isOptIn } from './terms.js';

/** A purpose whose notice has too low a number. */
export type NoticeToRaise = { readonly purpose: string; readonly atLeast: number };

/** Most publications that are read at once. */
const PAGE = 100;

export class NoticeNumbers {
  constructor(
    private readonly versions: Versions,
    private readonly store: PolicyStore,
  ) {}

  /** The opt-ins of a version whose notices have numbers that were used for other terms, with the first that is free. */
  async tooLow(base: PolicyVersion, version: PolicyVersion): Promise<NoticeToRaise[]> {
    const found: NoticeToRaise[] = [];
    for (const purpose of version.purposes.values()) {
      const atLeast = isOptIn(purpose) ? await this.leastOf(base, version, purpose) : 0;
      if (noticeOf(purpose) < atLeast) found.push({ purpose: purpose.id, atLeast });
    }
    return found;
  }

  private async leastOf(base: PolicyVersion, version: PolicyVersion, purpose: Purpose): Promise<number> {
    const known = base.purposes.get(purpose.id);
    if (known !== undefined && isOptIn(known))
      return covers(base, version, purpose.id) ? noticeOf(known) : this.firstFree(purpose.id);
    return this.leastSinceItWasOptIn(version, purpose);
  }

  /**
   * Of one that was no opt-in last: grants on what it was in between count, too. Where it was an opt-in before, what came
   * before that was looked at then.
   */
  private async leastSinceItWasOptIn(version: PolicyVersion, { id, notice = 1 }: Purpose): Promise<number> {
    for await (const past of this.past()) {
      const known = past.purposes.find((purpose) => purpose.id === id);
      if (known === undefined) continue;
      const counts = noticeOf(known) >= notice || isOptIn(known);
      if (counts && !(await this.covered(past.version, version, id))) return this.firstFree(id);
      if (isOptIn(known)) return noticeOf(known);
    }
    return 0;
  }

  private async covered(past: string, version: PolicyVersion, id: string): Promise<boolean> {
    try {
      return covers(await this.versions.get(past), version, id);
    } catch (error) {
      // this build takes it for no policy any more, so nobody knows what it opened
      if (error instanceof PolicyFilesError) return false;
      throw error;
    }
  }

  private async firstFree(id: string): Promise<number> {
    let highest = 0;
    for await (const { purposes } of this.past())
      for (const purpose of purposes) if (purpose.id === id) highest = Math.max(highest, noticeOf(purpose));
    return highest + 1;
  }

  /** Every version that ever was in force, the last one first, one at a time. */
  private async *past(): AsyncGenerator<{ readonly version: string; readonly purposes: readonly Purpose[] }> {
    const seen = new Set<string>();
    let before: number | undefined;
    for (;;) {
      const page = await this.store.publications(PAGE, before);
      for (const { version } of page) {
        if (seen.has(version)) continue;
        seen.add(version);
        const { document } = await this.versions.stored(version);
        if (!isPolicyDocument(document))
          throw new Error(
            `the policy version \`${version}\` is kept with a content that is not its own: restore the table \`policy_version\` from a backup`,
          );
        yield { version, purposes: document.purposes };
      }
      before = page.at(-1)?.sequence;
      if (before === undefined || page.length < PAGE) return;
    }
  }
}
