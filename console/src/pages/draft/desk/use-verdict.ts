/** What the engine says about a text while it is written: each change ends the work on the text before. */
import { useEffect, useState } from 'react';
import type { PolicyDocument } from '../../../../../src/decision/policy.js';
import type { Verdict } from '../../../law/check.js';
import { askLaw } from '../../../law/ask.js';
import type { Answers } from '../../../law/law.js';

export type Judged = {
  /** Of the text that was judged last; absent: none was yet. */
  readonly verdict: Verdict | undefined;
  /** Absent: it has errors, or is still looked at. */
  readonly lints: Answers['lints'] | undefined;
  /** Whether another text is being judged. */
  readonly isBusy: boolean;
  /** Why there is no verdict. */
  readonly failed: Error | undefined;
};

/** Names how long it takes from a change of the text to its verdict on the page, in the performance timeline. */
const MEASURE = 'assent: from the key to the verdict';

const NOTHING: Judged = { verdict: undefined, lints: undefined, isBusy: true, failed: undefined };

export function useVerdict(text: string | undefined, base: PolicyDocument | undefined): Judged {
  const [judged, setJudged] = useState<Judged & { readonly of?: string | undefined }>(NOTHING);
  useEffect(() => {
    if (text === undefined || base === undefined) return undefined;
    const start = performance.now();
    const over = new AbortController();
    const judge = async () => {
      const verdict = await askLaw({ kind: 'check', text, base }, over.signal);
      setJudged({ of: text, verdict, lints: undefined, isBusy: false, failed: undefined });
      requestAnimationFrame(() => {
        if (!over.signal.aborted) performance.measure(MEASURE, { start });
      });
      if (verdict.errors.length > 0) return;
      const today = new Date().toISOString().slice(0, 10);
      const lints = await askLaw({ kind: 'lints', text, base, today }, over.signal);
      setJudged({ of: text, verdict, lints, isBusy: false, failed: undefined });
    };
    judge().catch((error: unknown) => {
      if (over.signal.aborted) return;
      setJudged({
        ...NOTHING,
        of: text,
        isBusy: false,
        failed: error instanceof Error ? error : new Error(String(error)),
      });
    });
    return () => over.abort();
  }, [text, base]);
  return { ...judged, isBusy: judged.of !== text };
}
