/** A thousand publishes under load: each answer agrees with the version that it names, and none mixes two. */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decideByRules } from '../../src/decision/rules/reference.js';
import type { PolicyDocument } from '../../src/decision/policy.js';
import type { PolicyVersion } from '../../src/policy/policy.service.js';
import { type Admins, adminsOf, ok, seenIn } from './admins.js';
import { peopleOf } from './people.js';
import { EVALUATION, EVALUATIONS, PURPOSES, mayRead } from './questions.js';
import { listAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';
import { times } from '../times.js';
import { REFERENCE } from '../reference-policy.js';
import { policiesOn } from '../at-once.js';

const PUBLISHES = times(100, 40);
const REGIONS = ['DE', 'FR', 'GB', 'US-CA', 'US-NY', 'BR', 'unknown'];
const USERS = Array.from({ length: 42 }, (_, at) => ({
  id: `u-${at}`,
  region: REGIONS[at % REGIONS.length] ?? 'unknown',
  deniesResearch: at % 5 === 0,
}));
type User = (typeof USERS)[number];

/** What the two versions part on, and what they do not. */
const ASKED_PURPOSES = ['research', 'personalise', 'ai', 'ads.personalised'];
const ASKED_FIELDS = ['member.skills', 'activity.view', 'post.text', 'activity.search'];

const WIDE = policiesOn(REFERENCE).current;
const NARROW = policiesOn(narrowed(WIDE.document)).current;
const VERSIONS = new Map([WIDE, NARROW].map((version) => [version.id, version]));

/** Closed in every way there is: by regime, by category, by field. */
function narrowed(document: PolicyDocument): PolicyDocument {
  const purposes = document.purposes.map((purpose) => {
    if (purpose.id === 'research')
      return { ...purpose, settings: { ...purpose.settings, EU_EEA_CH: 'never' as const } };
    return purpose.id === 'ai'
      ? { ...purpose, categories: ['public' as const, 'profile' as const] }
      : purpose;
  });
  const fields = document.fields.map((field) =>
    field.id === 'activity.view' ? { ...field, never: ['personalise'] } : field,
  );
  return { ...document, purposes, fields };
}

/** What a version answers, by its rules. */
function expected(version: PolicyVersion, user: User, purpose: string, field: string) {
  const { permit, reason } = decideByRules(version, {
    purpose,
    action: 'read',
    field,
    clientPurposes: new Set([purpose]),
    record: {
      registered: true,
      region: user.region === 'unknown' ? null : user.region,
      ageBand: 'adult',
      choices: new Map(
        user.deniesResearch ? [['research', { choice: 'denied', notice: 0, signal: false }]] : [],
      ),
      signals: new Set(),
    },
    facts: { actor: 'human', case: 'none', legalReference: false, ownData: false },
  });
  return { permit, reason };
}

const EXPECTED = new Map(
  [...VERSIONS].map(([id, version]) => [
    id,
    new Map(
      USERS.flatMap((user) =>
        ASKED_PURPOSES.flatMap((purpose) =>
          ASKED_FIELDS.map((field) => [
            `${user.id} ${purpose} ${field}`,
            expected(version, user, purpose, field),
          ]),
        ),
      ),
    ),
  ]),
);

function answerOf(version: string, user: string, purpose: string, field: string) {
  const found = EXPECTED.get(version)?.get(`${user} ${purpose} ${field}`);
  if (found === undefined) throw new Error(`${version} was never published`);
  return found;
}

let service: Service;
let admins: Admins;
let token: string;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  service = await startService({ LOG_LEVEL: 'info', SNAPSHOT_MINUTES: '0' });
  admins = await adminsOf(service);
  token = await service.token({ sub: 'pep', purposes: PURPOSES });
  const people = await peopleOf(service);
  for (const { id, region, deniesResearch } of USERS) {
    await people.register(id, region);
    if (deniesResearch) await people.choose(id, 'research', 'denied');
  }
});

afterAll(async () => {
  agent.destroy();
  await service.stop();
});

