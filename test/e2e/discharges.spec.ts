/** What a service says that it did is on record, is told to the person as its word, and counts once however often it is said. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setTimeout as pass } from 'node:timers/promises';
import { recordCommand } from './on-record.js';
import { type People, peopleOf } from './people.js';
import { listAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';
import { newDataFolder } from '../data-folder.js';

const PURPOSE = 'ads.personalised';
const OWED = 'min_cohort_300';

let dataDir = '';
let service: Service;
let people: People;
let ads = '';
/** When something was last asked or said that the ledger counts. */
let last = 0;

beforeAll(async () => {
  dataDir = await newDataFolder();
  service = await startService({ DATA_DIR: dataDir });
  people = await peopleOf(service);
  await people.register('u-1', 'US-NY');
  await people.register('u-2', 'US-NY');
  ads = await service.token({ sub: 'ads', purposes: [PURPOSE] });
});

afterAll(() => service.stop());

function question(resource: object, context: object = { discharge: true }) {
  return {
    subject: { type: 'purpose', id: PURPOSE },
    action: { name: 'read' },
    resource: { type: 'field', id: 'member.skills', properties: resource },
    context,
  };
}

async function ask(resource: object, context?: object) {
  const body = question(resource, context);
  const reply = await service.request('POST', '/access/v1/evaluation', { token: ads, body });
  expect(reply).toMatchObject({ status: 200 });
  last = Date.now();
  return reply.body;
}

async function answered(user: string): Promise<string> {
  return textAt(await ask({ user }), 'context', 'discharge_token');
}

async function report(answers: readonly string[], obligation = OWED, token = ads) {
  const discharges = answers.map((answer) => ({ answer, obligation }));
  const reply = await service.request('POST', '/v1/discharges', { token, body: { discharges } });
  last = Date.now();
  return reply;
}

/** The ledger of a user once it has all that was said before the call. */
async function uses(user: string) {
  const token = await service.token({ sub: user });
  for (;;) {
    const { body } = await service.request('GET', '/v1/users/me/uses', { token });
    const until = valueAt(body, 'complete_until');
    if (typeof until === 'string' && Date.parse(until) > last) return listAt(body, 'uses');
    await pass(100);
  }
}

