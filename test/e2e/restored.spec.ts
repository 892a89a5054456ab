/** A log that was restored from an older copy does not take the lost future for what has happened since. */
import { cp, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tokens, drawName } from '../../src/consent/log/consistency-token.js';
import { type People, peopleOf } from './people.js';
import { EVALUATION, EVALUATIONS, PURPOSES, mayRead } from './questions.js';
import { textAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';
import { newDataFolder } from '../data-folder.js';
import { revisionIn, tokenAt } from './tokens.js';

const ADS = 'ads.personalised';
/** How long a decision waits for a change that may still come. */
const WAIT_MS = 60_000;
const LOST = {
  status: 400,
  body: {
    type: 'urn:assent:problem:change_lost',
    member: '/context/consistency_token',
    detail: expect.stringMatching(/restored from an older copy: make that change again/),
  },
};

let folder: string;
let service: Service;
let people: People;
/** Of a change that the copy has. */
let kept: string;
/** Of an opt-out, and of what followed it, that the copy does not have. */
let lost: readonly string[];
/** Of the copy's own changes. */
let since: readonly string[];
/** Of another service altogether. */
let foreign: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const before = `${folder}/copy`;
  const env = {
    DATA_DIR: await newDataFolder(`${folder}/data`),
    CONSISTENCY_WAIT_MS: String(WAIT_MS),
    SNAPSHOT_MINUTES: '0',
  };
  const first = await startService(env);
  kept = await (await peopleOf(first)).register('ann', 'US-NY');
  await first.stop();
  await cp(env.DATA_DIR, before, { recursive: true });
  // what another log would say of its first change
  foreign = new Tokens(drawName(), [{ after: 0, name: drawName() }]).of(1);

  const future = await startService(env);
  const futurePeople = await peopleOf(future);
  lost = [
    await futurePeople.choose('ann', ADS, 'denied'),
    await futurePeople.choose('ann', 'improve', 'denied'),
  ];
  await future.stop();

  service = await startService({ ...env, DATA_DIR: before });
  people = await peopleOf(service);
});

afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

async function decide(consistencyToken: string) {
  const token = await service.token({ sub: 'pep', purposes: PURPOSES });
  const body = { ...mayRead(ADS, 'ann'), context: { consistency_token: consistencyToken } };
  return service.request('POST', EVALUATION, { token, body });
}

async function expectLost(): Promise<void> {
  for (const token of lost) {
    const begun = performance.now();
    expect(await decide(token)).toMatchObject(LOST);
    expect(performance.now() - begun).toBeLessThan(WAIT_MS);
  }
}

describe('after a restore', () => {
  test('a token of what the copy has counts', async () => {
    expect(await decide(kept)).toMatchObject({ body: { decision: true } });
  });

  test('a token of the lost future is refused at once, in words, also once the log has grown past its revision', async () => {
    await expectLost();
    since = [
      await people.register('ben', 'DE'),
      await people.register('eve', 'DE'),
      await people.choose('eve', ADS, 'denied'),
    ];
    expect(since.map(revisionIn).slice(0, 2)).toEqual(lost.map(revisionIn));
    await expectLost();
    for (const token of since) expect(await decide(token)).toMatchObject({ body: { decision: true } });
  });

  test('a batch refuses the one that rests on it, and no other', async () => {
    const token = await service.token({ sub: 'pep', purposes: PURPOSES });
    const evaluations = [lost[0], kept].map((consistency_token) => ({
      ...mayRead(ADS, 'ann'),
      context: { consistency_token },
    }));
    const { body } = await service.request('POST', EVALUATIONS, { token, body: { evaluations } });
    expect(body).toMatchObject({
      evaluations: [
        { decision: false, context: { error: { status: 400, code: 'change_lost' } } },
        { decision: true },
      ],
    });
  });

  test('neither an audience nor a search nor a file of permits rests on it', async () => {
    const token = await service.token({ sub: 'pep', purposes: PURPOSES });
    const body = {
      purpose: ADS,
      fields: ['member.skills'],
      users: ['ann'],
      context: { consistency_token: lost[0] },
    };
    const { status, body: problem } = LOST;
    const refused = { status, body: { type: problem.type } };
    expect(await service.request('POST', '/v1/audiences', { token, body })).toMatchObject(refused);
    const search = { ...mayRead(ADS, 'ann'), context: { consistency_token: lost[0] } };
    const resource = { type: 'field', properties: { user: 'ann' } };
    expect(
      await service.request('POST', '/access/v1/search/resource', { token, body: { ...search, resource } }),
    ).toMatchObject(refused);
    const file = `/v1/permits?purpose=${ADS}&consistency_token=${lost[0]}`;
    const lake = await service.token({ sub: 'lake', purposes: [ADS], scope: 'permits:export' });
    expect(await service.request('GET', file, { token: lake })).toMatchObject(refused);
  });

  test('whoever follows the changes from there on is told to begin with a new copy', async () => {
    const token = await service.token({ sub: 'index', purposes: [ADS], scope: 'changes:read' });
    const reply = await service.request('GET', `/v1/changes?follow=false&after=${lost[0]}`, { token });
    expect(reply).toMatchObject({ status: 400, body: { type: LOST.body.type, member: '/after' } });
    expect(textAt(reply.body, 'detail')).toMatch(/make a new copy, and take the token .* before it$/);
  });

  test('neither a page, nor a receipt, nor a replay takes it for an entry of the log', async () => {
    const ann = await service.token({ sub: 'ann' });
    const auditor = await service.token({ sub: 'auditor', roles: ['auditor'] });
    for (const list of ['history', 'receipts']) {
      const reply = await service.request('GET', `/v1/users/me/${list}?after=${lost[0]}`, { token: ann });
      expect(reply).toMatchObject({ status: 400, body: { type: LOST.body.type, member: '/after' } });
      expect(textAt(reply.body, 'detail')).toContain('restored from an older copy');
    }
    expect(await service.request('GET', `/v1/users/me/receipts/${lost[0]}`, { token: ann })).toMatchObject({
      status: 404,
    });
    const evaluation = mayRead(ADS, 'ann');
    const answer = (await decide(kept)).body;
    const policy = textAt(answer, 'context', 'policy');
    for (const [revision, why] of [
      [lost[0], 'restored from an older copy'],
      [foreign, 'another consent log'],
      [tokenAt(String(since[0]), 999), 'was not given yet'],
    ]) {
      const body = { evaluation, policy, revision };
      const reply = await service.request('POST', '/v1/decisions/replay', { token: auditor, body });
      expect(reply).toMatchObject({ status: 400, body: { member: '/revision' } });
      expect(textAt(reply.body, 'detail')).toContain(why);
    }
  });

  test.each([
    { named: 'of another log', given: () => foreign, why: 'is a token of another consent log' },
    {
      named: 'from before tokens named their log',
      given: () => Buffer.from('r1.1').toString('base64url'),
      why: 'was given out before tokens named their log',
    },
  ])('a token $named is refused in words', async ({ given, why }) => {
    const reply = await decide(given());
    expect(reply).toMatchObject({ status: 400, body: { member: '/context/consistency_token' } });
    expect(textAt(reply.body, 'detail')).toContain(why);
  });
});