/** Sends a decision request with less ado than `fetch`, so that one process makes load enough. */
async function ask(path: string, body: unknown): Promise<unknown> {
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    request(`${service.url}${path}`, { method: 'POST', agent, headers }, resolve)
      .once('error', reject)
      .end(JSON.stringify(body));
  });
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${answer}`);
  return JSON.parse(answer);
}

type Load = {
  singles: number;
  batches: number;
  audiences: number;
  decisions: number;
  named: Map<string, number>;
};

/** Checks an answer against the version that it names, and gives that version. */
function agrees(answer: unknown, user: string, purpose: string, field: string): string {
  const version = textAt(answer, 'context', 'policy');
  const { permit, reason } = answerOf(version, user, purpose, field);
  // compared by hand: `expect` would be most of the load
  if (valueAt(answer, 'decision') !== permit || valueAt(answer, 'context', 'reason') !== reason)
    expect(answer).toEqual({ version, user, purpose, field, permit, reason });
  return version;
}

function pick<T>(list: readonly T[], at: number): T {
  const picked = list[at % list.length];
  if (picked === undefined) throw new Error('there is nothing to pick');
  return picked;
}

async function single(load: Load, turn: number): Promise<void> {
  const user = pick(USERS, turn * 7).id;
  const purpose = pick(ASKED_PURPOSES, turn);
  const field = pick(ASKED_FIELDS, Math.floor(turn / 4));
  count(load, agrees(await ask(EVALUATION, mayRead(purpose, user, field)), user, purpose, field), 1);
  load.singles++;
}

async function batch(load: Load, turn: number): Promise<void> {
  const user = pick(USERS, turn).id;
  const questions = ASKED_PURPOSES.flatMap((purpose) => ASKED_FIELDS.map((field) => ({ purpose, field })));
  const answers = await ask(EVALUATIONS, {
    evaluations: questions.map(({ purpose, field }) => mayRead(purpose, user, field)),
  });
  const versions = listAt(answers, 'evaluations').map((answer, at) => {
    const { purpose, field } = pick(questions, at);
    return agrees(answer, user, purpose, field);
  });
  if (new Set(versions).size !== 1 || versions.length !== questions.length)
    expect(versions, 'a batch mixes versions').toEqual(questions.map(() => versions[0]));
  count(load, versions[0] ?? '', versions.length);
  load.batches++;
}

async function audience(load: Load, turn: number): Promise<void> {
  const purpose = pick(ASKED_PURPOSES, turn);
  const fields = [pick(ASKED_FIELDS, turn), pick(ASKED_FIELDS, turn + 1)];
  const answer = await ask('/v1/audiences', { purpose, fields, users: USERS.map(({ id }) => id) });
  const version = textAt(answer, 'policy');
  const passing = USERS.filter(({ id }) =>
    fields.every((field) => answerOf(version, id, purpose, field).permit),
  ).map(({ id }) => id);
  if (listAt(answer, 'passing').join() !== passing.join())
    expect({ version, purpose, fields, passing: listAt(answer, 'passing') }).toEqual({ passing });
  count(load, version, USERS.length * fields.length);
  load.audiences++;
}

function count(load: Load, version: string, decisions: number): void {
  load.decisions += decisions;
  load.named.set(version, (load.named.get(version) ?? 0) + 1);
}

/** Pauses in milliseconds: a steady load and not all that the machine can do, or the publishes would wait for it. */
const WORKERS = [
  { work: single, every: 2 },
  { work: single, every: 2 },
  { work: batch, every: 15 },
  { work: audience, every: 25 },
];

/** Puts the other version in force: at once when it narrows, with the approval of two when it widens. */
async function publishOther(current: string): Promise<string> {
  const next = current === WIDE.id ? NARROW.id : WIDE.id;
  const rolled = ok(
    await admins.send('ann', 'POST', `/${next}/rollback`, { body: { message: 'to and fro' } }),
  );
  if (next === NARROW.id) return textAt(rolled, 'publication', 'version');
  const draft = seenIn(valueAt(rolled, 'draft'));
  await Promise.all((['bob', 'cat'] as const).map(async (who) => ok(await admins.approve(who, draft))));
  return textAt(ok(await admins.publish('ann', draft)), 'version');
}

test(`${PUBLISHES} publishes while decisions go on`, async () => {
  const opened = seenIn((await admins.send('ann', 'POST', '/drafts', { body: { message: 'narrow' } })).body);
  const replaced = ok(
    await admins.send('ann', 'PUT', `/drafts/${opened.id}/document`, { edit: 1, body: NARROW.document }),
  );
  const load: Load = { singles: 0, batches: 0, audiences: 0, decisions: 0, named: new Map() };
  const start = performance.now();
  let current = textAt(ok(await admins.publish('ann', seenIn(replaced))), 'version');
  let publishes = 1;
  const run = { stopped: false };
  const running = WORKERS.map(async ({ work, every }, worker) => {
    try {
      for (let turn = worker; !run.stopped; turn += 3) {
        await work(load, turn);
        await pause(every);
      }
    } finally {
      run.stopped = true;
    }
  });
  while (publishes < PUBLISHES && !run.stopped) {
    const next = await publishOther(current);
    expect(next).not.toBe(current);
    current = next;
    publishes++;
    // the answer to a publish comes once every decision that begins rests on it
    const answer = await ask(EVALUATION, mayRead('research', 'u-1', 'member.skills'));
    expect(agrees(answer, 'u-1', 'research', 'member.skills')).toBe(current);
  }
  run.stopped = true;
  await Promise.all(running);

  const seconds = (performance.now() - start) / 1000;
  const rate = (number: number) => Math.round(number / seconds);
  process.stdout.write(
    `${publishes} publishes in ${seconds.toFixed(1)} s (${rate(publishes)}/s) under ${rate(load.decisions)} decisions/s: ` +
      `${rate(load.singles)} single, ${rate(load.batches)} batches, ${rate(load.audiences)} audiences a second\n`,
  );
  expect(publishes).toBe(PUBLISHES);
  for (const { id } of [WIDE, NARROW]) expect(load.named.get(id)).toBeGreaterThan(PUBLISHES / 10);
  const [latest] = listAt(ok(await admins.send('ann', 'GET', '')), 'publications');
  expect(latest).toMatchObject({ sequence: PUBLISHES + 1, version: current });
}, 600_000);
