/** Reports of today (in UTC), counted one at a time: what is asked for again is what was counted. */
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { dayText } from '../time.js';

/** Reports kept: those of a day, for as many purposes as a policy can have and a few versions of it. */
const MOST_KEPT = 2_000;

/** A report is the same all day, so that nobody can ask before and after one person's change. */
export class OnceADay<Report extends object> {
  private readonly kept = new LRUCache<string, Promise<Report>>({ max: MOST_KEPT });
  /** One at a time: each resolves the whole state. */
  private readonly inTurn = pLimit(1);
  private day = '';

  /** @param now milliseconds since the Unix epoch */
  constructor(private readonly now: () => number) {}

  /** What was counted under this name today, or is counted now. What failed is not kept. */
  async of(name: string, count: () => Promise<Report>): Promise<Report> {
    const day = dayText(this.now());
    if (day !== this.day) this.kept.clear();
    this.day = day;
    const counting = this.kept.get(name) ?? this.inTurn(count);
    this.kept.set(name, counting);
    try {
      return await counting;
    } catch (error) {
      if (this.kept.get(name) === counting) this.kept.delete(name);
      throw error;
    }
  }
}
