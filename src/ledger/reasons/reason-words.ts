import type { Reason } from '../../decision/reasons.js';

/** The compiler sees to it that no language lacks one. */
export type ReasonWords = {
  readonly reasons: Readonly<Record<Reason, string>>;
  /** Who said that an obligation was discharged. */
  readonly discharged: (client: string) => string;
};
