/** What an admin found when they looked at a purpose of the policy in force. It is never changed. */
export type PurposeReview = {
  /** Later ones have higher numbers; numbers may be left out. */
  readonly sequence: number;
  readonly purpose: string;
  /** The version that was in force. */
  readonly policy: string;
  /** The `review_by` that the purpose had there, which this review answers; null: none. */
  readonly reviewBy: string | null;
  /** In the words of the one who looked. */
  readonly finding: string;
  /** The day by which somebody looks again, YYYY-MM-DD; null: the policy is to say. */
  readonly next: string | null;
  readonly by: string;
  /** The roles that the credentials carried. */
  readonly roles: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
};

/** Reviews of purposes, by all processes. */
export abstract class PurposeReviewStore {
  /** Resolves when it is on the disk. */
  abstract add(review: Omit<PurposeReview, 'sequence'>): Promise<PurposeReview>;

  /** Newest first. @param before only those before this sequence */
  abstract list(limit: number, before?: number): Promise<PurposeReview[]>;

  /** The newest review of each of these purposes that has one. */
  abstract latest(purposes: readonly string[]): Promise<PurposeReview[]>;
}
