/**
 * The states of users that policy versions can tell apart: one region for each way the versions map regions to regimes,
 * and for each purpose the possible choices. A raised notice splits a grant into two, so grants are distinguished by
 * their notice. A state does not say whether a choice counts: each version decides that.
 *
 * The same applies to Global Privacy Control. A state says whether the user sends it and, for a grant that it may
 * close, whether the grant was given after the user was shown it; each version decides from these whether the signal
 * closes the purpose, by its own dependencies and overlay. So every state is that of a record, and both versions read
 * the same record. Some states cannot occur: only users who sent the signal can have been shown it. A difference that
 * such a state shows is also shown by a possible state, because without the signal no version checks whether it was
 * shown.
 */
import { type Box, allOf, bitsOf, chosen, joined, placesIn, without } from './cell-boxes.js';
import {
  AGE_BANDS,
  type AgeBand,
  NO_NOTICE,
  type RecordedChoice,
  type UserRecord,
} from '../consent-event.js';
import { COUNTRIES, PLACES_OF_TWO_CODES } from '../places.js';
import { ANY_REGION, noticeOf, regimesOfDecisions } from '../policy.js';
import type { Steps } from '../steps.js';
import { type DecisionTable, SIGNALLED, STANDINGS } from '../table/table.js';

/** Regions that lie, in each version, in one regime. */
export type RegionClass = {
  /** One of them, as users have it. */
  readonly region: string | null;
  /** Per version the place of their regime. */
  readonly regimes: readonly number[];
};

/** A possible choice of a user for a purpose. */
export type Said =
  | { readonly choice: 'none' }
  | { readonly choice: 'denied' }
  | {
      readonly choice: 'granted';
      /** On one of the notices from this one to `to`, both included; without a `to` on any later one too. */
      readonly from: number;
      readonly to?: number;
      /** Whether the user was shown a signal against it, and still granted it. Absent: either. */
      readonly signal?: boolean;
    };

/** Choices for a purpose that no version distinguishes. */
type ChoiceClass = {
  readonly said: Said;
  /** As in a record. */
  readonly choice: RecordedChoice | undefined;
  /** Per version the number of its standing. */
  readonly standings: readonly number[];
};

/**
 * The states of registered users for one purpose. As axes of boxes: regions, age bands, whether the user sends the
 * signal, and then for each dependency what was said.
 */
export type UserStates = {
  readonly regions: readonly RegionClass[];
  /** Per purpose that it depends on in any of the versions. */
  readonly said: ReadonlyMap<string, readonly ChoiceClass[]>;
  /** Per version those of them that the signal closes, where it is heard. */
  readonly closedBySignal: readonly (readonly string[])[];
};

/** Registered users for whom all of this holds. Absent members may be anything. */
export type Group = {
  /** Per version the id of the regime; see `regimesOfDecisions`. */
  readonly regimes?: readonly (readonly string[])[];
  readonly ages?: readonly AgeBand[];
  /** Whether their browsers send Global Privacy Control. */
  readonly gpc?: boolean;
  /** For all of these purposes, one of these was said. */
  readonly choices: readonly { readonly purpose: string; readonly said: readonly Said[] }[];
};

/** The classes of all regions there are, the unknown one last. */
export function regionClasses(versions: readonly DecisionTable[]): RegionClass[] {
  const classes = new Map<string, RegionClass>();
  const regimesOf = (region: string | null) => versions.map((table) => table.regimeIndex(region));
  const unknown = { region: null, regimes: regimesOf(null) };
  for (const region of regionsToTry(versions)) {
    const regimes = regimesOf(region);
    const key = regimes.join();
    if (key !== unknown.regimes.join() && !classes.has(key)) classes.set(key, { region, regimes });
  }
  return [...classes.values(), unknown];
}

/**
 * Every region that a version lists, every place with two codes, and one other. Any other known region has the same
 * regimes as one of these.
 */
function regionsToTry(versions: readonly DecisionTable[]): string[] {
  const listed = versions.flatMap(({ policy }) => policy.document.regimes.flatMap(({ regions }) => regions));
  const codes = new Set([...listed.filter((region) => region !== ANY_REGION), ...PLACES_OF_TWO_CODES]);
  const other = [...COUNTRIES].find((code) => !codes.has(code));
  return [...codes, ...(other === undefined ? [] : [other])];
}

/** The states of users for a purpose that one of the versions has. */
export function userStates(
  versions: readonly DecisionTable[],
  regions: readonly RegionClass[],
  purpose: string,
): UserStates {
  const dependencies = new Set(versions.flatMap(({ policy }) => policy.dependencies.get(purpose) ?? []));
  const closedBySignal = versions.map(({ policy }) => policy.closedBySignal.get(purpose) ?? []);
  const closable = new Set(closedBySignal.flat());
  const said = [...dependencies].map((id) => [id, choiceClasses(versions, id, closable.has(id))] as const);
  return { regions, said: new Map(said), closedBySignal };
}

