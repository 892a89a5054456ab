/** A value that users can have of an attribute. */
export type AttributeValue = { readonly id: string; readonly title: string };

/** What users are told apart by in the consent balance, and nowhere else. */
export type Attribute = {
  /** Counted up, and never given twice. */
  readonly number: number;
  readonly id: string;
  readonly title: string;
  /** A closed list, in which each keeps its place. */
  readonly values: readonly AttributeValue[];
};

/** Of users by their numbers, the place of the value of each; null: none any more. */
export type ValuesOfUsers = ReadonlyMap<number, number | null>;

/** That a user has a value. */
export type UserValue = {
  /** Numbers of the user and of the attribute. */
  readonly user: number;
  readonly attribute: number;
  /** Its place among those of the attribute. */
  readonly value: number;
};

/** Attributes, and who has which value. What it says of a user goes with their erasure. */
export abstract class AttributeStore {
  /** All there are, by number. */
  abstract all(): Promise<readonly Attribute[]>;

  /**
   * @param most how many there can be
   * @returns its number; `undefined`: there is one of this id, or there are as many as can be
   */
  abstract add(attribute: Omit<Attribute, 'number'>, most: number): Promise<number | undefined>;

  /** @returns `false`: it is not as `known` any more */
  abstract change(known: Attribute, changed: Attribute): Promise<boolean>;

  /** Deletes it with all that users have of it. */
  abstract drop(number: number): Promise<void>;

  /** Sets values of users. Nothing is kept of users whom the log does not know, and of an attribute that is gone. */
  abstract set(attribute: number, values: ValuesOfUsers): Promise<void>;

  /**
   * Numbers of the attributes by which users are counted on a day: those that there are when the first process asks.
   *
   * @param day days since the Unix epoch
   */
  abstract partsOf(day: number): Promise<readonly number[]>;

  /** What a user has, by number of the attribute. */
  abstract of(user: number): Promise<readonly UserValue[]>;

  /**
   * What users have, by their numbers, then by those of the attributes.
   *
   * @param after the last one before the page; absent: from the first on
   */
  abstract page(limit: number, after?: UserValue): Promise<readonly UserValue[]>;
}
