/**
 * Everything that a policy version permits a purpose, as a product: its fields × the users who consent × the requests
 * that meet its conditions. The decision table is this product (docs/meaning.md, lines 3–5, 6, 7), so nothing is lost.
 */
import type { CaseStanding, RequestFacts } from '../rules/ability.js';
import { type Box, allOf, boxesOf, chosen } from './cell-boxes.js';
import { AGE_BANDS, EMPTY_RECORD } from '../consent-event.js';
import { regimesOfDecisions } from '../policy.js';
import type { Steps } from '../steps.js';
import { CASES, type DecisionTable, FACTS, PERMITTED, SIGNALLED, STANDINGS } from '../table/table.js';
import { namesAtAll } from '../visibility.js';
import { type UserStates, statesIn } from './user-states.js';

/** A set of cells of one purpose: every field at a level with every user and every request. */
export type Permits = {
  /** Names of fields at levels. */
  readonly fields: ReadonlySet<string>;
  /** Of the states of registered users. */
  readonly users: readonly Box[];
  /** Whether users who were never registered are among them. */
  readonly unregistered: boolean;
  /** Axes of {@link REQUEST_AXES}. */
  readonly requests: readonly Box[];
};

const NOTHING: Permits = { fields: new Set(), users: [], unregistered: false, requests: [] };

const EITHER = [false, true] as const;
const ACTORS = ['human', 'automated'] as const;
/** How many values the facts of a request have, in the order of `factsIndex`, the highest bits first. */
const REQUEST_AXES = [EITHER.length, EITHER.length, CASES.length, ACTORS.length];

/** Requests for which all of this holds. Absent members may be anything. */
export type Requests = {
  readonly actor?: RequestFacts['actor'];
  readonly cases?: readonly CaseStanding[];
  readonly legalReference?: boolean;
  readonly ownData?: boolean;
};

/** Whether anything is permitted at all. */
export function isEmpty({ fields, users, unregistered, requests }: Permits): boolean {
  return fields.size === 0 || requests.length === 0 || (users.length === 0 && !unregistered);
}

/**
 * What a version permits a purpose.
 *
 * @param version place of the table among those that the states are of
 * @param names of fields at levels, see `namesIn`
 */
export function* permitsOf(
  table: DecisionTable,
  purpose: string,
  states: UserStates,
  version: number,
  names: readonly string[],
): Steps<Permits> {
  const place = table.purposeIndex(purpose);
  if (place === undefined) return NOTHING;
  const { document, dependencies, atLevels } = table.policy;
  const open = names.filter((name) => table.isOpenAt(place, atLevels.placeOf(name)));
  yield;
  const [name] = open;
  if (name === undefined) return NOTHING;
  const field = atLevels.placeOf(name) ?? -1;
  const own = dependencies.get(purpose) ?? [];
  const axes = [
    regimesOfDecisions(document).length,
    AGE_BANDS.length,
    SIGNALLED.length,
    ...own.map(() => STANDINGS.length),
  ];
  const cells = yield* boxesOf(table.consentCells(place), axes, PERMITTED);
  const facts = Uint8Array.from({ length: FACTS }, (_, index) =>
    table.decide(place, field, PERMITTED, index),
  );
  const users: Box[] = [];
  for (const box of cells) users.push(...(yield* statesIn(states, box, own, version)));
  return {
    fields: new Set(open),
    users,
    unregistered: table.consentOf(EMPTY_RECORD)(place) === PERMITTED,
    requests: yield* boxesOf(facts, REQUEST_AXES, PERMITTED),
  };
}

/**
 * Names of all fields at levels that the versions have. A field with a group in one of them is named by its levels
 * alone, and is the same at each of them where it has no group. A derived field is named by its levels of all groups
 * that it has in any version.
 */
export function namesIn(versions: readonly DecisionTable[]): string[] {
  const names = new Map<string, Set<string>>();
  const groups = new Map<string, Map<string, Set<string>>>();
  const derived = new Set<string>();
  for (const { policy } of versions)
    for (const { id, field, levels } of policy.atLevels.all) {
      names.set(field.id, (names.get(field.id) ?? new Set()).add(id));
      if (field.derived_from !== undefined) derived.add(field.id);
      const own = groups.get(field.id) ?? new Map<string, Set<string>>();
      groups.set(field.id, own);
      for (const [group, level] of levels) own.set(group, (own.get(group) ?? new Set()).add(level));
    }
  return [...names].flatMap(([id, known]) => {
    const own = groups.get(id);
    if (own !== undefined && own.size > 1 && derived.has(id)) return namesAtAll(id, own);
    const levelled = [...known].filter((name) => name !== id);
    return levelled.length === 0 ? [id] : levelled;
  });
}

/** What the requests of a box have in common. */
export function requestsOf([own = 0n, legal = 0n, cases = 0n, actors = 0n]: Box): Requests {
  const [actor, ...others] = chosen(ACTORS, actors);
  return {
    ...(actor === undefined || others.length > 0 ? {} : { actor }),
    ...(cases === allOf(CASES.length) ? {} : { cases: chosen(CASES, cases) }),
    ...(legal === allOf(EITHER.length) ? {} : { legalReference: chosen(EITHER, legal)[0] === true }),
    ...(own === allOf(EITHER.length) ? {} : { ownData: chosen(EITHER, own)[0] === true }),
  };
}

/** The facts of one request of a box: the fewest possible. */
export function factsIn([own = 0n, legal = 0n, cases = 0n, actors = 0n]: Box): RequestFacts {
  return {
    actor: chosen(ACTORS, actors)[0] ?? 'human',
    case: chosen(CASES, cases)[0] ?? 'none',
    legalReference: chosen(EITHER, legal)[0] ?? false,
    ownData: chosen(EITHER, own)[0] ?? false,
  };
}
