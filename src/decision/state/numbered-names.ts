/** Names and their numbers, from 1. */
export class Names {
  private readonly names: string[] = [''];
  private readonly numbers = new Map<string, number>([['', 0]]);

  constructor(
    private readonly most: number,
    private readonly what: string,
  ) {}

  /** One more than the highest number. */
  get count(): number {
    return this.names.length;
  }

  at(number: number): string | undefined {
    return number === 0 ? undefined : this.names[number];
  }

  /** The number of a name; a new one gets the next. */
  numberOf(name: string): number {
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.names.length;
      if (number >= this.most)
        throw new RangeError(`records name at most ${this.most - 1} ${this.what}; the log has more`);
      this.names.push(name);
      this.numbers.set(name, number);
    }
    return number;
  }
}
