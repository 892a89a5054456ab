/**
 * What is asked of all systems alike: a few purposes and fields of the reference policy, and their meaning as plain
 * conditions, from which the policies of the other engines are written.
 */
import { FACTS, compiled, referenceDocument } from './engine.mjs';
import { dice, population } from './users.mjs';

/** Regimes that differ, minors, Global Privacy Control, opt-in, opt-out, and a chain of three purposes. */
export const PURPOSES = ['ads.personalised', 'ads.inferred', 'ai.generative', 'recruiting'];
/** Fields that are open to all, some and none of these purposes. */
export const FIELDS = [
  'member.skills',
  'member.interests',
  'member.email',
  'member.gender',
  'activity.view',
  'activity.group_membership',
  'article.body',
  'message.body',
];

const AGES = ['adult', 'minor', 'unknown'];
const STANDINGS = ['none', 'granted', 'outdated', 'denied'];
const GPC = [false, true];

/**
 * A condition under which a purpose may read fields; all members must hold.
 *
 * @typedef {{ purpose: string, fields: string[], regimes: string[], ages: string[], gpc: boolean[], choices: Record<string, string[]> }} Permit
 */

/**
 * The policy, and what it permits as conditions: as few as say it.
 *
 * @param {{ whole?: boolean }} [of] `whole`: all of it, and not just what is asked about
 */
export async function comparison({ whole = false } = {}) {
  const policy = compiled(withoutLevels(await referenceDocument()));
  const purposes = whole ? policy.document.purposes.map(({ id }) => id) : PURPOSES;
  const fields = whole ? policy.document.fields.map(({ id }) => id) : FIELDS;
  const dependencies = [...new Set(purposes.flatMap((purpose) => policy.dependencies.get(purpose)))];
  return { policy, permits: purposes.flatMap((purpose) => permitsOf(policy, purpose, fields)), dependencies };
}

/** The other engines know no levels of visibility. */
function withoutLevels({ visibility: _visibility, ...document }) {
  const fields = document.fields.map(({ visibility: _group, ...field }) => field);
  return { ...document, fields };
}

/** When a purpose is permitted: the cells of the compiled policy, put together again. @returns {Permit[]} */
function permitsOf(policy, purpose, fields) {
  const regimes = policy.document.regimes.map(({ id }) => id);
  const cells = fields.flatMap((field) =>
    regimes.flatMap((regime) => {
      const condition = conditionIn(policy, purpose, field, regime);
      return condition === undefined ? [] : [{ field, regime, key: JSON.stringify(condition), condition }];
    }),
  );
  /** @type {Map<string, Permit>} */
  const permits = new Map();
  for (const regime of regimes) {
    const here = cells.filter((cell) => cell.regime === regime);
    for (const key of new Set(here.map((cell) => cell.key))) {
      const alike = here.filter((cell) => cell.key === key);
      const open = alike.map(({ field }) => field);
      const whole = `${key} ${open.join(' ')}`;
      const known = permits.get(whole);
      if (known === undefined)
        permits.set(whole, { purpose, fields: open, regimes: [regime], ...alike[0].condition });
      else known.regimes.push(regime);
    }
  }
  return [...permits.values()];
}

