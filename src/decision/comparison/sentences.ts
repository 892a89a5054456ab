/**
 * Differences and floors in sentences for people: one line of plain text each, ids in backticks, no period at the end.
 */
import type { CaseStanding } from '../rules/ability.js';
import type { AgeBand } from '../consent-event.js';
import type { ChangeOfConsistency, ChangeOfObligations, Flip, Who } from './difference.js';
import type { ChangeOfLapse } from './changes/lapse-changes.js';
import type { FloorStep, FloorViolation } from './floor.js';
import type { PurposeOfField } from './lineage.js';
import { eachQuoted, listOf } from '../lists.js';
import type { Requests } from './permits.js';
import { UNKNOWN_REGION } from '../policy.js';
import { REASONS } from '../reasons.js';
import { fieldIn } from '../visibility.js';
import type { Rewrite } from './changes/rewrites.js';
import type { Said } from './user-states.js';

/** Maximum number of names in a sentence, before they are only counted. */
const MOST_NAMES = 3;

/** What changes, in which regimes, for whom and in which requests. */
export function sentenceOfFlip(flip: Flip): string {
  const { purpose, direction, because, fields, who, requests } = flip;
  const verb = direction === 'opened' ? 'may now read' : 'may no longer read';
  const read = `\`${purpose}\` ${verb} ${namesOf(fields, 'fields')}`;
  // if the fields are closed to everyone, it does not matter who could read them before
  if (direction === 'closed' && because === 'fields') return `${read} of anyone`;
  return [read, users(who), ...circumstances(requests)].join(' ');
}

/** What callers of a purpose must do from now on, or no longer. */
export function sentenceOfObligations({ purpose, fields, dropped, added }: ChangeOfObligations): string {
  const said = [
    ...(dropped.length === 0 ? [] : [`is no longer obliged to ${namesOf(dropped, 'obligations')}`]),
    ...(added.length === 0 ? [] : [`is now obliged to ${namesOf(added, 'obligations')}`]),
  ];
  const reading = fields === undefined ? '' : ` where it reads ${namesOf(fields, 'fields')}`;
  return `\`${purpose}\` ${said.join(' and ')}${reading}`;
}

/** The proof that a purpose's decisions need from now on. */
export function sentenceOfConsistency({ purpose, demanded }: ChangeOfConsistency): string {
  return demanded
    ? `\`${purpose}\` may now read only what the database confirms to be so`
    : `\`${purpose}\` may now read without the database confirming what users have said`;
}

/** How long grants of a purpose hold from now on. */
export function sentenceOfLapse({ purpose, regime, before, after }: ChangeOfLapse): string {
  const [was, is] = [
    before === undefined ? 'never lapsed' : `lapsed after ${before}`,
    after === undefined ? 'never lapse' : `lapse after ${after}`,
  ];
  return `grants of \`${purpose}\` in ${regimeOf(regime)} now ${is}; before, they ${was}`;
}

/** What a difference does. */
type Doings = {
  readonly opened: number;
  readonly widens: boolean;
  readonly obligations: readonly { readonly dropped: readonly unknown[] }[];
  readonly consistency: readonly { readonly demanded: boolean }[];
  readonly lapses: readonly { readonly opens: boolean }[];
  readonly visibility: readonly { readonly opens: boolean }[];
  readonly lineage: readonly { readonly kind: string }[];
  readonly clients: readonly { readonly opens: boolean }[];
  readonly rewrites: readonly unknown[];
};

/** What others must approve, to follow `it`; empty if nobody must. */
export function doingsOf({
  opened,
  widens,
  obligations,
  consistency,
  lapses,
  visibility,
  lineage,
  clients,
  rewrites,
}: Doings): string {
  const loosened =
    obligations.some(({ dropped }) => dropped.length > 0) ||
    visibility.some(({ opens }) => opens) ||
    lineage.some(({ kind }) => kind === 'removed');
  const done = widens
    ? [
        ...(opened > 0 || loosened ? ['opens data'] : []),
        ...(lineage.some(({ kind }) => kind === 'release') ? ['releases what is made of data'] : []),
        ...(consistency.some(({ demanded }) => !demanded) ? ['lets data be read on less proof'] : []),
        ...(lapses.some(({ opens }) => opens) ? ['lets grants hold longer'] : []),
        ...(clients.some(({ opens }) => opens) ? ['lets clients ask for or do more'] : []),
      ]
    : [
        ...(clients.length > 0 ? ['changes what clients may ask for or do'] : []),
        ...(rewrites.length > 0
          ? ['changes what users are told, how signals are heard or what callers are bound to']
          : []),
      ];
  return done.join(' and ');
}

