/**
 * A withdrawal shows in the very next decision, with its consistency token and without, every time: many users at once,
 * while others decide, ask in bulk and choose.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type People, peopleOf, saidOf } from './people.js';
import { EVALUATION, EVALUATIONS, mayRead } from './questions.js';
import { decisionsOf, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';
import { times } from '../times.js';

const TRIES = times(10_000, 1_000);
const WORKERS = 32;
const USERS_PER_WORKER = 5;
/** Nobody may be asked about it in Germany unless they granted it. */
const PURPOSE = 'recruiting';
const BYSTANDERS = Array.from({ length: 50 }, (_, index) => `bystander-${index}`);

let service: Service;
let people: People;
let tokens: { readonly accounts: string; readonly ads: string };

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
  tokens = {
    accounts: await service.token({ sub: 'accounts', purposes: [], scope: 'choices:write' }),
    ads: await service.token({ sub: 'pep', purposes: [PURPOSE, 'personalise'] }),
  };
  await Promise.all(
    [...BYSTANDERS, ...workers().flatMap(usersOf)].map((user) => people.register(user, 'DE')),
  );
});

afterAll(() => service.stop());

function workers(): number[] {
  return Array.from({ length: WORKERS }, (_, worker) => worker);
}

function usersOf(worker: number): string[] {
  return Array.from({ length: USERS_PER_WORKER }, (_, index) => `user-${worker}-${index}`);
}

async function choose(user: string, choice: 'granted' | 'denied', purpose = PURPOSE): Promise<string> {
  const options = { token: tokens.accounts, body: saidOf(choice) };
  const { status, body } = await service.request('PUT', `/v1/users/${user}/choices/${purpose}`, options);
  expect(status).toBe(200);
  return textAt(body, 'consistency_token');
}

async function decide(user: string, consistencyToken?: string): Promise<unknown> {
  const context = consistencyToken === undefined ? {} : { consistency_token: consistencyToken };
  const body = { ...mayRead(PURPOSE, user), context };
  return (await service.request('POST', EVALUATION, { token: tokens.ads, body })).body;
}

/** What goes on meanwhile; each does one thing after another until it is told to stop. */
const MEANWHILE: Readonly<Record<string, (turn: number) => Promise<void>>> = {
  decisions: async (turn) => {
    const user = BYSTANDERS[turn % BYSTANDERS.length] ?? '';
    expect(typeof valueAt(await decide(user), 'decision')).toBe('boolean');
  },
  batches: async () => {
    const evaluations = BYSTANDERS.map((user) => mayRead(PURPOSE, user));
    const { body } = await service.request('POST', EVALUATIONS, { token: tokens.ads, body: { evaluations } });
    expect(decisionsOf(body)).toHaveLength(BYSTANDERS.length);
  },
  audiences: async () => {
    const body = { purpose: PURPOSE, fields: ['member.skills'], users: BYSTANDERS };
    const reply = await service.request('POST', '/v1/audiences', { token: tokens.ads, body });
    expect(reply.status).toBe(200);
  },
  choices: async (turn) => {
    const user = BYSTANDERS[turn % BYSTANDERS.length] ?? '';
    await choose(user, turn % 3 === 0 ? 'granted' : 'denied');
  },
};

test(`a withdrawal shows in the very next decision, ${TRIES} times of ${TRIES}`, async () => {
  const meanwhile = new Map<string, number>();
  let left = TRIES;
  const over = new AbortController();
  const background = Object.entries(MEANWHILE).map(async ([what, once]) => {
    for (let turn = 0; !over.signal.aborted; turn++) {
      await once(turn);
      meanwhile.set(what, turn + 1);
    }
  });

  const counted = { granted: 0, denied: { 'with its token': 0, 'without it': 0 } };
  const late: unknown[] = [];
  const work = workers().map(async (worker) => {
    const users = usersOf(worker);
    while (left > 0) {
      const turn = left--;
      const kind = turn % 2 === 0 ? 'with its token' : 'without it';
      const user = users[Math.floor(turn / 2) % users.length] ?? '';
      const granted = await choose(user, 'granted');
      const before = await decide(user, kind === 'with its token' ? granted : undefined);
      if (valueAt(before, 'decision') === true) counted.granted++;
      const denied = await choose(user, 'denied');
      const after = await decide(user, kind === 'with its token' ? denied : undefined);
      if (valueAt(after, 'decision') === false && valueAt(after, 'context', 'reason') === 'opted_out')
        counted.denied[kind]++;
      else late.push({ user, kind, after });
    }
  });
  await Promise.all(work);
  over.abort();
  await Promise.all(background);

  expect(late).toEqual([]);
  expect(counted).toEqual({
    granted: TRIES,
    denied: { 'with its token': TRIES / 2, 'without it': TRIES / 2 },
  });
  // it was no quiet service
  for (const what of Object.keys(MEANWHILE)) expect(meanwhile.get(what) ?? 0, what).toBeGreaterThan(50);
}, 900_000);
