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
import { Memberships } from '../../src/evaluation/withdrawals/memberships.js';
import { News } from '../../src/evaluation/withdrawals/news.js';
import type { Publication } from '../../src/policy/policy.store.js';
import { PolicyService } from '../../src/policy/policy.service.js';
import { textAt, valueAt } from '../e2e/replies.js';
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
    { weight: 3, arbitrary: fc.record({ act: fc.constant('look' as const), extract, goesOn: fc.boolean() }) },
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
  const store = new MemoryConsentStore();
  const house = await houseOn(store, policies);
  const { evaluation, state, extracts, choices, log } = house;
  const audiences = new AudienceService(evaluation, state, extracts);
  let document = REFERENCE;
  let published: Publication = {
    sequence: 1,
    version: '',
    after: 0,
    by: 'ann',
    at: 0,
    draft: null,
    approvals: [],
  };
  const news = new News(store, { publications: async () => [published] });
  const withdrawals = new Withdrawals(extracts, evaluation, state, news);
  const memberships = new Memberships(extracts, evaluation, state, store, news);
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
      const looked: { since?: string; told: ReadonlySet<string> } = { told: new Set() };
      return { id, all, members: new Map<string, Member>(), isClosed: false, looked };
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

  /** @param goesOn whether from the look before on, of which it must tell all that is news */
  async function look(at: number, goesOn: boolean): Promise<void> {
    const { id, all, members, looked } = openedAt(at);
    const { since, told } = looked;
    const lines: object[] = [];
    const { signal } = new AbortController();
    for await (const page of withdrawals.lines(TRAINER, id, goesOn ? since : undefined, signal))
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
    const found = lines.map((line) => JSON.stringify(line));
    const due = expected.map((line) => JSON.stringify(line));
    const isComplete = !goesOn || since === undefined || valueAt(end, 'complete') === true;
    expect(new Set(found).size).toBe(found.length);
    if (isComplete) expect(new Set(found)).toEqual(new Set(due));
    expect(due).toEqual(expect.arrayContaining(found));
    expect(found).toEqual(expect.arrayContaining(due.filter((line) => !told.has(line))));
    const erased = lines.filter((line) => 'erased' in line).length;
    expect(end).toMatchObject({ members: members.size, withdrawn: lines.length - erased, erased });
    if (isComplete)
      expect(await withdrawals.count(TRAINER, await house.extracts.get(TRAINER, id))).toEqual({
        members: members.size,
        left: lines.length,
      });
    looked.since = textAt(end, 'since');
    looked.told = new Set(due);
  }

  /** Every user is told the extracts they are in, with what was taken and what of it is withdrawn. */
  async function told(): Promise<void> {
    for (const one of USERS) {
      const found = await memberships.of(one);
      const expected = opened.flatMap(({ id, all, members }) => {
        const taken = [...members.values()].find(
          (member) => member.user === one && member.life === lifeOf(one),
        );
        if (taken === undefined) return [];
        const fields = all.filter((field) => taken.fields.has(field));
        const lost = fields.filter((field) => reasonOf(one, field) !== 'permitted');
        return [
          { id, fields, withdrawn: Object.fromEntries(lost.map((field) => [field, reasonOf(one, field)])) },
        ];
      });
      const shown = found.map(({ extract: { id }, fields, withdrawn }) => ({ id, fields, withdrawn }));
      expect(new Set(shown.map((line) => JSON.stringify(line)))).toEqual(
        new Set(expected.map((line) => JSON.stringify(line))),
      );
    }
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
        published = { ...published, sequence: published.sequence + 1, after: state.revision };
        return policies.put(act.policy.version);
      case 'close': {
        const { id, members } = openedAt(act.extract);
        openedAt(act.extract).isClosed = true;
        const { users } = await extracts.close(TRAINER, id);
        expect(users).toBe(members.size);
        return;
      }
      case 'look':
        return look(act.extract, act.goesOn);
    }
  }

  return { does, look, told, memberships, house, opened, withdrawals, close: () => log.close() };
}

it('names exactly those who are in an extract and may not be', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (all) => {
      const { does, look, told, close } = await world();
      for (const act of all)
        await does(act).catch((error: unknown) => {
          // a choice that the law or the record does not take
          if (!(error instanceof DomainError) || !['choose', 'show'].includes(act.act)) throw error;
        });
      for (const at of [0, 1]) for (const goesOn of [true, false]) await look(at, goesOn);
      await told();
      await close();
    }),
    { numRuns: times(700, 40) },
  );
});

