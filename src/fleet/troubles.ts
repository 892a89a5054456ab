/** Says of what is tried again and again that it fails, once, and when nothing does any more. */
export class Troubles {
  /** What was told, by what fails. */
  private readonly told = new Map<string, Set<string>>();

  /** @param onTrouble is told what fails; `undefined`: all of it works again */
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
