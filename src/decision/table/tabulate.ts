/**
 * Makes the decision table of a policy by asking the CASL rules: every cell is an answer of `policy.ask`. Where the
 * rules cannot tell cells apart (see `indistinguishable.ts`) one answer serves for all, so this takes milliseconds.
 */
import {
  type Attributes,
  type ChoiceStanding,
  type PolicyRule,
  type RequestFacts,
  choiceName,
} from '../rules/ability.js';
import { type Axis, alikeFields, firstAlike, rulesFor } from './indistinguishable.js';
import type { CompiledPolicy } from '../rules/compile.js';
import { AGE_BANDS } from '../consent-event.js';
import {
  CATEGORIES,
  type Category,
  type Purpose,
  UNKNOWN_REGION,
  entryOf,
  regimesOfDecisions,
} from '../policy.js';
import { type Reason, looksAt } from '../reasons.js';
import type { Steps } from '../steps.js';
import { categoryAt } from '../visibility.js';
import {
  CASES,
  type Cells,
  DENIED,
  DecisionTable,
  FACTS,
  NOTHING_SAID,
  PERMITTED,
  SIGNALLED,
  STANDINGS,
  byteOf,
} from './table.js';

/** The parts of a user's record that a decision uses. */
type Person = Pick<Attributes, 'record' | 'regime' | 'age' | 'gpc' | 'choices'>;
const ANYBODY: Person = { record: 'known', regime: '', age: 'adult', gpc: false, choices: {} };
/** Facts of a request that meet every condition. */
const SATISFIED: RequestFacts = { actor: 'automated', case: 'valid', legalReference: true, ownData: true };

const AGE: Axis = { path: 'age', values: AGE_BANDS };
const GPC: Axis = { path: 'gpc', values: SIGNALLED };
/** In the order of `factsIndex`, the highest bits first. */
const FACT_AXES: readonly Axis[] = [
  { path: 'own_data', values: [false, true] },
  { path: 'legal_reference', values: [false, true] },
  { path: 'case', values: CASES },
  { path: 'actor', values: ['human', 'automated'] },
];

/** The decision table of a policy. */
export function* tabulateSteps(policy: CompiledPolicy): Steps<DecisionTable> {
  const { document } = policy;
  const closed = new Uint8Array(document.purposes.length * policy.atLevels.all.length);
  const sources = new Map<number, string>();
  const open = yield* askFields(policy, closed, sources);
  const cells = { closed, sources, ...roomFor(policy, open) };
  for (const [place, purpose] of document.purposes.entries()) {
    const field = open[place];
    // nothing is open to the purpose, so every decision ends in lines 3 to 5
    if (field === undefined) continue;
    const consenting = yield* askConsent(policy, { purpose, place, field }, cells);
    // if no state consents, every decision ends at consent
    if (consenting !== undefined) yield* askFacts(policy, { purpose, place, field }, consenting, cells);
  }
  return new DecisionTable(policy, cells);
}

/** A field at a level, as the rules call it. */
type Asked = { readonly id: string; readonly category: Category };
/** A purpose, and an open field that represents all open fields. */
type Column = { readonly purpose: Purpose; readonly place: number; readonly field: Asked };

/**
 * Fills the answers of the policy itself for every purpose and field at a level.
 *
 * @returns per purpose a field that is open to it, if there is one
 */
function* askFields(
  policy: CompiledPolicy,
  closed: Uint8Array,
  sources: Map<number, string>,
): Steps<readonly (Asked | undefined)[]> {
  const { purposes } = policy.document;
  const fields = policy.atLevels.all;
  const places = new Map(fields.map(({ id }, place) => [id, place]));
  const categories = CATEGORIES.map((category) => ({
    category,
    ids: fields.flatMap((field) => (categoryAt(field) === category ? [field.id] : [])),
  }));
  const open: (Asked | undefined)[] = purposes.map(() => undefined);
  closed.fill(byteOf('field_unclassified'));
  for (const [place, { id: purpose }] of purposes.entries())
    for (const { category, ids } of categories) {
      for (const group of alikeFields(rulesAbout(policy, purpose, category), ids)) {
        const [first] = group;
        if (first === undefined) continue;
        const attributes = attributesOf(category, ANYBODY, SATISFIED);
        const reason = policy.ask(purpose, first, attributes);
        const answer = leavesOpen(reason) ? PERMITTED : byteOf(reason);
        const source = answer === PERMITTED ? undefined : policy.sourceOf(purpose, first, attributes);
        for (const id of group) {
          const cell = place * fields.length + entryOf(places, id);
          closed[cell] = answer;
          if (source !== undefined) sources.set(cell, source);
        }
        if (answer === PERMITTED) open[place] ??= { id: first, category };
      }
      yield;
    }
  return open;
}

/** Whether this answer of the rules means that the policy itself permits the field. */
function leavesOpen(reason: Reason): boolean {
  switch (looksAt(reason)) {
    case 'user':
    case 'request':
    case 'nothing':
      return true;
    case 'engine':
    case 'policy':
    case 'client':
      return false;
  }
}

/** Room for the cells of all purposes; none for states of a purpose to which no field is open. */
function roomFor(
  { document, dependencies }: CompiledPolicy,
  open: readonly (Asked | undefined)[],
): Omit<Cells, 'closed' | 'sources'> {
  const count = document.purposes.length;
  const places = new Map(document.purposes.map(({ id }, place) => [id, place]));
  const persons = regimesOfDecisions(document).length * AGE_BANDS.length * SIGNALLED.length;
  const consentFrom = new Uint32Array(count);
  const dependenciesTo = new Uint32Array(count);
  const dependsOn: number[] = [];
  let room = 0;
  for (const [place, { id }] of document.purposes.entries()) {
    const own = open[place] === undefined ? [] : entryOf(dependencies, id);
    consentFrom[place] = room;
    room += persons * STANDINGS.length ** own.length;
    dependsOn.push(...own.map((dependency) => entryOf(places, dependency)));
    dependenciesTo[place] = dependsOn.length;
  }
  return {
    consent: new Uint8Array(room),
    consentFrom,
    dependencies: Uint16Array.from(dependsOn),
    dependenciesTo,
    absent: new Uint8Array(count),
    unavailable: new Uint8Array(count),
    conditions: new Uint8Array(count * FACTS),
  };
}

