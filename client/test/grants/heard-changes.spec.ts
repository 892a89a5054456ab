/** What an owner hears of the changes, line by line: whatever it does not hear, no grant outlives. */
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Claims } from '../../src/grants/claims.js';
import { HeardChanges } from '../../src/grants/heard-changes.js';
import { FakeService } from '../faults/fake-service.js';
import { NOON, tokenOf } from './grant-maker.js';

const POLICY = 'sha256:1';

let service: FakeService;
let heard: HeardChanges;
/** Those who follow, the last one at the end. */
let followers: ServerResponse[];
let now = NOON;
let clock = 0;

beforeEach(async () => {
  [now, clock] = [NOON, 0];
  followers = [];
  service = await new FakeService().start();
  service.doing = (response, { headers }) => {
    response.writeHead(200, { ...headers, 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    followers.push(response);
  };
  heard = new HeardChanges(
    new URL(service.url),
    { token: 'a-token' },
    30_000,
    () => now,
    () => clock,
  );
  await follower(1);
});
afterEach(async () => {
  heard.close();
  await service.stop();
});

async function follower(count: number): Promise<void> {
  await expect.poll(() => followers).toHaveLength(count);
}

function tell(...lines: readonly object[]): void {
  followers.at(-1)?.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

const upTo = (revision: number, more: object = {}) => ({
  policy: POLICY,
  purposes: ['ai', 'ads'],
  consistency_token: tokenOf(revision),
  ...more,
});
const change = (user: string, revision: number, purpose = 'ai') => ({
  user,
  purpose,
  on: true,
  reason: 'permitted',
  consistency_token: tokenOf(revision),
});

function claimsOf(revision: number, more: Partial<Claims> = {}): Claims {
  return {
    issuer: 'https://assent.example',
    audience: 'profiles',
    client: 'ranking',
    purpose: 'ai',
    permits: new Map(),
    policy: POLICY,
    revision: tokenOf(revision),
    issuedAt: now / 1000,
    notBefore: now / 1000,
    expiresAt: now / 1000 + 60,
    key: 'k',
    ...more,
  };
}

/** What is said of a grant on a revision. */
function saidOf(revision: number, user = 'u-1', more: Partial<Claims> = {}): string {
  return heard.against(claimsOf(revision, more), user)?.reason ?? 'nothing';
}

async function becomes(reason: string, revision: number, user?: string, more?: Partial<Claims>) {
  await expect.poll(() => saidOf(revision, user, more)).toBe(reason);
}

describe('a grant', () => {
  test('is believed from where the changes begin, and no older one', async () => {
    expect(saidOf(7)).toBe('changes_unheard');
    tell(upTo(7));
    await becomes('nothing', 7);
    expect(saidOf(6)).toBe('withdrawn');
    expect(saidOf(7, 'u-1', { issuedAt: now / 1000 - 6 })).toBe('withdrawn');
    expect(saidOf(7, 'u-1', { purpose: 'service' })).toBe('changes_unheard');
    expect(saidOf(7, 'u-1', { revision: tokenOf(7, 'other-') })).toBe('withdrawn');
    expect(saidOf(7, 'u-1', { revision: 'r1.7' })).toBe('withdrawn');
  });

  test('ends with a change of its user and purpose, and with none of another', async () => {
    tell(upTo(7), change('u-1', 9));
    await becomes('withdrawn', 8);
    expect([saidOf(9), saidOf(8, 'u-2'), saidOf(8, 'u-1', { purpose: 'ads' })]).toEqual(
      Array.from({ length: 3 }, () => 'nothing'),
    );
  });

  test('ends with the erasure of its user, for every purpose, and where nobody knows whose it is, with any', async () => {
    tell(upTo(7), { user: 'u-1', erased: true, consistency_token: tokenOf(9) });
    await becomes('withdrawn', 8);
    expect(saidOf(8, 'u-1', { purpose: 'ads' })).toBe('withdrawn');
    expect(saidOf(8, 'u-2')).toBe('nothing');
    tell({ user: null, erased: true, consistency_token: tokenOf(10) });
    await becomes('withdrawn', 9, 'u-2');
    expect(saidOf(10, 'u-2')).toBe('nothing');
  });

  test('ends with the policy version that it rests on', async () => {
    tell(upTo(7));
    await becomes('nothing', 7);
    tell(upTo(7, { policy: 'sha256:2' }));
    await becomes('withdrawn', 7);
    expect(saidOf(7, 'u-1', { policy: 'sha256:2' })).toBe('nothing');
  });

  test('is refused when nobody says any more that everything was told, although changes come', async () => {
    tell(upTo(7));
    await becomes('nothing', 7);
    clock = 20_001;
    expect(saidOf(7)).toBe('changes_unheard');
    tell(change('u-2', 8));
    // until it is heard: then it is known to be late
    clock = 20_002;
    tell(change('u-3', 9), upTo(9));
    await becomes('nothing', 7);
    clock = 40_000;
    tell(change('u-2', 10));
    await becomes('withdrawn', 9, 'u-2');
    clock = 40_003;
    expect(saidOf(10, 'u-2')).toBe('changes_unheard');
  });

  test.each([
    ['no JSON', 'x\n'],
    ['a line of another log', `${JSON.stringify({ ...upTo(8), consistency_token: tokenOf(8, 'other-') })}\n`],
    ['a token of another format', `${JSON.stringify({ ...upTo(8), consistency_token: 'r1.8' })}\n`],
    ['a member twice', '{"user":"u-2","user":"u-3"}\n'],
    ['a change of nobody', `${JSON.stringify({ ...change('u', 8), user: null })}\n`],
    ['the end', ''],
  ])('is refused after %s, until the changes are heard anew', async (_what, line) => {
    tell(upTo(7));
    await becomes('nothing', 7);
    now += 10_000;
    if (line === '') followers[0]?.end();
    else followers[0]?.write(line);
    await becomes('changes_unheard', 7);
    await follower(2);
    tell(upTo(9));
    await becomes('nothing', 9);
    expect(saidOf(8)).toBe('withdrawn');
    expect(saidOf(9, 'u-1', { issuedAt: NOON / 1000 })).toBe('withdrawn');
  });
});

test.each([
  [403, 'scope `changes:read`'],
  [503, 'answered with 503'],
])(
  'where the changes are answered with %d, nothing is believed, and the cause is told',
  async (status, why) => {
    service.doing = (response, { headers }) => void response.writeHead(status, headers).end('{}');
    followers[0]?.destroy();
    const known: Claims = claimsOf(7);
    await expect.poll(() => heard.against(known, 'u-1')?.message).toContain(why);
  },
);

describe('after a gap, in a log that', () => {
  async function restart(line: object): Promise<void> {
    tell(upTo(70));
    await becomes('nothing', 70);
    now += 10_000;
    followers[0]?.destroy();
    await becomes('changes_unheard', 70);
    await follower(2);
    tell(line);
  }

  test('was restored from an older copy: new grants are believed once no old one is left', async () => {
    await restart(upTo(50));
    await becomes('withdrawn', 50);
    expect(saidOf(70, 'u-1', { issuedAt: NOON / 1000 })).toBe('withdrawn');
    clock = 120_000;
    tell(upTo(51));
    await becomes('nothing', 51);
    tell(change('u-1', 52));
    await becomes('withdrawn', 51);
    expect(saidOf(52)).toBe('nothing');
  });

  test('is another one: no grant of the former is believed', async () => {
    await restart(upTo(70, { consistency_token: tokenOf(70, 'other-') }));
    await becomes('nothing', 70, 'u-1', { revision: tokenOf(70, 'other-') });
    expect(saidOf(70)).toBe('withdrawn');
  });
});
