/** What waits for somebody is what they can do something about. */
import { beforeEach, describe, expect, it, test } from 'vitest';
import type { AdminCaller, Caller } from '../access/caller.js';
import { type Role, ROLES } from '../access/policy-permissions.js';
import { STATUSES, longestSilence } from '../cases/case.js';
import { Cases, type NewCase } from '../cases/cases.js';
import type { Draft, NewDraft } from '../policy/policy.store.js';
import { DAY_MS, HOUR_MS } from '../time.js';
import { policiesOn } from '../../test/at-once.js';
import { MemoryCaseStore } from '../../test/memory/memory-case.store.js';
import { MemoryFailedVerificationStore } from '../../test/memory/memory-failed-verifications.store.js';
import { MemoryPolicyStore } from '../../test/memory/memory-policy.store.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { type Kind, WaitingWork } from './waiting.js';

const policies = policiesOn(REFERENCE);
const NOW = Date.UTC(2026, 10, 29);
const admin = (id: string, ...roles: Role[]): AdminCaller => ({ kind: 'admin', id, roles: new Set(roles) });
const RITA = admin('rita', 'case_reviewer');
const ROB = admin('rob', 'case_reviewer');
const IVAN = admin('ivan', 'security_investigator');
const ARNO = admin('arno', 'case_approver');
const ADA = admin('ADA ', 'case_approver', 'security_investigator');
const ANN = admin('ann', 'policy_admin');
const ODA = admin('oda', 'privacy_officer');
const AUDITOR = admin('olga', 'auditor');
const USER: Caller = { kind: 'user', id: 'arno' };
const ALL: readonly Caller[] = [RITA, ROB, IVAN, ARNO, ADA, ANN, ODA, AUDITOR, USER];

let at: number;
let caseStore: MemoryCaseStore;
let cases: Cases;
let drafts: MemoryPolicyStore;
let inShadow: string | undefined;
let failed: MemoryFailedVerificationStore;
let work: WaitingWork;

beforeEach(() => {
  at = NOW;
  inShadow = undefined;
  let made = 0;
  const altered = (error: Error) => expect.unreachable(error.message);
  const now = () => at;
  caseStore = new MemoryCaseStore();
  cases = new Cases(caseStore, policies, ['i'], longestSilence(90), () => `c-${++made}`, now, now, altered);
  drafts = new MemoryPolicyStore();
  const shadow = { report: () => (inShadow === undefined ? undefined : { ...REPORT, draft: inShadow }) };
  failed = new MemoryFailedVerificationStore();
  work = new WaitingWork(drafts, cases, shadow, failed);
});

const REPORT = {
  edit: 1,
  policy: 'p',
  share: 1,
  since: NOW,
  decisions: 0,
  compared: 0,
  skipped: 0,
  differences: [],
  others: 0,
  cost: { total: 0, share: 0 },
  trouble: null,
};

async function ids(caller: Caller, kind: Kind): Promise<readonly string[] | undefined> {
  return (await work.for(caller)).kinds.get(kind)?.map(({ id }) => id);
}

