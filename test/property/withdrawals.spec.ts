/**
 * Whatever users choose, whoever is erased and comes back, and whatever policy is published: who a look at an extract names
 * is exactly who is in it and may not be in it now, by the plain meaning of the policy.
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { serviceUnder } from '../../src/access/clients.js';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { DomainError } from '../../src/errors.js';
import { AudienceService } from '../../src/evaluation/audience/audience.service.js';
import { AudienceStream } from '../../src/evaluation/audience/stream.js';
import { Withdrawals } from '../../src/evaluation/withdrawals/withdrawals.js';
import { PolicyService } from '../../src/policy/policy.service.js';
import { houseOn } from '../house.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { expectedDecision } from '../oracle.js';
import { REFERENCE } from '../reference-policy.js';
import { policiesOn } from '../at-once.js';
import { times } from '../times.js';

const BY = { kind: 'service', id: 'test' } as const;
const PURPOSE = 'ai';
const FIELDS = ['member.skills', 'post.text', 'member.job_title'];
const USERS = Array.from({ length: 4 }, (_, at) => `u-${at}`);
const TRAINER = serviceUnder(
  {},
  { kind: 'service', id: 'trainer', purposes: new Set([PURPOSE]), listings: { purposes: [], scopes: [] } },
);

/** The reference policy, and one in which posts are not for training. */
const DOCUMENTS: readonly PolicyDocument[] = [
  REFERENCE,
  {
    ...REFERENCE,
    fields: REFERENCE.fields.map((field) => (field.id === 'post.text' ? { ...field, never: ['ai'] } : field)),
  },
];
const VERSIONS = DOCUMENTS.map((document) => ({ document, version: policiesOn(document).current }));

const user = fc.constantFrom(...USERS);
const fields = fc.subarray(FIELDS, { minLength: 1 });
const extract = fc.nat(1);
const acts = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        act: fc.constant('register' as const),
        user,
        region: fc.constantFrom('DE', 'US-NY', 'US-CA'),
        ageBand: fc.constantFrom('adult' as const, 'adult' as const, 'minor' as const),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        act: fc.constant('choose' as const),
        user,
        purpose: fc.constantFrom('ai', 'improve'),
        choice: fc.constantFrom('granted' as const, 'denied' as const),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        act: fc.constant('show' as const),
        user,
        level: fc.constantFrom('everyone', 'connections', 'only_me'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('erase' as const), user }) },
    {
      weight: 4,
      arbitrary: fc.record({
        act: fc.constant('take' as const),
        extract,
        fields,
        users: fc.array(fc.oneof(user, fc.constant('stranger')), { minLength: 1, maxLength: 12 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ act: fc.constant('publish' as const), policy: fc.constantFrom(...VERSIONS) }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('close' as const), extract }) },
    { weight: 3, arbitrary: fc.record({ act: fc.constant('look' as const), extract }) },
  ),
  { minLength: 1, maxLength: 60 },
);
type Act = (typeof acts extends fc.Arbitrary<infer All> ? All : never) extends (infer One)[] ? One : never;

/** A member as one would write it down: who it was, and what was taken of them. */
type Member = { readonly user: string; readonly life: number; readonly fields: Set<string> };

