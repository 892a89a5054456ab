/**
 * The users that scenarios ask about: each is a function of its number alone, so that every process, whatever system it
 * runs, meets the same people.
 */

/** @typedef {{ id: string, region: string | null, ageBand: string, gpc: boolean, choices: { purpose: string, choice: string, notice: number }[] }} User */

/** Share of members per region, in thousandths: what a network of professionals around the world might have. */
const REGIONS = [
  // European Union, EEA and Switzerland: 200
  ['DE', 34],
  ['FR', 36],
  ['IT', 27],
  ['ES', 26],
  ['NL', 16],
  ['PL', 11],
  ['BE', 8],
  ['SE', 8],
  ['CH', 7],
  ['PT', 7],
  ['DK', 5],
  ['IE', 4],
  ['NO', 4],
  ['AT', 4],
  ['CZ', 3],
  // United Kingdom: 45, Canada: 28, Hong Kong: 4
  ['GB', 45],
  ['CA', 28],
  ['HK', 4],
  // California: 30, the other states: 190
  ['US-CA', 30],
  ['US-TX', 34],
  ['US-NY', 28],
  ['US-FL', 26],
  ['US-IL', 16],
  ['US-PA', 14],
  ['US-OH', 12],
  ['US-GA', 12],
  ['US-MA', 12],
  ['US-NC', 11],
  ['US-WA', 10],
  ['US', 15],
  // the rest of the world: 493, nobody knows where: 10
  ['IN', 160],
  ['BR', 85],
  ['ID', 38],
  ['MX', 30],
  ['PH', 24],
  ['AU', 20],
  ['CO', 18],
  ['ZA', 17],
  ['AR', 16],
  ['TR', 20],
  ['NG', 14],
  ['PK', 13],
  ['SG', 6],
  ['JP', 6],
  ['KR', 5],
  ['AE', 11],
  ['SA', 10],
  [null, 10],
];

/** How often those who say something say it of a purpose; all others of a policy get 1. */
const ATTENTION = new Map([
  ['ads.personalised', 30],
  ['ads.inferred', 16],
  ['ads.off_platform', 14],
  ['ads.partner_data', 12],
  ['ai.generative', 22],
  ['ai', 8],
  ['recruiting', 20],
  ['share.affiliates', 10],
  ['research', 6],
  ['personalise', 5],
  ['improve', 4],
]);

/** Of a thousand users, so many are minors, and of so many the age is unknown. */
const MINORS = 30;
const AGE_UNKNOWN = 50;
/** Of a hundred users in the United States, so many send Global Privacy Control. */
const GPC_IN_US = 10;
/** Of a hundred users, so many have said nothing. */
const SILENT = 80;

/**
 * The people of a policy.
 *
 * `realistic`: regions by weight, 3 % minors, 5 % of unknown age, Global Privacy Control in 10 % of the United States;
 * 80 % said nothing, the others 1 to 5 things, on what their law lets them choose.
 * `distinct`: everybody has said 6 things on purposes drawn evenly, with notices drawn evenly: nearly no two records are
 * equal, which is the worst that a state which keeps equal records once can meet.
 *
 * @param {any} policy a compiled policy
 * @param {'realistic' | 'distinct'} kind
 */
export function population(policy, kind = 'realistic') {
  const regions = REGIONS.flatMap(([region, weight]) => Array.from({ length: weight }, () => region));
  const purposes = policy.document.purposes;
  const offers = new Map(
    policy.document.regimes.map(({ id }) => {
      const offered = purposes.filter((purpose) => purpose.settings[id]?.startsWith('opt_'));
      return [
        id,
        offered.flatMap((purpose) => Array.from({ length: ATTENTION.get(purpose.id) ?? 1 }, () => purpose)),
      ];
    }),
  );
  const ids = purposes.map(({ id }) => id);

  /** @param {number} number @returns {User} */
  const realistic = (number) => {
    const draw = dice(number);
    const region = regions[draw(regions.length)] ?? null;
    const age = draw(1000);
    const ageBand = age < MINORS ? 'minor' : age < MINORS + AGE_UNKNOWN ? 'unknown' : 'adult';
    const gpc = region !== null && region.startsWith('US') && draw(100) < GPC_IN_US;
    const choices = [];
    if (draw(100) >= SILENT) {
      const regime = policy.regimeOf(region);
      const offered = offers.get(regime);
      const said = new Set();
      for (let left = 1 + draw(5); left > 0 && offered.length > 0; left--) {
        const purpose = offered[draw(offered.length)];
        if (said.has(purpose.id)) continue;
        said.add(purpose.id);
        const optIn = purpose.settings[regime] === 'opt_in';
        const granted = draw(100) < (optIn ? 70 : 15);
        choices.push({
          purpose: purpose.id,
          choice: granted ? 'granted' : 'denied',
          notice: granted && optIn ? (purpose.notice ?? 1) : 0,
        });
      }
    }
    return { id: idOf(number), region, ageBand, gpc, choices };
  };

  /** @param {number} number @returns {User} */
  const distinct = (number) => {
    const draw = dice(number);
    const said = new Set();
    while (said.size < Math.min(6, ids.length)) said.add(ids[draw(ids.length)]);
    return {
      id: idOf(number),
      region: regions[draw(regions.length)] ?? null,
      ageBand: 'adult',
      gpc: draw(2) === 0,
      choices: [...said].map((purpose) => ({
        purpose,
        choice: draw(2) === 0 ? 'granted' : 'denied',
        notice: draw(16),
      })),
    };
  };

  return { user: kind === 'realistic' ? realistic : distinct, id: idOf };
}

/** Ids as a network gives them, of the users numbered from 0. @param {number} number */
export function idOf(number) {
  return `member-${number + 1_000_001}`;
}

/** What a user's record was made by, in order. @param {User} user */
export function* changesOf({ region, ageBand, gpc, choices }) {
  yield { kind: 'profile', region, ageBand };
  if (gpc) yield { kind: 'signal', signal: 'gpc' };
  for (const choice of choices) yield { kind: 'choice', ...choice, signal: false };
}

/**
 * A die for each number: the same numbers always fall the same way (SplitMix32).
 *
 * @param {number} seed
 * @returns {(below: number) => number}
 */
export function dice(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b9) | 0;
  return (below) => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below;
  };
}
