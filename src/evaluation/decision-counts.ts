/** How often which decision was made, for whoever watches the service: a number in memory goes up by one. */
import type { Reason } from '../decision/reasons.js';
import { type DecisionTable, REASON_CODES, byteOf } from '../decision/table/table.js';

const REASONS = REASON_CODES.length;
/** Clients that are counted each by itself: the first ones. */
const MOST_CLIENTS = 50;

/** Decisions on purposes of the policy in force; `undefined` stands for all purposes that it does not name. */
export type DecisionCount = {
  readonly purpose: string | undefined;
  readonly reason: Reason;
  readonly count: number;
};

export class DecisionCounts {
  /** Waits that ended before a decision could rest on the revision of its token, or on what the database confirmed. */
  readonly timeouts = { revision: 0, confirmation: 0 };
  /** Requests that were recorded, or could not be, by client; `undefined`: of all that came when there were many. */
  readonly requests = new Map<string | undefined, number>();
  private table: DecisionTable | undefined;
  /** Per purpose of the table, and at the end per unknown one, and reason. */
  private cells = new Float64Array(0);

  /** @param purpose as the caller names it */
  count(table: DecisionTable, purpose: string, reason: Reason): void {
    if (table !== this.table) this.turnTo(table);
    const place = table.purposeIndex(purpose) ?? table.purposeCount;
    const cell = place * REASONS + byteOf(reason);
    this.cells[cell] = (this.cells[cell] ?? 0) + 1;
  }

  requestOf(client: string): void {
    const known = this.requests.get(client);
    if (known !== undefined || this.requests.size < MOST_CLIENTS) this.requests.set(client, (known ?? 0) + 1);
    else this.requests.set(undefined, (this.requests.get(undefined) ?? 0) + 1);
  }

  /** Those that were made at least once. */
  read(): DecisionCount[] {
    const purposes = this.purposes();
    return Array.from(this.cells, (count, cell) => ({
      purpose: purposes[Math.floor(cell / REASONS)],
      reason: REASON_CODES[cell % REASONS] ?? 'consent_unavailable',
      count,
    })).filter(({ count }) => count > 0);
  }

  private purposes(): string[] {
    return this.table?.policy.document.purposes.map(({ id }) => id) ?? [];
  }

  /** Purposes that a version no longer has are counted no more, or their numbers would pile up. */
  private turnTo(table: DecisionTable): void {
    const before = this.read();
    this.table = table;
    this.cells = new Float64Array((table.purposeCount + 1) * REASONS);
    for (const { purpose, reason, count } of before) {
      const place = purpose === undefined ? table.purposeCount : table.purposeIndex(purpose);
      if (place !== undefined) this.cells[place * REASONS + byteOf(reason)] = count;
    }
  }
}
