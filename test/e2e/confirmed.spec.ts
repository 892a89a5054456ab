/** A purpose of which the policy demands that the database confirms what its decisions rest on, in a fleet. */
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { REFERENCE } from '../reference-policy.js';
import { type Admins, adminsOf, expectRefusal, ok, pointerTo } from './admins.js';
import { type FreezingProxy, freezingProxy } from './freezing-proxy.js';
import { peopleOf } from './people.js';
import {
  EVALUATION,
  EVALUATIONS,
  READ,
  SEARCH_ACTION,
  SEARCH_RESOURCE,
  SEARCH_SUBJECT,
  fieldOf,
  mayRead,
  purpose,
} from './questions.js';
import { listAt, membersOf, textAt, valueAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';

/** Demands it, and so does what is a part of it. */
const DEMANDING = 'ads.personalised';
const PART_OF_IT = 'ads.inferred';
const OTHER = 'research';
const USER = 'u-1';
const FIELDS = ['member.skills'];
/** A request id with a space in it has a request take the ordinary way. */
const ORDINARY = { 'x-request-id': 'the ordinary way' };
const DEMAND = `${pointerTo(REFERENCE, 'purposes', DEMANDING)}/consistency`;

let postgres: PostgresServer;
let proxy: FreezingProxy;
/** Reaches the database at all times, and by way of the proxy. */
let one: Service;
let two: Service;
let admins: Admins;
let token: string;

beforeAll(async () => {
  postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase('confirmed');
  proxy = await freezingProxy(databaseUrl);
  const KEY_FILE = join(await temporaryFolder(), 'key');
  // the lease outlives every test, and what is waited for does not
  const fleet = { KEY_FILE, LEASE_MS: '30000', CONSISTENCY_WAIT_MS: '300' };
  one = await startService({ ...fleet, DATABASE_URL: databaseUrl });
  two = await startService({ ...fleet, DATABASE_URL: proxy.url });
  const people = await peopleOf(one);
  await people.register(USER, 'DE');
  for (const id of [DEMANDING, PART_OF_IT]) await people.choose(USER, id, 'granted');
  token = await two.token({ sub: 'pep', purposes: [DEMANDING, PART_OF_IT, OTHER] });
  admins = await adminsOf(one);
  // it only closes, so that nobody else has to agree
  ok(
    await admins.publish('ann', await admins.draft('ann', [{ op: 'add', path: DEMAND, value: 'confirmed' }])),
  );
});

afterAll(async () => {
  proxy.close();
  await Promise.all([one.stop(), two.stop()]);
  await postgres.stop();
});

const post = async (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  ok(await two.request('POST', path, { token, body, headers }));

const reasonIn = (answer: unknown) => textAt(answer, 'context', 'reason');

/** What a purpose may read of the user, asked in every way there is. */
const WAYS: Readonly<Record<string, (id: string) => Promise<boolean>>> = {
  'an evaluation': async (id) => permitted(reasonIn(await post(EVALUATION, mayRead(id, USER)))),
  'an evaluation on the ordinary way': async (id) =>
    permitted(reasonIn(await post(EVALUATION, mayRead(id, USER), ORDINARY))),
  'an item of a batch': async (id) => permitted((await batchOf([OTHER, id, OTHER]))[1]),
  'an item of a batch on the ordinary way': async (id) =>
    permitted((await batchOf([OTHER, id, OTHER], ORDINARY))[1]),
  'a batch without items': async (id) => permitted(reasonIn(await post(EVALUATIONS, mayRead(id, USER)))),
  'a search for purposes': async (id) => {
    const found = await post(SEARCH_SUBJECT, {
      subject: { type: 'purpose' },
      action: READ,
      resource: fieldOf(USER),
    });
    return listAt(found, 'results').some((result) => valueAt(result, 'id') === id);
  },
  'a search for fields': async (id) =>
    isFound(
      await post(SEARCH_RESOURCE, {
        subject: purpose(id),
        action: READ,
        resource: { type: 'field', properties: { user: USER } },
      }),
    ),
  'a search for users': async (id) =>
    isFound(
      await post(SEARCH_RESOURCE, {
        subject: purpose(id),
        action: READ,
        resource: { type: 'user', properties: { field: 'member.skills' } },
      }),
    ),
  'a search for actions': async (id) =>
    isFound(await post(SEARCH_ACTION, { subject: purpose(id), resource: fieldOf(USER) })),
  'an audience as a list': async (id) => {
    const answer = await post('/v1/audiences', { purpose: id, fields: FIELDS, users: [USER] });
    const [[reason] = []] = membersOf(valueAt(answer, 'counts'));
    return permitted(reason);
  },
  'an audience as a stream': async (id) => {
    const stream = await streamFor(id);
    const answer = await stream.ask();
    stream.end();
    return answer;
  },
};

function permitted(reason: string | undefined): boolean {
  expect(['permitted', 'consent_unavailable']).toContain(reason);
  return reason === 'permitted';
}

function isFound(answer: unknown): boolean {
  return listAt(answer, 'results').length > 0;
}

async function batchOf(ids: readonly string[], headers = {}): Promise<string[]> {
  const evaluations = ids.map((id) => ({ subject: purpose(id) }));
  const answer = await post(EVALUATIONS, { action: READ, resource: fieldOf(USER), evaluations }, headers);
  return listAt(answer, 'evaluations').map(reasonIn);
}

/** An audience that is asked one user at a time. */
async function streamFor(id: string) {
  const query = new URLSearchParams({ purpose: id, fields: FIELDS.join() });
  const sent = request(`${two.url}/v1/audiences?${query.toString()}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
  let rows: AsyncIterator<string> | undefined;
  const ask = async (): Promise<boolean> => {
    sent.write(`${USER}\n`);
    rows ??= createInterface({ input: await response })[Symbol.asyncIterator]();
    const { value } = await rows.next();
    return listAt(JSON.parse(String(value)), 'fields').length > 0;
  };
  return { ask, end: () => sent.end() };
}

/** What is found while the database cannot be reached and the lease still holds. */
async function cutOff<T>(find: () => Promise<T>): Promise<T> {
  proxy.freeze();
  try {
    return await find();
  } finally {
    proxy.thaw();
  }
}

/** The ways in which a purpose may read. */
async function waysOf(id: string): Promise<readonly string[]> {
  const ways = await Promise.all(
    Object.entries(WAYS).map(async ([way, may]) => ((await may(id)) ? [way] : [])),
  );
  return ways.flat();
}

const everyWay = Object.keys(WAYS);
const waysOfAll = () => Promise.all([DEMANDING, PART_OF_IT, OTHER].map(waysOf));

test('a purpose is answered in every way as long as the database confirms it', async () => {
  // what is asked for the first time may take longer than it is waited for
  await expect.poll(waysOfAll).toEqual([everyWay, everyWay, everyWay]);
});

test('it is denied in every way by a process that cannot reach the database though its lease holds, with what is a part of it, and no other purpose is', async () => {
  expect(await cutOff(waysOfAll)).toEqual([[], [], everyWay]);
});

test('a stream that is open is denied from the moment at which the database cannot be reached', async () => {
  const [demanding, other] = [await streamFor(DEMANDING), await streamFor(OTHER)];
  const ask = () => Promise.all([demanding.ask(), other.ask()]);
  await expect.poll(ask).toEqual([true, true]);
  expect(await cutOff(ask)).toEqual([false, true]);
  await expect.poll(ask).toEqual([true, true]);
  for (const stream of [demanding, other]) stream.end();
});

test('whoever asks may demand it of another purpose, of some items of a batch alone', async () => {
  const evaluations = [{ context: { consistency: 'confirmed' } }, {}];
  const answer = await cutOff(() => post(EVALUATIONS, { ...mayRead(OTHER, USER), evaluations }));
  expect(listAt(answer, 'evaluations').map(reasonIn)).toEqual(['consent_unavailable', 'permitted']);
});

test('to demand it no longer takes the approval of two others, who are told of each purpose', async () => {
  const draft = await admins.draft('ann', [{ op: 'remove', path: DEMAND }]);
  expect(listAt(await admins.check(draft), 'difference', 'consistency')).toContainEqual({
    says: `\`${PART_OF_IT}\` may now read without the database confirming what users have said`,
    purpose: PART_OF_IT,
    demanded: false,
  });
  expectRefusal(await admins.publish('ann', draft), 409, 'approvals_missing');
});
