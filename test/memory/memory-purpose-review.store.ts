import {
  type PurposeReview,
  PurposeReviewStore,
} from '../../src/publishing/purpose-reviews/purpose-reviews.store.js';

/** Reviews of purposes that end with the process: for tests, and the measure of what an adapter must do. */
export class MemoryPurposeReviewStore extends PurposeReviewStore {
  private readonly reviews: PurposeReview[] = [];

  async add(review: Omit<PurposeReview, 'sequence'>): Promise<PurposeReview> {
    const added = { ...review, sequence: this.reviews.length + 1 };
    this.reviews.unshift(added);
    return added;
  }

  async list(limit: number, before = Infinity): Promise<PurposeReview[]> {
    return this.reviews.filter(({ sequence }) => sequence < before).slice(0, limit);
  }

  async latest(purposes: readonly string[]): Promise<PurposeReview[]> {
    return purposes.flatMap((id) => this.reviews.find(({ purpose }) => purpose === id) ?? []);
  }
}
