/**
 * A case opens what it says, to whom it says, as long as it says, and nothing else: not drawn at random but asked, for
 * every state of a case, every reader, every item, and every field and purpose of the reference policy.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdminCaller, ServiceCaller } from '../../src/access/caller.js';
import { serviceUnder } from '../../src/access/clients.js';
import { developmentToken } from '../../src/access/tokens/development-key.js';
import { TokenVerifier } from '../../src/access/tokens/token-verifier.js';
import { longestSilence } from '../../src/cases/case.js';
import { CaseReadings } from '../../src/cases/case-readings.js';
import { Cases, type NewCase } from '../../src/cases/cases.js';
import type { CaseStanding } from '../../src/decision/rules/ability.js';
import type { UserRecord } from '../../src/decision/consent-event.js';
import { DecisionRecords } from '../../src/evaluation/decision-records.js';
import { EvaluationService } from '../../src/evaluation/evaluation.service.js';
import type { EvaluationRequest } from '../../src/evaluation/question.js';
import type { PolicyService } from '../../src/policy/policy.service.js';
import { steadyClock } from '../../src/time.js';
import { houseOn } from '../house.js';
import { MemoryRecording } from '../memory/memory-recording.js';
import { MemoryCaseStore } from '../memory/memory-case.store.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { expectedDecision } from '../oracle.js';
import { REFERENCE } from '../reference-policy.js';
import { policiesOn } from '../at-once.js';

const NOW = Date.now();
const HOUR_MS = 3_600_000;
const REPORTS = 'safety.report_review';
const INVESTIGATIONS = 'security.investigation';
const KINDS = [REPORTS, INVESTIGATIONS] as const;
const INVESTIGATED = ['message.metadata', 'activity.ip_location'];
const READERS = [
  'nobody',
  'named',
  'named for the other kind',
  'not named',
  'without the role',
  'a user of that id',
  'a service of that id',
  'forged',
] as const;
const ITEMS = [undefined, 'm-1', 'm-3'] as const;

/** States of a case of a kind, each with what it is worth for what it is about. */
const STATES = [
  ['none is named', 'none'],
  ['there is none', 'out_of_scope'],
  ['opened', 'valid'],
  ['waiting', 'not_approved'],
  ['closed', 'closed'],
  ['expired', 'expired'],
  ['extended without an approval, and over', 'expired'],
  ['extended with an approval', 'valid'],
  ['reassigned to others', 'other_reader'],
  ['of another user', 'out_of_scope'],
] as const satisfies readonly (readonly [string, CaseStanding])[];
type State = (typeof STATES)[number][0];

const RECORD: UserRecord = {
  registered: true,
  region: 'DE',
  ageBand: 'adult',
  choices: new Map(),
  signals: new Set(),
};
const admin = (id: string, ...roles: string[]): AdminCaller => ({ kind: 'admin', id, roles: new Set(roles) });
const IVAN = admin('ivan', 'security_investigator');
const [ARNO, ADA] = [admin('arno', 'case_approver'), admin('ada', 'case_approver')];
const SAFETY = serviceUnder(
  {},
  {
    kind: 'service',
    id: 'safety',
    purposes: new Set(REFERENCE.purposes.map(({ id }) => id)),
    scopes: new Set(['cases:write']),
    listings: { purposes: [], scopes: [] },
  },
) satisfies ServiceCaller;

const REPORTED = {
  purpose: REPORTS,
  user: 'u-1',
  report: 'r-1',
  items: ['m-1'],
  reviewers: [{ id: 'rita' }],
  reason: 'so',
} as const;

let folder: string;
let now = NOW;
let cases: Cases;
let evaluation: EvaluationService;
let policies: PolicyService;
let tokens: ReadonlyMap<string, string>;

