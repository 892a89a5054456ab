/** That a log or a record was last found not to be as it was written. */
export type FailedVerification = {
  /** {@link CONSENT_LOG}, or the record of a writer: {@link recordOf}. */
  readonly of: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** What was found, in words, without personal data. */
  readonly because: string;
  /** Who asked for it; null: the service found it by itself. */
  readonly by: string | null;
};

export const CONSENT_LOG = 'consent_log';

/** The name of the record of a writer. */
export function recordOf(writer: string): string {
  return `record/${writer}`;
}

/** What was last verified and failed, for all processes. A later verification that holds takes it away. */
export abstract class FailedVerificationStore {
  /** In place of an earlier one of the same. */
  abstract failed(one: FailedVerification): Promise<void>;

  abstract passed(of: string): Promise<void>;

  /** The latest first. */
  abstract all(): Promise<readonly FailedVerification[]>;
}