describe('of cases', () => {
  const about = { user: 'u', reason: 'why', expiresAt: NOW + HOUR_MS };
  const report = (over: Partial<NewCase> = {}): NewCase => ({
    ...about,
    purpose: 'safety.report_review',
    report: 'r',
    items: ['m'],
    reviewers: [{ id: 'rob' }],
    ...over,
  });
  const investigation = (over: Partial<NewCase> = {}): NewCase => ({
    ...about,
    purpose: 'security.investigation',
    fields: ['message.body'],
    reviewers: [{ id: 'ivan' }],
    ...over,
  });

  /** One in each state, of each kind. */
  async function every(): Promise<void> {
    await cases.open(RITA, report());
    await cases.open(IVAN, investigation());
    await cases.open(ADA, investigation({ reviewers: [{ id: 'ada' }] }));
    for (const opening of [report(), investigation()]) {
      const opener = opening.purpose === 'safety.report_review' ? RITA : IVAN;
      const ready = async () => {
        const { found } = await cases.open(opener, { ...opening, expiresAt: NOW + 2 * HOUR_MS });
        if (opener === IVAN) await cases.approve(ARNO, found.id, 'seen', 1);
        return found.id;
      };
      await ready();
      await cases.extend(opener, await ready(), 'more', NOW + DAY_MS);
      await cases.extend(ARNO, await ready(), 'more', NOW + DAY_MS);
      await cases.close(opener, await ready(), 'done');
      await cases.open(opener, { ...opening, expiresAt: NOW + 1 });
    }
    at = NOW + HOUR_MS / 2;
  }

  it('a case is to be approved by exactly those whose approval would be taken', async () => {
    await every();
    let taken = 0;
    for (const { id, found } of await caseStore.list(100))
      for (const caller of ALL) {
        // an approval is tried on a copy, so that it changes nothing for the next one
        const before = found === 'altered' ? [] : found.events;
        const copy = new MemoryCaseStore();
        for (const [place, event] of before.entries()) await copy.append(id, place + 1, event);
        const trial = new Cases(
          copy,
          policies,
          ['i'],
          longestSilence(90),
          () => id,
          () => at,
          () => at,
          () => undefined,
        );
        const isTaken = await trial.approve(caller, id, 'seen', before.length).then(
          () => true,
          () => false,
        );
        taken += Number(isTaken);
        expect((await ids(caller, 'cases_to_approve'))?.includes(id) ?? false, `${caller.id} ${id}`).toBe(
          isTaken,
        );
      }
    expect(taken).toBeGreaterThan(5);
  });

  it('a list by status and end is the list of all without the others, in pages as well', async () => {
    await every();
    for (const caller of ALL) {
      if (caller.kind !== 'admin') continue;
      const all = await cases.list(caller, 100);
      for (const status of [undefined, ...STATUSES])
        for (const endsWithin of [undefined, 1, HOUR_MS, 2 * HOUR_MS, 72 * HOUR_MS]) {
          const wanted = {
            ...(status === undefined ? {} : { status }),
            ...(endsWithin === undefined ? {} : { endsWithin }),
          };
          const expected = all.filter(
            (one) =>
              (status === undefined || one.status === status) &&
              (endsWithin === undefined ||
                (['open', 'waiting'].includes(one.status) && one.found.scope.expiresAt <= at + endsWithin)),
          );
          expect(await cases.list(caller, 100, undefined, wanted)).toEqual(expected);
          const [first] = expected;
          if (first === undefined) continue;
          const { id, opened } = first.found;
          expect(await cases.list(caller, 1, { id, at: opened.at }, wanted)).toEqual(expected.slice(1, 2));
        }
    }
    const mine = await cases.list(ARNO, 100, undefined, { endsWithin: 72 * HOUR_MS });
    expect(mine.length).toBeGreaterThan(3);
    at += 100 * DAY_MS;
    expect(await cases.list(ARNO, 100, undefined, { endsWithin: 72 * HOUR_MS })).toEqual([]);
    expect(await cases.list(ARNO, 100, undefined, { status: 'expired' })).not.toEqual([]);
  });

  it('what is open is shown to those who may look at it, to be read by those it names, the soonest end first', async () => {
    await every();
    for (const caller of ALL) {
      const { kinds } = await work.for(caller);
      const listed = caller.kind === 'admin' ? await cases.list(caller, 100) : [];
      const open = listed.filter(({ status }) => status === 'open');
      const shown = kinds.get('cases_open');
      expect(shown?.map(({ id }) => id).toSorted() ?? []).toEqual(
        open.map(({ found }) => found.id).toSorted(),
      );
      expect(shown?.map(({ due }) => due)).toEqual(shown?.map(({ due }) => due).toSorted());
      const named = open.filter(({ found }) => found.scope.reviewers.some(({ id }) => id === caller.id));
      expect((await ids(caller, 'cases_to_read'))?.toSorted() ?? []).toEqual(
        named.map(({ found }) => found.id).toSorted(),
      );
    }
    expect(await ids(ROB, 'cases_to_read')).not.toEqual([]);
  });

  it('says when there are more than it looks at', async () => {
    for (let number = 0; number < 499; number++) await cases.open(RITA, report());
    expect((await work.for(ARNO)).isWhole).toBe(true);
    for (let number = 0; number < 2; number++) await cases.open(RITA, report());
    const { kinds, isWhole } = await work.for(ARNO);
    expect([isWhole, kinds.get('cases_open')?.length]).toEqual([false, 500]);
  });
});

