/**
 * The states of users that policy versions can tell apart: one region for each way the versions map regions to regimes, and
 * for each purpose what may have been said for it. A notice that a version has raised makes two of one grant, so grants
 * are told apart by their notice, and no state speaks of how a choice stands: that is each version's own reading.
 */
import { type Box, allOf, bitsOf, chosen, placesIn } from './boxes.js';
import { AGE_BANDS, type AgeBand, NO_NOTICE, type RecordedChoice, type UserRecord } from './consent-event.js';
import { ANY_REGION, noticeOf, regimesOfDecisions } from './policy.js';
import { type DecisionTable, SIGNALLED, STANDINGS } from './table.js';

/** Regions that lie, in each version, in one regime. */
export type RegionClass = {
  /** One of them, as users have it. */
  readonly region: string | null;
  /** Per version the place of their regime. */
  readonly regimes: readonly number[];
};

/** What a user may have said for a purpose. */
export type Said =
  | { readonly choice: 'none' }
  | { readonly choice: 'denied' }
  /** A grant on one of the notices `from` to `to`, both included; without a `to` on any later one too. */
  | { readonly choice: 'granted'; readonly from: number; readonly to?: number };

/** What may have been said for a purpose such that no version tells one from the other. */
type ChoiceClass = {
  readonly said: Said;
  /** As a record has it. */
  readonly choice: RecordedChoice | undefined;
  /** Per version the number of its standing. */
  readonly standings: readonly number[];
};

/**
 * The states of registered users for one purpose. As axes of boxes: regions, age bands, the signal, and then for each
 * dependency what was said.
 */
export type UserStates = {
  readonly regions: readonly RegionClass[];
  /** Per purpose that it depends on in any of the versions. */
  readonly said: ReadonlyMap<string, readonly ChoiceClass[]>;
};

/** Registered users of whom all of this holds. What is absent may be anything. */
export type Group = {
  /** Per version the id of the regime; see `regimesOfDecisions`. */
  readonly regimes?: readonly (readonly string[])[];
  readonly ages?: readonly AgeBand[];
  readonly gpc?: boolean;
  /** For all of these purposes, one of these was said. */
  readonly choices: readonly { readonly purpose: string; readonly said: readonly Said[] }[];
};

/** The classes of all regions there are, the unknown one last. */
export function regionClasses(versions: readonly DecisionTable[]): RegionClass[] {
  const classes = new Map<string, RegionClass>();
  for (const region of regionsToTry(versions)) {
    const regimes = versions.map((table) => table.regimeIndex(region));
    if (!classes.has(regimes.join())) classes.set(regimes.join(), { region, regimes });
  }
  return [...classes.values()];
}

/** Every region that a version lists, one that none lists, and the unknown one. Any other lies where one of these does. */
function regionsToTry(versions: readonly DecisionTable[]): (string | null)[] {
  const listed = versions.flatMap(({ policy }) => policy.document.regimes.flatMap(({ regions }) => regions));
  const codes = new Set(listed.filter((region) => region !== ANY_REGION));
  const other = countryCodes().find((code) => !codes.has(code));
  return [...codes, ...(other === undefined ? [] : [other]), null];
}

/** All that an ISO 3166-1 alpha-2 code can be. */
function countryCodes(): string[] {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  return letters.flatMap((first) => letters.map((second) => first + second));
}

/** The states of users for a purpose that one of the versions has. */
export function userStates(
  versions: readonly DecisionTable[],
  regions: readonly RegionClass[],
  purpose: string,
): UserStates {
  const dependencies = new Set(versions.flatMap(({ policy }) => policy.dependencies.get(purpose) ?? []));
  return { regions, said: new Map([...dependencies].map((id) => [id, choiceClasses(versions, id)])) };
}

/** @returns nothing said first, then the grants, the earliest first */
function choiceClasses(versions: readonly DecisionTable[], purpose: string): ChoiceClass[] {
  const notices = versions.flatMap(({ policy }) => {
    const own = policy.purposes.get(purpose);
    return own === undefined ? [] : [noticeOf(own)];
  });
  const standings = ({ choice, notice }: RecordedChoice) =>
    versions.map((table) => {
      const place = table.purposeIndex(purpose);
      return place === undefined ? NONE : table.standingOf(place, choice === 'denied', notice);
    });
  const classOf = (said: Said, choice: RecordedChoice) => ({ said, choice, standings: standings(choice) });
  const starts = [...new Set([NO_NOTICE, ...notices])].sort((a, b) => a - b);
  return [
    { said: { choice: 'none' }, choice: undefined, standings: versions.map(() => NONE) },
    ...starts.map((from, index) => {
      const next = starts[index + 1];
      const to = next === undefined ? {} : { to: next - 1 };
      return classOf({ choice: 'granted', from, ...to }, { choice: 'granted', notice: from, signal: false });
    }),
    classOf({ choice: 'denied' }, { choice: 'denied', notice: NO_NOTICE, signal: false }),
  ];
}
const NONE = STANDINGS.indexOf('none');

