/** What a policy version can permit to any user in any request, read from the cells of the decision table. */
import { regimesOfDecisions } from '../policy.js';
import type { Steps } from '../steps.js';
import { type DecisionTable, PERMITTED } from '../table/table.js';

export type Reach = {
  /** Whether a purpose may ever read a field. Places of the table. */
  readonly mayRead: (purpose: number, field: number) => boolean;
  /** The same for the place of a field at a level. */
  readonly mayReadAt: (purpose: number, place: number) => boolean;
  /** Regimes in which a purpose may read something, see `regimesOfDecisions`. */
  readonly opensIn: (purpose: string) => ReadonlySet<string>;
  /**
   * Regimes in which a choice for a purpose counts: it may read something there, or a purpose that depends on it may.
   */
  readonly countsIn: (purpose: string) => ReadonlySet<string>;
};

/** What the version of a table can permit. */
export function* reachOf(table: DecisionTable): Steps<Reach> {
  const { document, dependencies } = table.policy;
  const opens = new Map<string, ReadonlySet<string>>();
  const counts = new Map(document.purposes.map(({ id }) => [id, new Set<string>()]));
  for (const [place, { id }] of document.purposes.entries()) {
    const regimes = regimesOpenTo(table, place);
    opens.set(id, regimes);
    for (const dependency of dependencies.get(id) ?? [])
      for (const regime of regimes) counts.get(dependency)?.add(regime);
    yield;
  }
  const someone = Uint8Array.from(document.purposes, ({ id }) => ((opens.get(id)?.size ?? 0) > 0 ? 1 : 0));
  return {
    mayRead: (purpose, field) => someone[purpose] === 1 && table.isOpen(purpose, field),
    mayReadAt: (purpose, place) => someone[purpose] === 1 && table.isOpenAt(purpose, place),
    opensIn: (purpose) => opens.get(purpose) ?? NONE,
    countsIn: (purpose) => counts.get(purpose) ?? NONE,
  };
}
const NONE: ReadonlySet<string> = new Set();

/** The regimes in which some user consents, so that some request may read something. */
function regimesOpenTo(table: DecisionTable, purpose: number): Set<string> {
  if (table.permittingFacts(purpose) === 0n) return new Set();
  const regimes = regimesOfDecisions(table.policy.document);
  const cells = table.consentCells(purpose);
  // regimes change slowest in the cells
  const size = cells.length / regimes.length;
  return new Set(
    regimes.filter((_, place) => cells.subarray(place * size, (place + 1) * size).includes(PERMITTED)),
  );
}