describe('of drafts', () => {
  const draft = (id: string, over: Partial<NewDraft> = {}): NewDraft => ({
    id,
    base: 'sha256:base',
    document: {},
    content: `sha256:${id}`,
    message: `about ${id}`,
    authors: ['bob'],
    createdAt: NOW,
    ...over,
  });
  const moved = (over: Partial<Draft>) => ({
    status: 'open' as const,
    schedule: null,
    refusal: null,
    changedAt: NOW,
    ...over,
  });

  it('those of others wait for who has said neither yes nor no to them as they are now', async () => {
    const said = { by: 'ann', roles: ['policy_admin'], at: NOW };
    await drafts.createDraft(draft('new'));
    await drafts.createDraft(draft('own', { authors: ['bob', 'Ann '] }));
    await drafts.createDraft(draft('approved'));
    await drafts.approve('approved', 1, said, []);
    await drafts.createDraft(draft('declined'));
    await drafts.decline('declined', 1, { ...said, remark: 'no' }, { approvals: [], declines: [] });
    await drafts.createDraft(draft('ended'));
    await drafts.moveDraft('ended', 1, moved({ status: 'discarded' }));
    expect(await ids(ANN, 'drafts_to_judge')).toEqual(['new']);
    expect(await ids(ANN, 'drafts_own')).toEqual(['own']);
    expect((await ids(ODA, 'drafts_to_judge'))?.toSorted()).toEqual(['approved', 'declined', 'new', 'own']);
    await drafts.editDraft('approved', 1, { ...draft('approved'), changedAt: NOW });
    expect((await ids(ANN, 'drafts_to_judge'))?.toSorted()).toEqual(['approved', 'new']);
  });

  it('those with a time, with one that failed, and the one in the shadow are told apart', async () => {
    for (const id of ['late', 'soon', 'failed', 'beside']) await drafts.createDraft(draft(id));
    const schedule = { by: 'bob', notices: {} };
    await drafts.moveDraft('late', 1, moved({ status: 'scheduled', schedule: { ...schedule, at: NOW + 2 } }));
    await drafts.moveDraft('soon', 1, moved({ status: 'scheduled', schedule: { ...schedule, at: NOW + 1 } }));
    await drafts.moveDraft('failed', 1, moved({ refusal: 'why' }));
    inShadow = 'beside';
    for (const caller of [ANN, AUDITOR]) {
      const { kinds } = await work.for(caller);
      expect(kinds.get('drafts_scheduled')).toEqual([
        { id: 'soon', about: 'about soon', due: NOW + 1 },
        { id: 'late', about: 'about late', due: NOW + 2 },
      ]);
      expect(await ids(caller, 'drafts_refused')).toEqual(['failed']);
      expect(await ids(caller, 'drafts_in_shadow')).toEqual(['beside']);
    }
  });
});

test('each role has the kinds that it has a part in, and nobody else has any', async () => {
  const drafts = ['drafts_in_shadow', 'drafts_refused', 'drafts_scheduled'];
  const judged = ['drafts_own', 'drafts_to_judge', ...drafts];
  const seen = ['cases_open', 'cases_to_read'];
  const expected: Readonly<Record<Role, readonly string[]>> = {
    policy_admin: judged,
    privacy_officer: [...judged, ...seen, 'verifications_failed'],
    auditor: [...drafts, ...seen, 'verifications_failed'],
    case_reviewer: seen,
    security_investigator: seen,
    case_approver: [...seen, 'cases_to_approve'],
  };
  const kindsOf = async (caller: Caller) => [...(await work.for(caller)).kinds.keys()].toSorted();
  for (const role of Object.keys(ROLES).filter((one): one is Role => Object.hasOwn(expected, one)))
    expect(await kindsOf(admin('x', role)), role).toEqual(expected[role].toSorted());
  for (const nobody of [admin('x'), USER]) expect(await kindsOf(nobody)).toEqual([]);
});

test('what was last verified and failed waits for whoever audits, with when and what was found', async () => {
  await failed.failed({ of: 'consent_log', at: NOW, because: 'revision 7: changed', by: 'olga' });
  for (const caller of [ODA, AUDITOR])
    expect((await work.for(caller)).kinds.get('verifications_failed')).toEqual([
      { id: 'consent_log', about: 'revision 7: changed', due: null, at: NOW },
    ]);
  expect(await ids(ANN, 'verifications_failed')).toBeUndefined();
});