/** A rewrite: before and after. */
export function sentenceOfRewrite({ section, id, member, before, after }: Rewrite): string {
  const noun = ENTRIES[section];
  const entry = id === undefined ? undefined : `${noun ?? `\`${section}\` entry`} \`${id}\``;
  if (entry !== undefined && member === undefined)
    return `the ${entry} ${before === undefined ? 'is new' : 'is removed'}`;
  const of = entry ?? `\`${section}\``;
  const what = member === undefined ? of : `\`${member}\` of ${entry === undefined ? of : `the ${entry}`}`;
  return `${what} changes from ${valueOf(before)} to ${valueOf(after)}`;
}

/** The name of an entry of a part of the document. */
const ENTRIES: Readonly<Record<string, string>> = {
  regimes: 'regime',
  obligations: 'obligation',
  categories: 'category',
  purposes: 'purpose',
  fields: 'field',
  clients: 'client',
  visibility: 'visibility group',
  transforms: 'transform',
  removed: 'removed field',
};

/** A whole value of the document: whoever approves a text must have read it. */
function valueOf(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'nothing';
  if (Array.isArray(value)) return value.map((item: unknown) => JSON.stringify(item)).join(', ');
  return JSON.stringify(value);
}

/** What the floor forbids and the version permits, with a user and a request for which it does. */
export function sentenceOfViolation({ purpose, category, fields, counterexample }: FloorViolation): string {
  const { regime, record, facts, chain = [] } = counterexample;
  const user = record.registered ? `${AGES[record.ageBand].one} in ${regimeOf(regime)}` : UNREGISTERED.one;
  const spoken = [...record.choices].map(([id, { choice, notice, signal }]) =>
    saidFor(id, [
      choice === 'denied'
        ? { choice }
        : { choice, from: notice, to: notice, ...(signal ? { signal: true } : {}) },
    ]),
  );
  const requests = {
    actor: facts.actor,
    ...(facts.case === 'none' ? {} : { cases: [facts.case] }),
    ...(facts.legalReference ? { legalReference: true } : {}),
    ...(facts.ownData ? { ownData: true } : {}),
  };
  return [
    `the floor of \`${category}\` forbids \`${purpose}\` to read ${namesOf(fields, 'fields')}${chain.length === 0 ? '' : ` (${eachQuoted(chain).join(' ← ')})`},`,
    `but the policy permits it, for example of ${user}`,
    ...clausesOf(record.signals.has('gpc') ? true : undefined, spoken),
    ...circumstances(requests),
  ].join(' ');
}

/** Why a field is closed to a purpose, for every user. */
export function sentenceOfClosed({ reason, chain }: Extract<PurposeOfField, { open: false }>): string {
  const { means } = REASONS[reason];
  const [, ...sources] = chain;
  return sources.length === 0
    ? means
    : `it is made of ${eachQuoted(sources).join(', and that of ')}: ${means}`;
}

/** What leaves the floor, or comes under it. */
export function sentenceOfFloorStep(step: FloorStep, direction: 'lowered' | 'raised'): string {
  const lowered = direction === 'lowered';
  switch (step.kind) {
    case 'category':
      return `\`${step.category}\` ${lowered ? 'loses its' : 'gets a'} floor`;
    case 'purpose':
      return `the floor of \`${step.category}\` ${lowered ? 'lets' : 'no longer lets'} \`${step.purpose}\` through`;
    case 'field':
      return `\`${step.field}\`, which was \`${step.before}\`, ${comingBack(step)}${whereTo(step.after, lowered)}`;
  }
}

/** Under which other name its data comes back, if it does. */
function comingBack({ field, to }: Extract<FloorStep, { kind: 'field' }>): string {
  return to === undefined || fieldIn(to) === fieldIn(field) ? '' : `comes back as \`${to}\`, and `;
}

function whereTo(category: Extract<FloorStep, { kind: 'field' }>['after'], lowered: boolean): string {
  if (category === 'removed') return 'is removed';
  const floor = lowered ? 'keeps fewer purposes out' : 'keeps more purposes out';
  const there = category === 'unclassified' ? 'there is no floor' : `the floor ${floor}`;
  return `becomes \`${category}\`, where ${there}`;
}

/** `a`, `b` and `c`; of many, their number and the first of them. */
function namesOf(ids: readonly string[], what: string): string {
  const names = eachQuoted(ids.slice(0, MOST_NAMES));
  return ids.length > MOST_NAMES ? `${ids.length} ${what} (${names.join(', ')}, …)` : listOf(names, 'and');
}

const UNREGISTERED = { one: 'a user who was never registered', many: 'users who were never registered' };

function users(who: readonly Who[]): string {
  const [one, other, ...others] = who;
  if (one === undefined || others.length > 0) return SOME_USERS;
  if (other !== undefined) return isAnyone(one) && !other.registered ? 'of any user' : SOME_USERS;
  if (!one.registered) return `of ${UNREGISTERED.many}`;
  if (isAnyone(one)) return 'of any registered user';
  return usersOf(one);
}
const SOME_USERS = 'of users whose consent allows it';

function isAnyone(who: Who): boolean {
  return who.registered && [who.regimes, who.ages, who.gpc, who.choices[0]].every((one) => one === undefined);
}

