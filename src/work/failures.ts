/** What failed while the rest was done all the same. */
export class Failures {
  private readonly errors: unknown[] = [];

  /** Awaits a part of the work, and keeps its error for the end. */
  async keep(part: Promise<void>): Promise<void> {
    await part.catch((error: unknown) => this.errors.push(error));
  }

  /** @throws the error, when something failed; of several one that says them all */
  end(): void {
    const [first, ...others] = this.errors;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    throw new AggregateError(this.errors, this.errors.map(messageOf).join('; and '));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
