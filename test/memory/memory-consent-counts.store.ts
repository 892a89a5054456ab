import { ConsentCountStore, type CountOfDay } from '../../src/reports/counts/consent-counts.store.js';

/** Counts that end with the process: for tests, and the measure of what an adapter must do. */
export class MemoryConsentCountStore extends ConsentCountStore {
  private counts: CountOfDay[] = [];

  async has(day: number, policy: string): Promise<boolean> {
    return this.counts.some((count) => count.day === day && count.policy === policy);
  }

  async write(counts: readonly CountOfDay[]): Promise<void> {
    const kept = this.counts;
    this.counts = [
      ...kept,
      ...counts.filter(
        ({ purpose, day, policy }) =>
          !kept.some((one) => one.purpose === purpose && one.day === day && one.policy === policy),
      ),
    ];
  }

  async read(purpose: string, from: number, until: number): Promise<CountOfDay[]> {
    return this.counts
      .filter((count) => count.purpose === purpose && count.day >= from && count.day <= until)
      .toSorted((one, other) => one.day - other.day || one.at - other.at);
  }

  async forget(before: number): Promise<void> {
    this.counts = this.counts.filter(({ day }) => day >= before);
  }
}
