/** A verification of the consent log whose end is kept. */
import { CONSENT_LOG, type FailedVerificationStore } from './failed-verifications.store.js';
import type { VerificationReport } from './verification.js';

/**
 * Keeps what was found, before it is told. It is told as well where it cannot be kept.
 *
 * @param now milliseconds since the Unix epoch
 * @param onTrouble what was found could not be kept
 */
export async function* keptVerification(
  reports: AsyncIterable<VerificationReport>,
  by: string,
  failed: Pick<FailedVerificationStore, 'failed' | 'passed'>,
  now: () => number,
  onTrouble: (error: unknown) => void,
): AsyncGenerator<VerificationReport, void> {
  for await (const report of reports) {
    if ('intact' in report)
      await (
        report.intact
          ? failed.passed(CONSENT_LOG)
          : failed.failed({
              of: CONSENT_LOG,
              at: now(),
              because: `revision ${report.revision}: ${report.because}`,
              by,
            })
      ).catch(onTrouble);
    yield report;
  }
}