async function world() {
  const [first] = VERSIONS;
  if (first === undefined) throw new Error('there are two versions');
  const policies = new PolicyService(first.version);
  const house = await houseOn(new MemoryConsentStore(), policies);
  const { evaluation, state, extracts, choices, log } = house;
  const audiences = new AudienceService(evaluation, state, extracts);
  const withdrawals = new Withdrawals(extracts, evaluation, state);
  let document = REFERENCE;
  /** How often each user was erased. */
  const lives = new Map<string, number>();
  const lifeOf = (one: string) => lives.get(one) ?? 0;
  const opened = await Promise.all(
    [FIELDS, FIELDS.slice(0, 2)].map(async (all) => {
      const { id } = await extracts.open(TRAINER, {
        purpose: PURPOSE,
        fields: all,
        context: { actor: 'automated' },
      });
      return { id, all, members: new Map<string, Member>(), isClosed: false };
    }),
  );
  const openedAt = (at: number) => {
    const one = opened[at];
    if (one === undefined) throw new Error('there are two extracts');
    return one;
  };

  const reasonOf = (one: string, field: string) =>
    expectedDecision(document, {
      purpose: PURPOSE,
      action: 'read',
      field,
      clientPurposes: TRAINER.purposes,
      facts: { actor: 'automated', case: 'none', legalReference: false, ownData: false },
      record: state.recordOf(one),
    }).reason;

  async function take(at: number, asked: readonly string[], users: readonly string[]): Promise<void> {
    const into = openedAt(at);
    const within = asked.filter((field) => into.all.includes(field));
    const request = { purpose: PURPOSE, fields: within, context: {}, extract: into.id };
    if (within.length === 0) return;
    if (into.isClosed) {
      await expect(audiences.open(TRAINER, request, 'r')).rejects.toMatchObject({ code: 'extract_closed' });
      return;
    }
    const stream = new AudienceStream(
      await audiences.open(TRAINER, request, 'r'),
      'application/x-ndjson',
      'text',
    );
    let text = '';
    const chunks = async function* () {
      yield Buffer.from(`${users.join('\n')}\n`);
    };
    for await (const piece of stream.answer(chunks(), new AbortController().signal))
      text += Buffer.from(piece).toString();
    const lines = text.trimEnd().split('\n').slice(0, -1);
    for (const [place, line] of lines.entries()) {
      const one = users[place] ?? '';
      const { member, ...rest } = JSON.parse(line);
      const permitted = state.knows(one)
        ? within.filter((field) => reasonOf(one, field) === 'permitted')
        : [];
      expect(rest).toEqual({ user: one, fields: permitted });
      expect(member === undefined).toBe(permitted.length === 0);
      if (permitted.length === 0) continue;
      const known = into.members.get(member) ?? { user: one, life: lifeOf(one), fields: new Set() };
      expect([known.user, known.life]).toEqual([one, lifeOf(one)]);
      for (const field of permitted) known.fields.add(field);
      into.members.set(member, known);
    }
  }

  async function look(at: number): Promise<void> {
    const { id, all, members } = openedAt(at);
    const lines: object[] = [];
    for await (const page of withdrawals.lines(TRAINER, id, new AbortController().signal))
      lines.push(...page);
    const expected = [...members].flatMap<object>(([member, { user: one, life, fields: taken }]) => {
      if (life !== lifeOf(one)) return [{ member, erased: true }];
      const lost = all.flatMap((field) => {
        const reason = reasonOf(one, field);
        return taken.has(field) && reason !== 'permitted' ? [[field, reason] as const] : [];
      });
      return lost.length === 0 ? [] : [{ member, user: one, withdrawn: Object.fromEntries(lost) }];
    });
    const end = lines.pop();
    expect(new Set(lines.map((line) => JSON.stringify(line)))).toEqual(
      new Set(expected.map((line) => JSON.stringify(line))),
    );
    expect(lines).toHaveLength(expected.length);
    const erased = expected.filter((line) => 'erased' in line).length;
    expect(end).toMatchObject({ members: members.size, withdrawn: expected.length - erased, erased });
  }

  async function does(act: Act): Promise<void> {
    switch (act.act) {
      case 'register':
        return void (await choices.setProfile(act.user, BY, act));
      case 'choose':
        return void (await choices.choose(act.user, BY, act));
      case 'show':
        return void (await house.visibility.set(act.user, BY, 'posts', act.level));
      case 'erase':
        if ((await house.erasures.erase(act.user, BY)) !== undefined)
          lives.set(act.user, lifeOf(act.user) + 1);
        return;
      case 'take':
        return take(act.extract, act.fields, act.users);
      case 'publish':
        document = act.policy.document;
        return policies.put(act.policy.version);
      case 'close': {
        const { id, members } = openedAt(act.extract);
        openedAt(act.extract).isClosed = true;
        const { users } = await extracts.close(TRAINER, id);
        expect(users).toBe(members.size);
        return;
      }
      case 'look':
        return look(act.extract);
    }
  }

  return { does, look, close: () => log.close() };
}

it('names exactly those who are in an extract and may not be', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (all) => {
      const { does, look, close } = await world();
      for (const act of all)
        await does(act).catch((error: unknown) => {
          // a choice that the law or the record does not take
          if (!(error instanceof DomainError) || !['choose', 'show'].includes(act.act)) throw error;
        });
      for (const at of [0, 1]) await look(at);
      await close();
    }),
    { numRuns: times(2_000, 40) },
  );
});
