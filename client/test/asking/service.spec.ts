/** Every function asks the service what it asks in process, and comes to the same. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Assent, createAssent } from '../../src/assent.js';
import { clientToken, everywhere } from '../people.js';

const PURPOSE = 'ads.personalised';
const FIELDS = ['member.skills', 'member.education', 'message.body', 'no.such.field'] as const;
const RECORD = { 'member.skills': ['welding'], 'message.body': 'hello', 'no.such.field': 1 };
const USERS = ['f-open', 'f-closed', 'f-stranger', ' f-misspelt'];

let local: Assent;
let remote: Assent;

beforeAll(async () => {
  const transport = await everywhere(
    {
      'f-open': { region: 'US-CA', age_band: 'adult' },
      'f-closed': { region: 'US-CA', age_band: 'adult', choices: { [PURPOSE]: 'denied' } },
    },
    [PURPOSE],
  );
  const common = { purpose: PURPOSE, discharges: ['min_cohort_300'], timeout: 60_000 };
  local = createAssent({ ...common, transport });
  remote = createAssent({ ...common, url: inject('service').url, token: await clientToken([PURPOSE]) });
});
afterAll(() => remote.close());

/** What every function says, without the words and what names the policy and the revision. */
async function saidBy(assent: Assent): Promise<unknown> {
  const said: unknown[] = [];
  for (const user of USERS) {
    const answers = await assent.check(user, FIELDS);
    said.push(await assent.may(user, 'member.skills'), { ...(await assent.filter(user, RECORD)) });
    said.push(Object.values(answers).map(({ permitted, reason }) => [permitted, reason]));
    said.push((await assent.explain(user, 'member.skills')).includes(' may read '));
  }
  const many = await assent.checkMany(USERS.map((user) => ({ user, field: 'member.skills' })));
  said.push(many.map(({ reason }) => reason));
  for await (const { user, permitted, fields, obligations, reason } of assent.audience(USERS, FIELDS))
    said.push({ user, permitted, fields, obligations, reason });
  return said;
}

test('each function says the same of a service as in process', async () => {
  const [here, there] = [await saidBy(local), await saidBy(remote)];
  expect(here).toEqual(there);
  expect(JSON.stringify(here)).toContain('"member.skills":["welding"]');
});

test('a permit whose obligation is not discharged is none', async () => {
  const { url } = inject('service');
  const careless = createAssent({
    url,
    token: await clientToken([PURPOSE]),
    purpose: PURPOSE,
    timeout: 60_000,
  });
  expect(await careless.check('f-open', ['member.skills'])).toMatchObject({
    'member.skills': { permitted: false, reason: 'unknown_obligation' },
  });
  careless.close();
});
