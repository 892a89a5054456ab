/** The transport for tests answers as the service does: every purpose and field of the reference policy, of all kinds of users. */
import { beforeAll, expect, test } from 'vitest';
import type { Answer } from '../../src/terms/answer.js';
import type { InProcess, TestUser } from '../../src/in-process.js';
import type { HttpTransport } from '../../src/http/http-transport.js';
import type { Context, Question } from '../../src/terms/question.js';
import { MOST_OF_ONE_REQUEST } from '../../src/transport.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { everywhere, httpTransport } from '../people.js';

const PURPOSES = REFERENCE.purposes.map(({ id }) => id);
const FIELDS = REFERENCE.fields.map(({ id }) => id);
/** One that the client may not ask for. */
const WITHHELD = 'research';
const { signal } = new AbortController();

const choosing = (choice: 'granted' | 'denied') =>
  Object.fromEntries(PURPOSES.map((purpose) => [purpose, choice]));

const PEOPLE: Readonly<Record<string, TestUser>> = {
  'd-silent-de': { region: 'DE', age_band: 'adult' },
  'd-granting-de': { region: 'DE', age_band: 'adult', choices: choosing('granted') },
  'd-denying-de': { region: 'DE', age_band: 'adult', choices: choosing('denied') },
  'd-silent-ca': { region: 'US-CA', age_band: 'adult' },
  'd-gpc-ca': { region: 'US-CA', age_band: 'adult', choices: choosing('granted'), gpc: true },
  'd-gpc-us': { region: 'US', age_band: 'adult', gpc: true },
  'd-minor-us': { region: 'US', age_band: 'minor', choices: choosing('granted') },
  'd-ageless-in': { region: 'IN', age_band: 'unknown', choices: choosing('granted') },
  'd-nowhere': { region: 'unknown', age_band: 'adult', choices: choosing('granted'), gpc: true },
  'd-private-ca': { region: 'US-CA', age_band: 'adult', visibility: { posts: 'only_me' } },
};
const USERS = [...Object.keys(PEOPLE), 'd-stranger', ' d-misspelt'];

/** Facts that open what nothing else does, one each time. */
const CONTEXTS: readonly (Context | undefined)[] = [
  undefined,
  { actor: 'automated', legal_reference: 'order 7' },
  { on_behalf_of: 'd-granting-de', case: 'no-such-case' },
];
const LEVELS = [undefined, 'connections', 'only_me', 'no-such-level'];

let service: HttpTransport;
let local: InProcess;

beforeAll(async () => {
  const allowed = PURPOSES.filter((purpose) => purpose !== WITHHELD);
  service = await httpTransport(allowed);
  local = await everywhere(PEOPLE, allowed);
  return () => service.close();
});

/** What is said of the question, without what names the policy and the revision. */
function told(answer: Answer | undefined): unknown {
  if (answer === undefined || answer.permitted) return answer?.obligations;
  return [answer.reason, answer.derivedSource];
}

/** All of a list, and of longer ones every so many, with each place of a cycle of seven. */
function questions(): Question[] {
  const names = [...PURPOSES, 'no.such.purpose'].flatMap((purpose) =>
    [...FIELDS, 'no.such.field'].map((field) => ({ purpose, field })),
  );
  return names.flatMap(({ purpose, field }, at) =>
    USERS.map((user, of) => ({
      purpose,
      field,
      user,
      context: CONTEXTS[(at + of) % CONTEXTS.length],
      visibility: field.startsWith('post.') ? LEVELS[(at * 3 + of) % LEVELS.length] : undefined,
    })),
  );
}

test('each question is answered alike', async () => {
  const all = questions();
  let permits = 0;
  for (let from = 0; from < all.length; from += MOST_OF_ONE_REQUEST) {
    const some = all.slice(from, from + MOST_OF_ONE_REQUEST);
    const [ours, theirs] = [await local.evaluate(some, signal), await service.evaluate(some, signal)];
    for (const [at, question] of some.entries()) {
      expect(told(ours[at]), JSON.stringify(question)).toEqual(told(theirs[at]));
      if (ours[at]?.permitted === true) permits++;
    }
  }
  // neither all of them nor none: both would be easy to have alike
  expect(permits).toBeGreaterThan(all.length / 20);
  expect(permits).toBeLessThan(all.length / 2);
});

test('each audience is answered alike', async () => {
  for (const [at, purpose] of PURPOSES.filter((one) => one !== WITHHELD).entries()) {
    const context: Context = at % 2 === 0 ? {} : { actor: 'automated', legal_reference: 'order 7' };
    const asked = { purpose, fields: [...FIELDS, 'no.such.field'], context };
    const [ours, theirs] = [
      await local.audience(asked, USERS, signal),
      await service.audience(asked, USERS, signal),
    ];
    const isText = (of: unknown) => (typeof of === 'string' ? 'malformed' : of);
    expect(ours.users.map(isText), purpose).toEqual(theirs.users.map(isText));
    expect(ours.obligations.toSorted(), purpose).toEqual(theirs.obligations.toSorted());
  }
});