/** How many states there are. */
export function countOf({ regions, said }: UserStates): number {
  const spoken = [...said.values()].reduce((product, classes) => product * classes.length, 1);
  return regions.length * AGE_BANDS.length * SIGNALLED.length * spoken;
}

/**
 * A box of the cells of one version as a box of states.
 *
 * @param cells regimes, age bands, the signal, and per dependency how the choice stands, as the version has them
 * @param dependencies of the purpose in that version
 * @param version its place among the versions
 */
export function statesIn(
  { regions, said }: UserStates,
  cells: Box,
  dependencies: readonly string[],
  version: number,
): Box {
  const [regimes = 0n, ages = 0n, signal = 0n, ...standings] = cells;
  const reads = (bits: bigint, place: number | undefined) =>
    place !== undefined && ((bits >> BigInt(place)) & 1n) === 1n;
  const inRegimes = regions.flatMap((one, place) => (reads(regimes, one.regimes[version]) ? [place] : []));
  const choices = [...said].map(([purpose, classes]) => {
    const bits = standings[dependencies.indexOf(purpose)];
    if (bits === undefined) return allOf(classes.length);
    return bitsOf(classes.flatMap((one, place) => (reads(bits, one.standings[version]) ? [place] : [])));
  });
  return [bitsOf(inRegimes), ages, signal, ...choices];
}

/** A user in one of the states, and the class of their region. */
export function userIn(
  { regions, said }: UserStates,
  box: Box,
): { readonly record: UserRecord; readonly regimes: readonly number[] } {
  const [inRegions = 0n, ages = 0n, signal = 0n, ...choices] = box;
  const [home] = chosen(regions, inRegions);
  const spoken = [...said].flatMap(([purpose, classes], index) => {
    const choice = chosen(classes, choices[index] ?? 0n)[0]?.choice;
    return choice === undefined ? [] : [[purpose, choice] as const];
  });
  const record = {
    registered: true,
    region: home?.region ?? null,
    ageBand: chosen(AGE_BANDS, ages)[0] ?? 'unknown',
    choices: new Map(spoken),
    signals: new Set(chosen(SIGNALLED, signal)[0] === true ? (['gpc'] as const) : []),
  };
  return { record, regimes: home?.regimes ?? [] };
}

/** What the users in a box of states have in common. */
export function groupOf(versions: readonly DecisionTable[], { regions, said }: UserStates, box: Box): Group {
  const [inRegions = 0n, ages = 0n, signal = 0n, ...choices] = box;
  const ids = versions.map(({ policy }) => regimesOfDecisions(policy.document));
  const regimes = chosen(regions, inRegions).map((one) =>
    one.regimes.map((place, version) => ids[version]?.[place] ?? ''),
  );
  return {
    ...(inRegions === allOf(regions.length) ? {} : { regimes }),
    ...(ages === allOf(AGE_BANDS.length) ? {} : { ages: chosen(AGE_BANDS, ages) }),
    ...(signal === allOf(SIGNALLED.length) ? {} : { gpc: chosen(SIGNALLED, signal)[0] === true }),
    choices: [...said].flatMap(([purpose, classes], index) => {
      const bits = choices[index] ?? 0n;
      return bits === allOf(classes.length) ? [] : [{ purpose, said: saidIn(classes, bits) }];
    }),
  };
}

/** What was said, with grants on consecutive notices as one. */
function saidIn(classes: readonly ChoiceClass[], bits: bigint): Said[] {
  const all: Said[] = [];
  for (const place of placesIn(bits)) {
    const said = classes[place]?.said;
    const last = all.at(-1);
    if (said === undefined) continue;
    if (said.choice === 'granted' && last?.choice === 'granted' && last.to === said.from - 1)
      all.splice(-1, 1, { ...said, from: last.from });
    else all.push(said);
  }
  return all;
}