describe('a report', () => {
  test('is in the ledger of the person as the word of the service, once however often it is sent', async () => {
    const [first, second] = [await answered('u-1'), await answered('u-1')];
    await answered('u-1');
    for (const answers of [[first], [first, second], [second]])
      expect(await report(answers)).toMatchObject({ status: 200, body: { recorded: answers.length } });
    expect(await uses('u-1')).toMatchObject([
      {
        times: 3,
        obligations: [OWED],
        discharged: [{ obligation: OWED, times: 2, said: 'said to be discharged by the service `ads`' }],
      },
    ]);
    expect(await uses('u-2')).toEqual([]);
  });

  test('about several people is in the ledger of each', async () => {
    const body = await ask({ users: ['u-2', 'u-3'] });
    expect(valueAt(body, 'decision')).toBe(false);
    await people.register('u-3', 'US-NY');
    await people.register('u-4', 'US-NY');
    const token = textAt(await ask({ users: ['u-3', 'u-4'] }), 'context', 'discharge_token');
    expect(await report([token])).toMatchObject({ status: 200 });
    for (const user of ['u-3', 'u-4'])
      expect(await uses(user)).toMatchObject([{ discharged: [{ obligation: OWED, times: 1 }] }]);
  });

  test('of each item of a batch names that item alone', async () => {
    for (const user of ['u-5', 'u-6']) await people.register(user, 'US-NY');
    const { body } = await service.request('POST', '/access/v1/evaluations', {
      token: ads,
      body: { evaluations: ['u-5', 'u-6'].map((user) => question({ user })) },
    });
    expect(await report([textAt(body, 'evaluations', 1, 'context', 'discharge_token')])).toMatchObject({
      status: 200,
    });
    expect(await uses('u-5')).toMatchObject([{ discharged: [] }]);
    expect(await uses('u-6')).toMatchObject([{ discharged: [{ obligation: OWED, times: 1 }] }]);
  });

  test('about somebody who was erased meanwhile is taken down, and is of nobody who has their id next', async () => {
    await people.register('u-8', 'US-NY');
    const answer = await answered('u-8');
    const eraser = await service.token({ sub: 'accounts', purposes: [], scope: 'users:erase' });
    expect(await service.request('DELETE', '/v1/users/u-8', { token: eraser })).toMatchObject({
      status: 200,
    });
    expect(await report([answer])).toMatchObject({ status: 200 });
    await people.register('u-8', 'US-NY');
    expect(await uses('u-8')).toEqual([]);
  });

  test('is in what admins read of all uses', async () => {
    const auditor = await service.token({ sub: 'olga', roles: ['auditor'] });
    await uses('u-1');
    const read = async (accept: string) =>
      service.request('GET', '/v1/uses?client=ads&reason=permitted', { token: auditor, headers: { accept } });
    const { body } = await read('application/json');
    expect(listAt(body, 'uses')).toMatchObject([{ times: 8, discharged: [{ obligation: OWED, times: 6 }] }]);
    expect(String((await read('text/csv')).body)).toMatch(/min_cohort_300 6\r\n/);
  });

  test('is on record, is sealed with it, and the ledger made anew from it is the same', async () => {
    const before = await uses('u-1');
    await service.stop();
    const env = { DATA_DIR: dataDir };
    const lines = (await recordCommand(['show'], env)).trim().split('\n');
    const said = lines.filter((line) => line.includes('"kind"') || line.includes('"obligation"'));
    expect(said.length).toBeGreaterThan(3);
    expect(await recordCommand(['check'], env)).toContain('ok');
    await recordCommand(['rebuild'], env);
    service = await startService({ DATA_DIR: dataDir });
    people = await peopleOf(service);
    expect(await uses('u-1')).toEqual(before);
  });
});

describe('is refused, in words', () => {
  test('of an obligation that the answer has not', async () => {
    expect(await report([await answered('u-1')], 'deidentify')).toMatchObject({
      status: 409,
      body: { type: 'urn:assent:problem:obligation_not_owed', member: '/discharges/0/obligation' },
    });
  });

  test('by another client, of what was altered, and of what is no token at all', async () => {
    const answer = await answered('u-1');
    const other = await service.token({ sub: 'other', purposes: [PURPOSE] });
    const flipped = answer.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    for (const [token, of] of [
      [other, answer],
      [ads, flipped],
      [ads, `${answer}A`],
      [ads, answer.slice(0, 10)],
      [ads, ''],
      [ads, '.'],
    ] as const)
      expect(await report([await answered('u-1'), of], OWED, token === ads ? ads : other)).toMatchObject({
        status: 404,
        body: { type: 'urn:assent:problem:answer_not_found' },
      });
  });

  test('with all that came with it', async () => {
    await people.register('u-7', 'US-NY');
    expect(await report([await answered('u-7'), 'x.y'])).toMatchObject({
      status: 404,
      body: { member: '/discharges/1/answer' },
    });
    expect(await uses('u-7')).toMatchObject([{ discharged: [] }]);
  });

  test('by whoever is no service', async () => {
    const answer = await answered('u-1');
    for (const claims of [{ sub: 'u-1' }, { sub: 'ann', roles: ['policy_admin'] }])
      expect((await report([answer], OWED, await service.token(claims))).status).toBe(403);
  });
});

test('only a permit with obligations has a token, and only where it is asked for', async () => {
  expect(valueAt(await ask({ user: 'u-1' }, {}), 'context', 'discharge_token')).toBe(undefined);
  expect(valueAt(await ask({ user: 'u-1' }, { discharge: false }), 'context', 'discharge_token')).toBe(
    undefined,
  );
  expect(valueAt(await ask({ user: 'nobody' }), 'context', 'discharge_token')).toBe(undefined);
});
