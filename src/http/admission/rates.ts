/** How much each client may ask for: token buckets that hold a second's worth. Pure: it is given the time. */

/** Where there are more clients, those who have asked for nothing for a while are forgotten. */
const MOST_CLIENTS = 10_000;

type Bucket = { left: number; at: number };

export class Rates {
  private readonly buckets = new Map<string, Bucket>();

  /** @param perSecond what a client may ask for, in units of weight */
  constructor(private readonly perSecond: number) {}

  /** How many clients are remembered. */
  get size(): number {
    return this.buckets.size;
  }

  /**
   * Takes so much from what a client has left. One thing may take more than there is, which the client has to wait for
   * afterwards, so that nothing is too large for ever.
   *
   * @returns milliseconds to wait before the next try, and nothing was taken; 0: it was
   */
  take(client: string, weight: number, now: number): number {
    const bucket = this.bucketOf(client, now);
    bucket.left = Math.min(this.perSecond, bucket.left + ((now - bucket.at) / 1_000) * this.perSecond);
    bucket.at = now;
    if (bucket.left <= 0) return ((1 - bucket.left) / this.perSecond) * 1_000;
    bucket.left -= weight;
    return 0;
  }

  private bucketOf(client: string, now: number): Bucket {
    const known = this.buckets.get(client);
    if (known !== undefined) return known;
    if (this.buckets.size >= MOST_CLIENTS) this.forget(now);
    // of those who all ask now, somebody is given a second's worth anew
    const [first] = this.buckets.keys();
    if (this.buckets.size >= MOST_CLIENTS && first !== undefined) this.buckets.delete(first);
    const bucket = { left: this.perSecond, at: now };
    this.buckets.set(client, bucket);
    return bucket;
  }

  /** A full bucket is as good as none. */
  private forget(now: number): void {
    for (const [client, { left, at }] of this.buckets)
      if (left + ((now - at) / 1_000) * this.perSecond >= this.perSecond) this.buckets.delete(client);
  }
}
