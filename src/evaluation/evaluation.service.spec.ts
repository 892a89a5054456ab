/** What a client may ask for is what the policy that decides says, also where the question waited while it changed. */
import { expect, test } from 'vitest';
import { policiesOn } from '../../test/at-once.js';
import { houseOn } from '../../test/house.js';
import { MemoryConsentStore } from '../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { serviceUnder } from '../access/clients.js';
import { evaluateBatch } from './batch.js';
import { Search } from './search.js';

const PURPOSE = 'service';
const ASKED = {
  subject: { type: 'purpose', id: PURPOSE },
  action: { name: 'read' },
  resource: { type: 'field', id: 'member.skills', properties: { user: 'u-1' } },
};

/** Asks, and takes the purpose from the client before the question has waited for what it must. */
async function askedWhileTaken(
  ask: (
    rooms: Awaited<ReturnType<typeof houseOn>> & { readonly search: Search },
    client: ReturnType<typeof serviceUnder>,
  ) => Promise<unknown>,
): Promise<string> {
  const policies = policiesOn(REFERENCE);
  const house = await houseOn(new MemoryConsentStore(), policies);
  const search = new Search(house.evaluation, house.state);
  const client = serviceUnder(REFERENCE, {
    kind: 'service',
    id: 'late',
    purposes: new Set([PURPOSE]),
    listings: { purposes: [], scopes: [] },
  });
  const late = { id: 'late', purposes: [], scopes: [] };
  const taken = policiesOn({ ...REFERENCE, clients: [...(REFERENCE.clients ?? []), late] }).current;
  const asking = ask({ ...house, search }, client).then(
    (answer) => JSON.stringify(answer),
    (error: unknown) => String(Reflect.get(Object(error), 'code')),
  );
  policies.put(taken);
  return asking;
}

test('an evaluation is refused', async () => {
  expect(await askedWhileTaken(({ evaluation }, client) => evaluation.evaluate(client, ASKED, 'r-1'))).toBe(
    'purpose_not_allowed',
  );
});

test('a batch denies', async () => {
  const answer = await askedWhileTaken(({ evaluation }, client) =>
    evaluateBatch(evaluation, client, { evaluations: [ASKED] }, 'r-1'),
  );
  expect(answer).toContain('false');
  expect(answer).not.toContain('true');
});

test('a search for fields is refused, and one for purposes finds none', async () => {
  const { action, subject } = ASKED;
  const properties = { user: 'u-1' };
  expect(
    await askedWhileTaken(({ search }, client) =>
      search.resources(client, { subject, action, resource: { type: 'field', properties } }, 'r-1'),
    ),
  ).toBe('purpose_not_allowed');
  expect(
    await askedWhileTaken(({ search }, client) =>
      search.subjects(client, { subject: { type: 'purpose' }, action, resource: ASKED.resource }, 'r-1'),
    ),
  ).toContain('"results":[]');
});