/**
 * Fills the answers of every record for a purpose.
 *
 * @returns a user who consents, if there is one
 */
function* askConsent(
  policy: CompiledPolicy,
  { purpose, place, field }: Column,
  cells: Cells,
): Steps<Person | undefined> {
  const choices = entryOf(policy.dependencies, purpose.id).map(choiceName);
  const ask = (person: Person): number =>
    byteOf(policy.ask(purpose.id, field.id, attributesOf(field.category, person, SATISFIED)));
  const nobody = {
    regime: UNKNOWN_REGION,
    age: 'unknown',
    gpc: false,
    choices: choicesOf(
      choices,
      choices.map(() => NOTHING_SAID),
    ),
  } as const;
  cells.absent[place] = ask({ ...nobody, record: 'absent' });
  cells.unavailable[place] = ask({ ...nobody, record: 'unavailable' });

  const rules = rulesAbout(policy, purpose.id, field.category);
  const axes = [AGE, GPC, ...choices.map((name) => ({ path: `choices.${name}`, values: STANDINGS }))];
  const states = axes.reduce((product, { values }) => product * values.length, 1);
  const regimes = regimesOfDecisions(policy.document);
  const twins = firstAlike(rules, { path: 'regime', values: regimes });
  let consenting: Person | undefined;
  for (const [index, regime] of regimes.entries()) {
    const from = (cells.consentFrom[place] ?? 0) + index * states;
    const twin = from + ((twins[index] ?? index) - index) * states;
    if (twin < from) {
      cells.consent.copyWithin(from, twin, twin + states);
      continue;
    }
    const askState = ([age = 0, gpc = 0, ...standings]: readonly number[]) => {
      const person = {
        record: 'known',
        regime,
        age: AGE_BANDS[age] ?? 'unknown',
        gpc: SIGNALLED[gpc] ?? true,
        choices: choicesOf(choices, standings),
      } as const;
      const answer = ask(person);
      if (answer === PERMITTED) consenting ??= person;
      return answer;
    };
    yield* askStates(
      rulesFor(rules, 'regime', regime),
      axes,
      askState,
      cells.consent.subarray(from, from + states),
    );
  }
  return consenting;
}

/** Fills the answers for every combination of facts of a purpose, for a user who consents. */
function* askFacts(
  policy: CompiledPolicy,
  { purpose, place, field }: Column,
  consenting: Person,
  { conditions }: Cells,
): Steps<void> {
  const ask = ([ownData, legalReference, standing, actor]: readonly number[]) =>
    byteOf(
      policy.ask(
        purpose.id,
        field.id,
        attributesOf(field.category, consenting, {
          actor: actor === 1 ? 'automated' : 'human',
          case: CASES[standing ?? 0] ?? 'none',
          legalReference: legalReference === 1,
          ownData: ownData === 1,
        }),
      ),
    );
  yield* askStates(
    rulesAbout(policy, purpose.id, field.category),
    FACT_AXES,
    ask,
    conditions.subarray(place * FACTS, (place + 1) * FACTS),
  );
}

/**
 * Asks for all states of some attributes. Where the rules cannot distinguish a value from an earlier one, its answers
 * are copied.
 *
 * @param ask takes the index of the value of each attribute
 * @param answers takes a byte per state, in the order of the values; those of the last attribute change fastest
 */
function* askStates(
  rules: readonly PolicyRule[],
  axes: readonly Axis[],
  ask: (state: readonly number[]) => number,
  answers: Uint8Array,
): Steps<void> {
  const firsts = axes.map((axis) => firstAlike(rules, axis));
  const state = axes.map(() => 0);
  function* askFrom(axis: number, into: Uint8Array): Steps<void> {
    const alike = firsts[axis];
    if (alike === undefined) {
      into[0] = ask(state);
      yield;
      return;
    }
    const size = into.length / alike.length;
    for (const [value, first] of alike.entries()) {
      state[axis] = value;
      const from = value * size;
      if (first === value) yield* askFrom(axis + 1, into.subarray(from, from + size));
      else into.copyWithin(from, first * size, (first + 1) * size);
    }
  }
  yield* askFrom(0, answers);
}

function rulesAbout({ rules }: CompiledPolicy, purpose: string, category: Category): PolicyRule[] {
  return (rules.get(purpose) ?? []).filter(({ subject }) => subject === category);
}

// written out: spreading would take as long as asking
function attributesOf(category: Category, person: Person, facts: RequestFacts): Attributes {
  return {
    category,
    client: 'bound',
    record: person.record,
    regime: person.regime,
    age: person.age,
    gpc: person.gpc,
    choices: person.choices,
    actor: facts.actor,
    case: facts.case,
    legal_reference: facts.legalReference,
    own_data: facts.ownData,
  };
}

/** Choices by name. @param standings of each, as numbers */
function choicesOf(names: readonly string[], standings: readonly number[]): Record<string, ChoiceStanding> {
  const choices: Record<string, ChoiceStanding> = Object.create(null);
  names.forEach((name, at) => (choices[name] = STANDINGS[standings[at] ?? DENIED] ?? 'denied'));
  return choices;
}
