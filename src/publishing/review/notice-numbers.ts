/**
 * Ensures that no notice number of an opt-in is reused. A grant counts if it was given on the current notice or a later
 * one, so a number that was shown with other terms would turn grants of those into grants of these. In each language a
 * number names one text for ever, even if versions without that text came between. GDPR articles 4(11) and 7:
 * consent is to what the person was told.
 */
import { type PolicyDocument, type Purpose, noticeOf } from '../../decision/policy.js';
import { PolicyFilesError } from '../../policy/text/policy-files.js';
import { type PolicyVersion, alteredVersion } from '../../policy/policy.service.js';
import type { PolicyStore } from '../../policy/policy.store.js';
import { isPolicyDocument } from '../../policy/text/policy-shape.js';
import type { Versions } from '../../policy/versions.js';
import { type TextName, covers, isOptIn, saysTheSame, textsInBoth, textsOf } from './terms.js';

/** A purpose whose notice has too low a number. */
export type NoticeToRaise = { readonly purpose: string; readonly atLeast: number };

/** A version that was in force. */
type Past = { readonly version: string; readonly document: PolicyDocument };

/** What is known about the notice of an opt-in, while past versions are read from the newest back. */
type Findings = {
  readonly purpose: Purpose;
  /** The number when it was last an opt-in; absent: further back. */
  last?: number;
  /** The highest number so far. */
  highest: number;
  /** Whether its number was used for other terms. */
  isTaken: boolean;
  /** Its texts that must still be compared with older versions. */
  texts: ReadonlyMap<TextName, string>;
};

/** Publications read at once. */
const PAGE = 100;

export class NoticeNumbers {
  constructor(
    private readonly versions: Versions,
    private readonly store: PolicyStore,
  ) {}

  /** The opt-ins of a version whose notice numbers were used for other terms, with the first free number. */
  async tooLow(base: PolicyVersion, version: PolicyVersion): Promise<NoticeToRaise[]> {
    const all = [...version.purposes.values()].filter(isOptIn).map((purpose): Findings => ({
      purpose,
      highest: 0,
      isTaken: false,
      texts: textsOf(version.document, purpose),
    }));
    for await (const past of this.past(base)) {
      for (const findings of all) if (!isSettled(findings)) await this.look(findings, past, version);
      if (all.every(isSettled)) break;
    }
    return all.flatMap(({ purpose, last = 0, highest, isTaken }) => {
      const atLeast = isTaken ? highest + 1 : last;
      return noticeOf(purpose) < atLeast ? [{ purpose: purpose.id, atLeast }] : [];
    });
  }

  /**
   * Adds one more version. Back to and including the last version in which the purpose was an opt-in, its terms must
   * cover today's, because grants from in between count too. Versions before that were compared with it at its
   * publication, except for texts that it does not have.
   */
  private async look(findings: Findings, past: Past, version: PolicyVersion): Promise<void> {
    const { purpose, last, texts } = findings;
    const known = past.document.purposes.find(({ id }) => id === purpose.id);
    if (known === undefined) return;
    findings.highest = Math.max(findings.highest, noticeOf(known));
    const counts = noticeOf(known) >= Math.max(noticeOf(purpose), last ?? 0);
    if (findings.isTaken || !(counts || (last === undefined && isOptIn(known)))) return;
    const written = textsOf(past.document, known);
    if (last === undefined) findings.isTaken = !(await this.covered(past.version, version, purpose.id));
    else {
      const shared = textsInBoth(texts, written);
      findings.isTaken =
        shared.length > 0 && !saysTheSame([past.document, known], [version.document, purpose], shared);
    }
    if (!isOptIn(known)) return;
    findings.last ??= noticeOf(known);
    findings.texts = new Map([...texts].filter(([name]) => !written.has(name)));
  }

  private async covered(past: string, version: PolicyVersion, id: string): Promise<boolean> {
    try {
      return covers(await this.versions.get(past), version, id);
    } catch (error) {
      // this build cannot read it as a policy, so it is unknown what it opened
      if (error instanceof PolicyFilesError) return false;
      throw error;
    }
  }

  /** The version that the draft follows, and all earlier ones in force, newest first, one at a time. */
  private async *past(base: PolicyVersion): AsyncGenerator<Past> {
    yield { version: base.id, document: base.document };
    const seen = new Set([base.id]);
    let before: number | undefined;
    for (;;) {
      const page = await this.store.publications(PAGE, before);
      for (const { version } of page) {
        if (seen.has(version)) continue;
        seen.add(version);
        const { document } = await this.versions.stored(version);
        if (!isPolicyDocument(document)) throw alteredVersion(version);
        yield { version, document };
      }
      before = page.at(-1)?.sequence;
      if (before === undefined || page.length < PAGE) return;
    }
  }
}

/** Whether older versions cannot change the result. */
function isSettled({ isTaken, last, texts }: Findings): boolean {
  return !isTaken && last !== undefined && texts.size === 0;
}
