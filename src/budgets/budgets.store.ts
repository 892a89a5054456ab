/** What privacy was spent, as exact decimals in texts. */
export type Loss = { readonly epsilon: string; readonly delta: string };

/** A figure that is to be paid for. */
export type Charge = Loss & {
  readonly purpose: string;
  readonly period: string;
  /** Names the figure; one that was paid for in whatever period costs nothing. */
  readonly figure: string;
  /** Names its exact answer. */
  readonly data: string;
  readonly client: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
};

/** `changed`: the figure was paid for with another answer, or with less. `refused`: it would exceed the limit. */
export type Spending = 'permitted' | 'refused' | 'changed';

/** What was spent of a purpose in a period. */
export type Spent = Loss & {
  readonly purpose: string;
  readonly period: string;
  /** How many figures were paid for. */
  readonly figures: number;
  /** Of the first and the last of them, in milliseconds since the Unix epoch. */
  readonly first: number;
  readonly last: number;
};

/** Budgets of privacy, for all processes. Nothing is ever given back, and no figure is forgotten. */
export abstract class BudgetStore {
  /**
   * Pays for a figure, if it does not exceed the limit together with all that was spent of its purpose and period. When the
   * promise resolves to `permitted`, that survives a crash.
   *
   * @param limit absent: only what was paid for already is permitted
   */
  abstract spend(charge: Charge, limit: Loss | undefined): Promise<Spending>;

  /**
   * What was spent, the budget that was begun last first.
   *
   * @param purpose only its budgets; absent: all
   * @param after the one before the page
   */
  abstract list(
    limit: number,
    purpose?: string,
    after?: Pick<Spent, 'first' | 'purpose' | 'period'>,
  ): Promise<readonly Spent[]>;
}
