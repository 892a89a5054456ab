/** Reports once when something that is retried fails, and once when everything works again. */
export class Troubles {
  /** What was reported, by operation. */
  private readonly told = new Map<string, Set<string>>();

  /** @param onTrouble called with a failure; `undefined`: everything works again */
  constructor(private readonly onTrouble: (error: unknown) => void) {}

  tell(what: string, error: unknown): void {
    const told = this.told.get(what) ?? new Set();
    this.told.set(what, told);
    const why = String(error);
    if (told.has(why)) return;
    told.add(why);
    this.onTrouble(error);
  }

  end(what: string): void {
    if (this.told.delete(what) && this.told.size === 0) this.onTrouble(undefined);
  }
}