it('goes on from an earlier look with whose record changed, who was erased and who was noted since, or with all', async () => {
  const { does, house, opened, withdrawals, memberships, close } = await world();
  const [into] = opened;
  const [first, second] = VERSIONS;
  if (into === undefined || first === undefined || second === undefined) throw new Error('as above');
  const looks = async (since?: string) => {
    const lines: object[] = [];
    const { signal } = new AbortController();
    for await (const page of withdrawals.lines(TRAINER, into.id, since, signal)) lines.push(...page);
    const end = lines.pop();
    const told = lines.map((line) => ('erased' in line ? 'erased' : textAt(line, 'user')));
    return { told, complete: valueAt(end, 'complete'), since: textAt(end, 'since') };
  };
  const says = (user: string) => does({ act: 'choose', user, purpose: 'ai', choice: 'denied' });
  for (const user of USERS) await does({ act: 'register', user, region: 'US-NY', ageBand: 'adult' });
  await does({ act: 'take', extract: 0, fields: FIELDS, users: ['u-0', 'u-1', 'u-2'] });
  await says('u-0');
  const before = await looks();
  expect(before).toMatchObject({ told: ['u-0'], complete: true });
  expect(await looks(before.since)).toMatchObject({ told: [], complete: false });

  await says('u-1');
  await does({ act: 'erase', user: 'u-2' });
  const then = await looks(before.since);
  expect(then).toMatchObject({ told: ['u-1', 'erased'], complete: false });

  // decided before they said no, and noted after somebody had looked
  const { add } = await house.extracts.intake(TRAINER, into.id, {
    purpose: PURPOSE,
    fields: FIELDS,
    context: {},
  });
  await says('u-3');
  const meanwhile = await looks(then.since);
  expect(meanwhile.told).toEqual([]);
  const number = house.state.numberOf('u-3') ?? 0;
  expect(await add([{ fields: FIELDS, users: Uint32Array.of(number) }], 1)).toBe(true);
  const later = await looks(meanwhile.since);
  expect(later).toMatchObject({ told: ['u-3'], complete: false });
  expect(await looks(later.since)).toMatchObject({ told: [], complete: false });

  // what the service says of a look holds for whom the look told of, and for nobody else
  const leftOut = async (user: string) => (await memberships.of(user)).map(({ leftOutAt }) => leftOutAt);
  await house.extracts.unlearn(TRAINER, into.id, meanwhile.since);
  expect(await leftOut('u-0')).toEqual([0]);
  expect(await leftOut('u-3')).toEqual([null]);
  await house.extracts.unlearn(TRAINER, into.id, later.since);
  expect(await leftOut('u-3')).toEqual([0]);
  await does({ act: 'choose', user: 'u-3', purpose: 'ai', choice: 'granted' });
  expect(await leftOut('u-3')).toEqual([null]);

  await says('u-3');
  await does({ act: 'publish', policy: second });
  expect(await looks(later.since)).toMatchObject({
    told: ['u-0', 'u-1', 'u-3', 'erased'],
    complete: true,
  });
  await close();
});

it('leaves room for the looks of other services, and takes it back when a look ends or is broken off', async () => {
  const { house, opened, withdrawals, close } = await world();
  const other = serviceUnder(
    {},
    {
      kind: 'service',
      id: 'other',
      purposes: new Set([PURPOSE]),
      listings: { purposes: [], scopes: [] },
    },
  );
  const own = opened[0]?.id ?? '';
  const { id: others } = await house.extracts.open(other, { purpose: PURPOSE, fields: FIELDS });
  const { signal } = new AbortController();
  const begun = (client = TRAINER, id = own) => {
    const look = withdrawals.lines(client, id, undefined, signal);
    return { look, first: look.next() };
  };
  const looks = [begun(), begun(), begun(other, others), begun(other, others)];
  for (const { first } of looks) expect((await first).done).toBe(false);
  await expect(begun().first).rejects.toMatchObject({ code: 'answers_waiting' });
  await looks[0]?.look.return(undefined);
  expect((await looks[1]?.look.next())?.done).toBe(true);
  await expect(begun(other, others).first).rejects.toThrow('this service looks at 2');
  expect((await begun().first).done).toBe(false);
  expect((await begun().first).done).toBe(false);
  await close();
});