/**
 * @param closable whether it matters that a grant was given after the user was shown a signal
 * @returns first no choice, then the grants, the earliest first, those given after a signal last
 */
function choiceClasses(
  versions: readonly DecisionTable[],
  purpose: string,
  closable: boolean,
): ChoiceClass[] {
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
  const grants = (signal: boolean) =>
    starts.map((from, index) => {
      const next = starts[index + 1];
      const range = { from, ...(next === undefined ? {} : { to: next - 1 }) };
      const said = { choice: 'granted', ...range, ...(closable ? { signal } : {}) } as const;
      return classOf(said, { choice: 'granted', notice: from, signal });
    });
  return [
    { said: { choice: 'none' }, choice: undefined, standings: versions.map(() => NONE) },
    ...grants(false),
    ...(closable ? grants(true) : []),
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
 * A box of the cells of one version as boxes of states; none when they apply to nobody, as in a regime without regions.
 *
 * @param cells regimes, age bands, whether the signal stands against the purpose, and per dependency how the choice
 *   stands, as the version has them
 * @param dependencies of the purpose in that version
 * @param version its place among the versions
 */
export function* statesIn(
  { regions, said, closedBySignal }: UserStates,
  cells: Box,
  dependencies: readonly string[],
  version: number,
): Steps<Box[]> {
  const [regimes = 0n, ages = 0n, signal = 0n, ...standings] = cells;
  const reads = (bits: bigint, place: number | undefined) =>
    place !== undefined && ((bits >> BigInt(place)) & 1n) === 1n;
  const inRegimes = regions.flatMap((one, place) => (reads(regimes, one.regimes[version]) ? [place] : []));
  const choices = [...said].map(([purpose, classes]) => {
    const bits = standings[dependencies.indexOf(purpose)];
    if (bits === undefined) return allOf(classes.length);
    return bitsOf(classes.flatMap((one, place) => (reads(bits, one.standings[version]) ? [place] : [])));
  });
  const sending = (bits: bigint): Box => [bitsOf(inRegimes), ages, bits, ...choices];
  // users who send it but for whom it closes nothing: their grants prevail over it everywhere
  const closing = closedBySignal[version] ?? [];
  const prevailing = [...said].map(([purpose, classes], index) => {
    const bits = choices[index] ?? 0n;
    if (!closing.includes(purpose)) return bits;
    return bits & bitsOf(classes.flatMap(({ choice }, place) => (prevails(choice) ? [place] : [])));
  });
  const unheard: Box = [bitsOf(inRegimes), ages, SENT, ...prevailing];
  const states = [
    ...(reads(signal, SIGNALLED.indexOf(false)) ? [sending(NOT_SENT), unheard] : []),
    ...(reads(signal, SIGNALLED.indexOf(true)) ? yield* without([sending(SENT)], [unheard]) : []),
  ];
  return joined(states.filter((box) => !box.includes(0n)));
}
const NOT_SENT = bitsOf([SIGNALLED.indexOf(false)]);
const SENT = bitsOf([SIGNALLED.indexOf(true)]);

function prevails(choice: RecordedChoice | undefined): boolean {
  return choice?.choice === 'granted' && choice.signal;
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
  const sent = chosen(SIGNALLED, signal);
  // a user who was shown a signal sends one, if that is left open
  const shown = spoken.some(([, choice]) => prevails(choice));
  const gpc = sent.includes(true) && (shown || !sent.includes(false));
  const record = {
    registered: true,
    region: home?.region ?? null,
    ageBand: chosen(AGE_BANDS, ages)[0] ?? 'unknown',
    choices: new Map(spoken),
    signals: new Set(gpc ? (['gpc'] as const) : []),
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

/** The choices, merging grants that differ only in consecutive notices, or in the signal. */
function saidIn(classes: readonly ChoiceClass[], bits: bigint): Said[] {
  const all = placesIn(bits).flatMap((place) => classes[place]?.said ?? []);
  const grants = all.filter((one) => one.choice === 'granted');
  const alike = grants.flatMap((grant): Grant[] => {
    const { signal, ...either } = grant;
    const twin = grants.some((one) => one.from === grant.from && one.signal !== signal);
    if (twin) return signal === true ? [] : [either];
    return [grant];
  });
  const silence = all.filter(({ choice }) => choice === 'none');
  return [...silence, ...joinedGrants(alike), ...all.filter(({ choice }) => choice === 'denied')];
}
type Grant = Extract<Said, { choice: 'granted' }>;

/** @param grants equal except for their notices, by ascending notice */
function joinedGrants(grants: readonly Grant[]): Grant[] {
  const all: Grant[] = [];
  for (const grant of grants) {
    const before = all.findIndex(({ to, signal }) => to === grant.from - 1 && signal === grant.signal);
    const from = all[before]?.from;
    if (from === undefined) all.push(grant);
    else all.splice(before, 1, { ...grant, from });
  }
  return all;
}
