/** Questions about data of several people, such as a thread: the same question, asked about each of them. */
import type { RequestFacts } from '../decision/rules/ability.js';
import { type Question, decide } from '../decision/table/decide.js';
import { type JointDecision, decideForSeveral } from '../decision/table/decide-for-several.js';
import { type DecisionTable, factsIndex } from '../decision/table/table.js';
import { DomainError } from '../errors.js';

/** Most people of one request, each counted once for every evaluation that is about them. */
export const MAX_PEOPLE = 10_000;

/** Several people, and the question about the one at a place. */
export type Several = { readonly users: readonly string[]; readonly about: (at: number) => Question };

/**
 * The question about each of several people. Of all facts, only `ownData` is about a person.
 *
 * @param facts of the request, as far as they are not about a person
 * @param onBehalfOf who exercises their rights
 */
export function severalOf(
  users: readonly string[],
  question: Question,
  facts: RequestFacts,
  onBehalfOf: string | undefined,
): Several {
  const own = onBehalfOf === undefined ? -1 : users.indexOf(onBehalfOf);
  const ofOwn = { ...question, facts: factsIndex({ ...facts, ownData: true }) };
  return { users, about: (at) => (at === own ? ofOwn : question) };
}

/** @param consentOf what consent answers for the person at a place */
export function decideAbout(
  table: DecisionTable,
  { users, about }: Several,
  consentOf: (at: number, place: number) => number,
): JointDecision {
  return decideForSeveral(users.length, (at) => decide(table, about(at), (place) => consentOf(at, place)));
}

/** Where a resource names a person of several, as a JSON Pointer. */
export function memberOfPerson(at: number): string {
  return `/resource/properties/users/${at}`;
}

/**
 * Refuses a person who is named twice: a second mention may have been meant for another one.
 *
 * @param at JSON Pointer of the evaluation within the request
 * @throws DomainError `invalid_request`
 */
export function mustBeDifferent(users: readonly string[], at: string): void {
  const places = new Map<string, number>();
  for (const [place, user] of users.entries()) {
    const first = places.get(user);
    if (first !== undefined)
      throw new DomainError(
        'invalid_request',
        `\`resource.properties.users\` names one user at ${first} and at ${place}: name everybody once`,
        `${at}${memberOfPerson(place)}`,
      );
    places.set(user, place);
  }
}

/** @throws DomainError `invalid_request` when a request is about too many people */
export function mustBeFewEnough(people: number, member: string): void {
  if (people > MAX_PEOPLE)
    throw new DomainError(
      'invalid_request',
      `the request asks about ${people.toLocaleString('en')} people, each counted once for every question about them: ask about at most ${MAX_PEOPLE.toLocaleString('en')}, and about the others in another request`,
      member,
    );
}
