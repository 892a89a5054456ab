/** Says of what is tried again and again that it fails, once, and when it no longer does. */
export class Troubles {
  private readonly told = new Set<string>();

  /** @param onTrouble is told what fails; `undefined`: all of it has ended */
  constructor(private readonly onTrouble: (error: unknown) => void) {}

  tell(error: unknown): void {
    const what = String(error);
    if (this.told.has(what)) return;
    this.told.add(what);
    this.onTrouble(error);
  }

  end(): void {
    if (this.told.size === 0) return;
    this.told.clear();
    this.onTrouble(undefined);
  }
}
