/** Where a cell of the matrix is looked at, for one kind of person. */
import type { AgeBand } from '../../../src/decision/consent-event.js';

type Cell = {
  readonly version: string;
  readonly purpose: string;
  readonly field: string;
  /** Absent: the first law of the version. */
  readonly regime: string | undefined;
  readonly age: AgeBand;
  /** By purpose. The matrix has people who answered every purpose alike. */
  readonly choices: Readonly<Record<string, { readonly choice: 'granted' | 'denied' }>>;
  readonly signals: readonly string[];
};

/** @returns an address below the console's */
export function addressOfCell({ version, purpose, field, regime, age, choices, signals }: Cell): string {
  const query = new URLSearchParams({
    version,
    ...(regime === undefined ? {} : { regime }),
    age,
    said: choices[purpose]?.choice ?? 'nothing',
    gpc: signals.includes('gpc') ? 'on' : 'off',
    cell: `${purpose}/${field}`,
  });
  return `/matrix?${query.toString()}`;
}