function usersOf({ regimes, ages, gpc, choices }: Extract<Who, { registered: true }>): string {
  const notDenied = choices.filter(({ said }) => isNotDenied(said)).map(({ purpose }) => `\`${purpose}\``);
  const spoken = [
    ...choices.filter(({ said }) => !isNotDenied(said)).map(({ purpose, said }) => saidFor(purpose, said)),
    ...(notDenied.length === 0 ? [] : [`did not deny ${listOf(notDenied, 'or')}`]),
  ];
  return [
    ...(regimes === undefined ? [] : [inRegimes(regimes)]),
    `of ${ages === undefined ? 'users' : agesOf(ages)}`,
    ...clausesOf(gpc, spoken),
  ].join(' ');
}

/** Whose browser sends the signal, and who said what. */
function clausesOf(gpc: boolean | undefined, spoken: readonly string[]): string[] {
  const sent = gpc === undefined ? [] : [`whose browser ${gpc ? 'sends' : 'does not send'} ${SIGNAL}`];
  const said = spoken.length === 0 ? [] : [`who ${listOf(spoken, 'and')}`];
  return sent.length + said.length === 0 ? [] : [[...sent, ...said].join(' and ')];
}
const SIGNAL = 'Global Privacy Control';

function inRegimes(regimes: readonly { readonly before: string; readonly after: string }[]): string {
  const names = regimes
    .slice(0, MOST_NAMES)
    .map(({ before, after }) =>
      before === after ? regimeOf(after) : `${regimeOf(after)} (until now ${regimeOf(before)})`,
    );
  return regimes.length > MOST_NAMES
    ? `in ${regimes.length} regimes (${names.join(', ')}, …)`
    : `in ${listOf(names, 'and')}`;
}

function regimeOf(id: string): string {
  return id === UNKNOWN_REGION ? 'an unknown region' : `\`${id}\``;
}

const AGES: Readonly<Record<AgeBand, { readonly one: string; readonly many: string }>> = {
  adult: { one: 'an adult', many: 'adults' },
  minor: { one: 'a minor', many: 'minors' },
  unknown: { one: 'a user of unknown age', many: 'users of unknown age' },
};

function agesOf(ages: readonly AgeBand[]): string {
  return listOf(
    ages.map((age) => AGES[age].many),
    'and',
  );
}

/** Whether it is everything but a denial. */
function isNotDenied(said: readonly Said[]): boolean {
  const [silence, grant, ...others] = said;
  return silence?.choice === 'none' && isAnyGrant(grant) && others.length === 0;
}

function isAnyGrant(said: Said | undefined): boolean {
  return said?.choice === 'granted' && said.from === 0 && said.to === undefined && said.signal === undefined;
}

/** "said nothing for \`a\` or granted it without a notice" */
function saidFor(purpose: string, said: readonly Said[]): string {
  const clauses = said.map((one, index) => {
    const it = index === 0 ? `\`${purpose}\`` : 'it';
    switch (one.choice) {
      case 'none':
        return `said nothing for ${it}`;
      case 'denied':
        return `denied ${it}`;
      case 'granted':
        return `granted ${it}${noticesOf(one)}${signalOf(one)}`;
    }
  });
  return listOf(clauses, 'or');
}

/** The notices of a grant; empty if any will do. */
function noticesOf({ from, to }: { readonly from: number; readonly to?: number }): string {
  if (from === 0 && to === undefined) return '';
  if (to === undefined) return ` on notice ${from} or later`;
  if (to === 0) return ' without a notice';
  if (from === 0) return ` on notice ${to}, an earlier one or none`;
  return from === to ? ` on notice ${from}` : ` on notices ${from} to ${to}`;
}

/** Whether a grant was given after the user was shown the signal; empty if either will do. */
function signalOf({ signal }: { readonly signal?: boolean }): string {
  if (signal === undefined) return '';
  return signal ? ' after being shown the signal' : ' without being shown the signal';
}

const CASES: Readonly<Record<CaseStanding, string>> = {
  none: 'without a case',
  valid: 'under a valid case',
  not_approved: 'under a case that is not approved',
  closed: 'under a closed case',
  expired: 'under an expired case',
  out_of_scope: 'outside the scope of the case',
  other_reader: 'by a reader whom the case does not name',
};

function circumstances({ actor, cases, legalReference, ownData }: Requests): string[] {
  const all = [
    ...(actor === undefined ? [] : [actor === 'automated' ? 'by an automated process' : 'by a person']),
    ...(cases === undefined
      ? []
      : [
          listOf(
            cases.map((standing) => CASES[standing]),
            'or',
          ),
        ]),
    ...(legalReference === undefined ? [] : [`${legalReference ? 'with' : 'without'} a legal reference`]),
    ...(ownData === undefined ? [] : [`${ownData ? 'on' : 'not on'} behalf of that very user`]),
  ];
  return all.length === 0 ? [] : [`when asked ${listOf(all, 'and')}`];
}
