import {
  type Attribute,
  AttributeStore,
  type UserValue,
  type ValuesOfUsers,
} from '../../src/reports/attributes/attributes.store.js';

/** Attributes that end with the process: for tests, and the measure of what an adapter must do. */
export class MemoryAttributeStore extends AttributeStore {
  private last = 0;
  private readonly attributes = new Map<number, Attribute>();
  /** By day. */
  private readonly parts = new Map<number, readonly number[]>();
  /** By number of the attribute, then of the user. */
  private readonly held = new Map<number, Map<number, number>>();

  /** @param knows whether the log knows a user */
  constructor(private readonly knows: (user: number) => boolean = () => true) {
    super();
  }

  async all(): Promise<Attribute[]> {
    return [...this.attributes.values()];
  }

  async add(attribute: Omit<Attribute, 'number'>, most: number): Promise<number | undefined> {
    const all = await this.all();
    if (all.length >= most || all.some(({ id }) => id === attribute.id)) return undefined;
    const number = ++this.last;
    this.attributes.set(number, { ...attribute, number });
    this.held.set(number, new Map());
    return number;
  }

  async change(known: Attribute, changed: Attribute): Promise<boolean> {
    if (JSON.stringify(this.attributes.get(known.number)) !== JSON.stringify(known)) return false;
    this.attributes.set(known.number, { ...changed, number: known.number });
    return true;
  }

  async drop(number: number): Promise<void> {
    this.attributes.delete(number);
    this.held.delete(number);
  }

  async set(attribute: number, values: ValuesOfUsers): Promise<void> {
    for (const [user, value] of values)
      if (value === null) this.held.get(attribute)?.delete(user);
      else if (this.knows(user)) this.held.get(attribute)?.set(user, value);
  }

  async partsOf(day: number): Promise<readonly number[]> {
    const parts = this.parts.get(day) ?? [...this.attributes.keys()];
    this.parts.set(day, parts);
    return parts;
  }

  async of(user: number): Promise<UserValue[]> {
    return this.sorted().filter((one) => one.user === user);
  }

  async page(limit: number, after?: UserValue): Promise<UserValue[]> {
    const all = this.sorted();
    const from = after === undefined ? 0 : all.findIndex((one) => compare(one, after) > 0);
    return from < 0 ? [] : all.slice(from, from + limit);
  }

  /** What the erasure of a user does. */
  erase(user: number): void {
    for (const values of this.held.values()) values.delete(user);
  }

  private sorted(): UserValue[] {
    return [...this.held]
      .flatMap(([attribute, values]) => [...values].map(([user, value]) => ({ user, attribute, value })))
      .toSorted(compare);
  }
}

function compare(one: UserValue, other: UserValue): number {
  return one.user - other.user || one.attribute - other.attribute;
}
