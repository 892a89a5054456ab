/** Attributes that services register for the consent balance. */
import type { StateInForce } from '../../consent/log/state-in-force.js';
import { didYouMean } from '../../decision/nearest.js';
import { DomainError } from '../../errors.js';
import { type RowReport, rowsTaken } from './attribute-rows.js';
import type { Attribute, AttributeStore, AttributeValue } from './attributes.store.js';

/** Each takes its share of the users from the others, see `parts-of-users.ts`. */
export const MOST_ATTRIBUTES = 10;

/** A value that a user has of an attribute. */
export type Said = { readonly attribute: Attribute; readonly value: AttributeValue };

export class Attributes {
  constructor(
    private readonly store: AttributeStore,
    private readonly users: Pick<StateInForce, 'available' | 'numberOf'>,
  ) {}

  /** Those that were registered first come first. */
  all(): Promise<readonly Attribute[]> {
    return this.store.all();
  }

  /**
   * Registers an attribute, or changes its texts and adds values.
   *
   * @throws DomainError `invalid_request` when a value occurs twice, or one that users may have is missing;
   *   `too_many_attributes`
   */
  async register(wanted: Omit<Attribute, 'number'>): Promise<Attribute> {
    mustDiffer(wanted.values);
    // until nobody else was faster
    for (;;) {
      const all = await this.store.all();
      const known = all.find(({ id }) => id === wanted.id);
      if (known !== undefined) {
        const changed = { ...wanted, number: known.number, values: kept(known, wanted.values) };
        if (await this.store.change(known, changed)) return changed;
        continue;
      }
      if (all.length >= MOST_ATTRIBUTES)
        throw new DomainError(
          'too_many_attributes',
          `there are ${MOST_ATTRIBUTES} attributes, and each takes its share of the users from the others: delete one first`,
        );
      const number = await this.store.add(wanted, MOST_ATTRIBUTES);
      if (number !== undefined) return { ...wanted, number };
    }
  }

  /** Deletes an attribute, and what users have of it. @throws DomainError `attribute_not_found` */
  async drop(id: string): Promise<Attribute> {
    const attribute = await this.named(id);
    await this.store.drop(attribute.number);
    return attribute;
  }

  /**
   * Takes in what users have of an attribute, one row a line, and reports refused lines and how far it has come.
   *
   * @throws DomainError `attribute_not_found`; `consent_unavailable` when it is not known which users there are
   */
  async take(id: string, lines: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<RowReport, void>> {
    const attribute = await this.named(id);
    return rowsTaken(lines, attribute.values, {
      numberOf: (user) => this.numberOf(user),
      write: (values) => this.store.set(attribute.number, values),
    });
  }

  /** What is held of a user. @throws DomainError `consent_unavailable` */
  async of(user: string): Promise<readonly Said[]> {
    const number = this.numberOf(user);
    if (number === undefined) return [];
    const attributes = new Map((await this.store.all()).map((one) => [one.number, one]));
    return (await this.store.of(number)).flatMap((said) => {
      const attribute = attributes.get(said.attribute);
      const value = attribute?.values[said.value];
      return attribute === undefined || value === undefined ? [] : [{ attribute, value }];
    });
  }

  private async named(id: string): Promise<Attribute> {
    const all = await this.store.all();
    const found = all.find((one) => one.id === id);
    if (found !== undefined) return found;
    throw new DomainError(
      'attribute_not_found',
      `there is no attribute \`${id}\`${didYouMean(
        id,
        all.map((one) => one.id),
        'register it first',
      )}`,
      '/attribute',
    );
  }

  private numberOf(user: string): number | undefined {
    if (!this.users.available)
      throw new DomainError(
        'consent_unavailable',
        'it is not known now which users there are: try again shortly',
      );
    return this.users.numberOf(user);
  }
}

/** @throws DomainError `invalid_request` */
function mustDiffer(values: readonly AttributeValue[]): void {
  const ids = values.map(({ id }) => id);
  const twice = ids.findIndex((id, place) => ids.indexOf(id) < place);
  if (twice >= 0)
    throw new DomainError(
      'invalid_request',
      `\`values.${twice}.id\` names a value that is there already: take one out`,
      `/values/${twice}/id`,
    );
}

/** The values with those that there were at their places. @throws DomainError `invalid_request` when one is missing */
function kept({ values }: Attribute, wanted: readonly AttributeValue[]): readonly AttributeValue[] {
  const missing = values.find(({ id }) => !wanted.some((one) => one.id === id));
  if (missing !== undefined)
    throw new DomainError(
      'invalid_request',
      `\`values\` lacks \`${missing.id}\`, which users may have: add it, or delete the attribute and register it anew`,
      '/values',
    );
  const before = values.map(({ id }) => id);
  return [
    ...values.map((value) => wanted.find(({ id }) => id === value.id) ?? value),
    ...wanted.filter(({ id }) => !before.includes(id)),
  ];
}