/** Cases in a store, by the clock of these tests unless there is another. */
function casesIn(
  store: MemoryCaseStore,
  newId: () => string,
  { silence = longestSilence(90), clock = () => now } = {},
): Cases {
  return new Cases(
    store,
    policies,
    ['urn:assent:development'],
    silence,
    newId,
    clock,
    steadyClock(clock),
    (error) => {
      throw error;
    },
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-cases-'));
  const verifier = await TokenVerifier.forDevelopment(folder);
  policies = policiesOn(REFERENCE);
  const consent = new MemoryConsentStore();
  const change = { kind: 'profile', region: 'DE', ageBand: 'adult' } as const;
  await consent.append([{ user: 'u-1', by: { kind: 'service', id: 'x' }, at: 0, via: 'settings', change }]);
  const { state } = await houseOn(consent, policies);
  const store = new MemoryCaseStore();
  let last = 0;
  cases = casesIn(store, () => `c-${++last}`);
  const readings = new CaseReadings(
    store,
    (token) => verifier.verify(token),
    60_000,
    () => now,
  );
  const records = new DecisionRecords(new MemoryRecording(), state, () => now);
  evaluation = new EvaluationService(policies, state, 0, records, undefined, readings);
  const person = (sub: string, ...roles: string[]) => developmentToken(folder, 'person', { sub, roles });
  const rita = await person('rita', 'case_reviewer', 'security_investigator');
  tokens = new Map([
    ['named', rita],
    ['not named', await person('rob', 'case_reviewer', 'security_investigator', 'privacy_officer')],
    ['without the role', await person('rita', 'case_approver', 'policy_admin')],
    ['a user of that id', await developmentToken(folder, 'person', { sub: 'rita' })],
    ['a service of that id', await developmentToken(folder, 'client', { sub: 'rita', purposes: [REPORTS] })],
    ['forged', `${rita.slice(0, -8)}AAAAAAAA`],
    [`other role ${REPORTS}`, await person('rita', 'security_investigator')],
    [`other role ${INVESTIGATIONS}`, await person('rita', 'case_reviewer')],
  ]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function openedBy(kind: (typeof KINDS)[number], over: Partial<NewCase> = {}): Promise<string> {
  const common = { purpose: kind, user: 'u-1', reviewers: [{ id: 'rita' }], reason: 'so' };
  const expiresAt = now + HOUR_MS;
  const { found } =
    kind === REPORTS
      ? await cases.open(SAFETY, { ...common, report: 'r-1', items: ['m-1', 'm-2'], expiresAt, ...over })
      : await cases.open(IVAN, { ...common, fields: INVESTIGATED, expiresAt, ...over });
  return found.id;
}

/** Makes a case of a kind that is in a state; resolves to its id. */
async function caseIn(state: State, kind: (typeof KINDS)[number]): Promise<string | undefined> {
  now = NOW;
  if (state === 'none is named') return undefined;
  if (state === 'there is none') return 'c-none';
  const id = await openedBy(kind, state === 'of another user' ? { user: 'u-2' } : {});
  if (kind === INVESTIGATIONS && state !== 'waiting') await cases.approve(ARNO, id, 'seen', 1);
  switch (state) {
    case 'closed':
      await cases.close(ARNO, id, 'done');
      break;
    case 'expired':
      now += HOUR_MS;
      break;
    case 'extended without an approval, and over':
      await cases.extend(ARNO, id, 'more', now + 2 * HOUR_MS);
      now += HOUR_MS;
      break;
    case 'extended with an approval':
      await cases.approve(
        ADA,
        id,
        'granted',
        (await cases.extend(ARNO, id, 'more', now + 2 * HOUR_MS)).found.events.length,
      );
      now += HOUR_MS;
      break;
    case 'reassigned to others':
      await cases.reassign(ADA, id, 'ill', [{ id: 'rosa' }]);
      break;
    case 'opened':
    case 'waiting':
    case 'of another user':
  }
  return id;
}

type Cell = {
  readonly kind: string;
  readonly state: State;
  readonly reader: (typeof READERS)[number];
  readonly item: string | undefined;
};

/** What the case is worth for a cell, told anew from what a case is: no code of the product. */
function expectedStanding({ kind, state, reader, item }: Cell, purpose: string, field: string): CaseStanding {
  const worth = STATES.find(([one]) => one === state)?.[1] ?? 'none';
  // a report waits for nobody
  const standing = state === 'waiting' && kind === REPORTS ? 'valid' : worth;
  if (standing !== 'valid' && standing !== 'other_reader') return standing;
  const isCovered = purpose === kind && (kind === REPORTS ? item === 'm-1' : INVESTIGATED.includes(field));
  if (!isCovered) return 'out_of_scope';
  return reader === 'named' ? standing : 'other_reader';
}

function tokenOf(reader: (typeof READERS)[number], kind: string): string | undefined {
  return tokens.get(reader === 'named for the other kind' ? `other role ${kind}` : reader);
}

describe.each(KINDS)('under a case for %s', (kind) => {
  it.each(STATES.map(([state]) => state))('%s: only the intended cells open', async (state) => {
    const id = await caseIn(state, kind);
    let permitted = 0;
    for (const reader of READERS)
      for (const item of ITEMS) {
        const cell = { kind, state, reader, item };
        const token = tokenOf(reader, kind);
        const asked = REFERENCE.purposes.flatMap((purpose) =>
          REFERENCE.fields.map((field) => ({ purpose: purpose.id, field: field.id })),
        );
        const requests = asked.map(({ purpose, field }): EvaluationRequest => ({
          subject: { type: 'purpose', id: purpose },
          action: { name: 'read' },
          resource: {
            type: 'field',
            id: field,
            properties: { user: 'u-1', ...(item === undefined ? {} : { item }) },
          },
          context: {
            ...(id === undefined ? {} : { case: id }),
            ...(token === undefined ? {} : { reader_token: token }),
          },
        }));
        const findings = await evaluation.casesOf(requests);
        for (const [place, request] of requests.entries()) {
          const { purpose = '', field = '' } = asked[place] ?? {};
          const { decision, context } = evaluation.evaluateNow(
            SAFETY,
            request,
            evaluation.records.of(SAFETY, 'r-1'),
            false,
            findings,
          );
          const standing = expectedStanding(cell, purpose, field);
          const expected = expectedDecision(REFERENCE, {
            purpose,
            action: 'read',
            field,
            clientPurposes: SAFETY.purposes,
            record: RECORD,
            facts: { actor: 'human', case: standing, legalReference: false, ownData: false },
          });
          if (decision !== expected.permit || context.reason !== expected.reason)
            throw new Error(
              `${JSON.stringify({ ...cell, purpose, field })}: ${context.reason}, not ${expected.reason}`,
            );
          if (decision && KINDS.some((one) => one === purpose)) permitted++;
        }
      }
    const fields = kind === REPORTS ? REFERENCE.fields.length : INVESTIGATED.length * ITEMS.length;
    const opens = ['opened', 'extended with an approval', ...(kind === REPORTS ? ['waiting'] : [])];
    // of reports, fields that the purpose does not read stay closed
    expect(permitted).toBeLessThanOrEqual(opens.includes(state) ? fields : 0);
    expect(permitted > 0).toBe(opens.includes(state));
  });
});

it('is worth nothing under a version that came into force while it was read', async () => {
  now = NOW;
  const id = await openedBy(REPORTS);
  const request: EvaluationRequest = {
    subject: { type: 'purpose', id: REPORTS },
    action: { name: 'read' },
    resource: { type: 'field', id: 'message.body', properties: { user: 'u-1', item: 'm-1' } },
    context: { case: id, reader_token: tokens.get('named') ?? '' },
  };
  const findings = await evaluation.casesOf([request]);
  const answer = () =>
    evaluation.evaluateNow(SAFETY, request, evaluation.records.of(SAFETY, 'r-1'), false, findings).context
      .reason;
  expect(answer()).toBe('permitted');
  const before = policies.current;
  policies.put(policiesOn(REFERENCE).current);
  expect(answer()).toBe('consent_unavailable');
  policies.put(before);
});

it('takes 200 events, and then its closing alone', async () => {
  now = NOW;
  const id = await openedBy(REPORTS);
  for (let event = 2; event <= 200; event++) await cases.reassign(SAFETY, id, 'ill', [{ id: `r-${event}` }]);
  await expect(cases.reassign(SAFETY, id, 'ill', [{ id: 'rita' }])).rejects.toMatchObject({
    code: 'case_full',
  });
  expect((await cases.close(SAFETY, id, 'done')).status).toBe('closed');
});

it('has expired for good, where the clock of the process is set back', async () => {
  let wall = NOW;
  const here = casesIn(new MemoryCaseStore(), () => 'c-late', { clock: () => wall });
  await here.open(SAFETY, { ...REPORTED, expiresAt: wall + HOUR_MS });
  wall += HOUR_MS;
  expect((await here.get(SAFETY, 'c-late')).status).toBe('expired');
  wall -= HOUR_MS;
  expect((await here.get(SAFETY, 'c-late')).status).toBe('expired');
  await expect(here.extend(ARNO, 'c-late', 'more', wall + 2 * HOUR_MS)).rejects.toMatchObject({
    code: 'case_ended',
  });
});

it('is extended no further than its user could be told of', async () => {
  now = NOW;
  const days = 4;
  const here = casesIn(new MemoryCaseStore(), () => 'c-long', { silence: days * 24 * HOUR_MS });
  await here.open(SAFETY, { ...REPORTED, expiresAt: now + 72 * HOUR_MS });
  now += 71 * HOUR_MS;
  await expect(here.extend(ARNO, 'c-long', 'more', NOW + 97 * HOUR_MS)).rejects.toThrow('send a time until');
  const { found } = await here.extend(ARNO, 'c-long', 'more', NOW + 96 * HOUR_MS);
  await here.approve(ADA, 'c-long', 'granted', found.events.length);
  await expect(here.extend(ARNO, 'c-long', 'more', NOW + 97 * HOUR_MS)).rejects.toThrow('open another one');
});