/** What a regime asks of age, signal and choices. All cells are asked, and must be what the condition says. */
function conditionIn(policy, purpose, field, regime) {
  const dependencies = policy.dependencies.get(purpose);
  const cells = [];
  for (const age of AGES)
    for (const gpc of GPC)
      for (let code = 0; code < STANDINGS.length ** dependencies.length; code++) {
        const standings = dependencies.map(
          (_, at) => STANDINGS[Math.floor(code / STANDINGS.length ** at) % STANDINGS.length],
        );
        const choices = choicesOf(dependencies, (id) => standings[dependencies.indexOf(id)]);
        const category = policy.fields.get(field).category;
        const attributes = attributesOf({ regime, age, gpc, choices }, category);
        cells.push({
          age,
          gpc,
          standings,
          permitted: policy.ask(purpose, field, attributes) === 'permitted',
        });
      }
  const open = cells.filter(({ permitted }) => permitted);
  if (open.length === 0) return undefined;
  const ages = AGES.filter((age) => open.some((cell) => cell.age === age));
  const gpc = GPC.filter((signal) => open.some((cell) => cell.gpc === signal));
  const allowed = dependencies.map((_, at) =>
    STANDINGS.filter((standing) => open.some((cell) => cell.standings[at] === standing)),
  );
  for (const cell of cells) {
    const says =
      ages.includes(cell.age) &&
      gpc.includes(cell.gpc) &&
      cell.standings.every((standing, at) => allowed[at].includes(standing));
    if (says !== cell.permitted) throw new Error(`\`${purpose}\` on \`${field}\` is no plain condition`);
  }
  // what does not matter is left out, so that nobody has to check it
  const choices = Object.fromEntries(
    dependencies
      .map((id, at) => [id, allowed[at]])
      .filter(([, standings]) => standings.length < STANDINGS.length),
  );
  return { ages, gpc, choices };
}

/** What CASL is asked about. */
export function attributesOf({ regime, age, gpc, choices }, category) {
  return {
    category,
    client: 'bound',
    record: 'known',
    regime,
    age,
    gpc,
    choices,
    actor: FACTS.actor,
    case: FACTS.case,
    legal_reference: FACTS.legalReference,
    own_data: FACTS.ownData,
  };
}

/** Name of a purpose's choice among the attributes: a name that needs no quotes in any language. */
export function choiceName(purpose) {
  return purpose.replaceAll('.', '/');
}

function choicesOf(purposes, standing) {
  return Object.fromEntries(purposes.map((id) => [choiceName(id), standing(id)]));
}

/** What the engines that keep no users are given: each user's attributes, made before anything is timed. */
export function attributesOfUser(policy, dependencies, { region, ageBand, gpc, choices }) {
  const said = new Map(choices.map(({ purpose, choice, notice }) => [purpose, { choice, notice }]));
  return {
    regime: policy.regimeOf(region),
    age: ageBand,
    gpc,
    choices: choicesOf(dependencies, (id) => {
      const recorded = said.get(id);
      if (recorded === undefined) return 'none';
      if (recorded.choice === 'denied') return 'denied';
      return recorded.notice >= (policy.purposes.get(id).notice ?? 1) ? 'granted' : 'outdated';
    }),
  };
}

/**
 * Each user's attributes by id. Users with equal attributes share one object, which spares the engine cache misses.
 *
 * @template T
 * @param {any} policy
 * @param {string[]} dependencies
 * @param {number} users
 * @param {(attributes: ReturnType<typeof attributesOfUser>) => T} make
 * @returns {Map<string, T>}
 */
export function prebuilt(policy, dependencies, users, make) {
  const people = population(policy);
  const made = new Map();
  const byUser = new Map();
  for (let number = 0; number < users; number++) {
    const user = people.user(number);
    const said = user.choices.map(({ purpose, choice, notice }) => `${purpose} ${choice} ${notice}`).sort();
    const key = `${policy.regimeOf(user.region)} ${user.ageBand} ${user.gpc} ${said.join()}`;
    let shared = made.get(key);
    if (shared === undefined) {
      shared = make(attributesOfUser(policy, dependencies, user));
      made.set(key, shared);
    }
    byUser.set(user.id, shared);
  }
  return byUser;
}

/**
 * Questions about random users, parsed from JSON as a request brings them: strings that no look-up has met before.
 *
 * @param {number} count
 * @param {number} users
 * @param {number} seed
 * @returns {{ user: string, purpose: string, field: string }[]}
 */
export function questions(count, users, seed) {
  const draw = dice(seed);
  const people = population({ document: { regimes: [], purposes: [] } });
  const drawn = Array.from({ length: count }, () => ({
    user: people.id(draw(users)),
    purpose: PURPOSES[draw(PURPOSES.length)],
    field: FIELDS[draw(FIELDS.length)],
  }));
  return JSON.parse(JSON.stringify(drawn));
}
