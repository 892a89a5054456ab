import { recordUnavailable } from '../decision-records.js';

type Part = { readonly pieces: readonly Uint8Array[]; readonly settled: Promise<boolean>; isReady: boolean };

/** Parts of an answer that may leave, in their order, once each is recorded. */
export class HeldParts {
  private readonly parts: Part[] = [];

  get size(): number {
    return this.parts.length;
  }

  get isEmpty(): boolean {
    return this.parts.length === 0;
  }

  /** Whether it is known of the first part whether it may leave. */
  get isNextReady(): boolean {
    return this.parts[0]?.isReady ?? false;
  }

  /** Resolves when that is known. */
  get nextReady(): Promise<unknown> {
    return this.parts[0]?.settled ?? Promise.resolve();
  }

  /** @param settled resolves to whether it is recorded; absent: it may leave at once */
  add(pieces: readonly Uint8Array[], settled: Promise<boolean> | undefined): void {
    const part = { pieces, settled: settled ?? Promise.resolve(true), isReady: settled === undefined };
    void part.settled.then(() => (part.isReady = true));
    this.parts.push(part);
  }

  /**
   * The first part, once it may leave.
   *
   * @param gone aborted when the client is gone
   * @throws DomainError `record_unavailable` when it could not be recorded; Error when the client is gone
   */
  async *next(gone: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const part = this.parts.shift();
    if (part === undefined) return;
    if (!(await part.settled)) throw recordUnavailable();
    for (const piece of part.pieces) {
      gone.throwIfAborted();
      yield piece;
    }
  }
}
