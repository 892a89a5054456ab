/** What the client tells the service is told, or the caller hears that it was not. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { dpNoise } from '../src/obligations/index.js';
import { type Answer, type Assent, Failure, createAssent } from '../src/index.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { inProcess } from '../src/in-process.js';
import { type Doing, FakeService, PERMIT } from './faults/fake-service.js';
import { FAULTS } from './faults/faults.js';
import { memberOf, readJson } from '../src/terms/json.js';
import { clientToken, everywhere } from './people.js';

const PURPOSE = 'ads.personalised';
const OWED = 'min_cohort_300';
const SECRET = new Uint8Array(32).fill(7);
const FIGURE = {
  purpose: 'ads.insights',
  period: new Date().toISOString().slice(0, 7),
  question: 'people',
  snapshot: 's-1',
  value: 100n,
  sensitivity: 1n,
};

let service: Assent;

beforeAll(async () => {
  await everywhere({ 'r-open': { region: 'US-CA', age_band: 'adult' } }, [PURPOSE]);
  service = await clientOf(PURPOSE);
});
afterAll(() => service.close());

async function clientOf(purpose: string, reports = true): Promise<Assent> {
  const token = await clientToken([purpose]);
  const { url } = inject('service');
  return createAssent({ url, token, purpose, discharges: [OWED], timeout: 60_000, reports });
}

async function permitOf(assent: Assent): Promise<Answer> {
  const { 'member.skills': answer } = await assent.check('r-open', ['member.skills']);
  expect(answer).toMatchObject({ permitted: true });
  return answer;
}

test('what was kept is reported, also again, and many at once', async () => {
  const answer = await permitOf(service);
  for (const answers of [[answer], [answer], Array.from({ length: 1_001 }, () => answer)])
    await expect(service.discharged(answers, OWED)).resolves.toBe(undefined);
});

test('what cannot be reported is an error, and nothing of the call is', async () => {
  const answer = await permitOf(service);
  const silent = await clientOf(PURPOSE, false);
  const untold = await permitOf(silent);
  const { 'message.body': denial } = await service.check('r-open', ['message.body']);
  for (const answers of [[], [answer, denial], [answer, untold]])
    await expect(service.discharged(answers, OWED)).rejects.toThrow(TypeError);
  await expect(service.discharged([answer], 'deidentify')).rejects.toThrow('no permit with this obligation');
  const other = await clientOf(PURPOSE);
  const forged = { ...answer, dischargeToken: 'x.y' };
  await expect(other.discharged([forged], OWED)).rejects.toMatchObject({
    reason: 'refused',
    code: 'answer_not_found',
  });
  for (const client of [silent, other]) client.close();
});

test('noise is paid for at the service, once for a figure, and refused beyond the budget', async () => {
  const { budget } = await clientOf('ads.insights');
  const noisy = (question: string, epsilon: string) =>
    dpNoise({ ...FIGURE, question, epsilon }, { secret: SECRET, budget });
  const first = await noisy('people', '1/3');
  expect(await noisy('people', '1/3')).toBe(first);
  await noisy('more', '0.666666666666');
  await expect(noisy('most', '0.000000000001')).rejects.toMatchObject({ code: 'budget_exhausted' });
  await expect(
    dpNoise({ ...FIGURE, value: 101n, epsilon: '1/3' }, { secret: SECRET, budget }),
  ).rejects.toMatchObject({ code: 'changed_data' });
});

test('a purpose without a budget has no figures', async () => {
  const { budget } = service;
  const figure = { ...FIGURE, purpose: PURPOSE, epsilon: '0.1' };
  await expect(dpNoise(figure, { secret: SECRET, budget })).rejects.toMatchObject({
    code: 'budget_not_offered',
  });
});

test('in process, where nothing is recorded, reports are taken and no budget is there', async () => {
  const users = { 'r-open': { region: 'US-CA', age_band: 'adult' } } as const;
  const transport = inProcess({ policy: REFERENCE, users, purposes: [PURPOSE], reports: true });
  const local = createAssent({ transport, purpose: PURPOSE, discharges: [OWED] });
  await local.discharged([await permitOf(local)], OWED);
  await expect(
    dpNoise({ ...FIGURE, epsilon: '0.1' }, { secret: SECRET, budget: local.budget }),
  ).rejects.toMatchObject({ code: 'budget_exhausted' });
});

describe('a service that does not say yes', () => {
  const fake = new FakeService();
  let client: Assent;

  beforeAll(() => fake.start());
  afterAll(async () => {
    client.close();
    await fake.stop();
  });
  beforeEach(() => {
    fake.heal();
    client = createAssent({ url: fake.url, token: 't', purpose: 'p', discharges: ['o'], reports: true });
  });

  const answer: Answer = {
    permitted: true,
    reason: 'permitted',
    obligations: ['o'],
    policy: 'p',
    revision: 'r',
    dischargeToken: 't',
  };
  const figure = { ...FIGURE, epsilon: '0.1' };

  test.each([
    [500, '{}'],
    [404, '{"type":"urn:assent:problem:route_not_found"}'],
    [409, '{}'],
    [200, 'not JSON'],
    [200, '{}'],
    [200, '{"figure":"f","data":"d"}'],
    [200, JSON.stringify(PERMIT)],
  ])('with %s %s has no figure', async (status, body) => {
    fake.doing = (response, { headers }) => void response.writeHead(status, headers).end(body);
    const spending = dpNoise(figure, { secret: SECRET, budget: client.budget });
    await expect(spending).rejects.toMatchObject({
      code: expect.stringMatching(/^budget_(exhausted|unavailable)$/),
    });
    await expect(client.discharged([answer], 'o')).rejects.toThrow(Failure);
  });

  /** For what never ends. */
  const IMPATIENT = 250;
  const PATIENT = 30_000;
  /** Does the same with the answer of a service that was paid. */
  const paid =
    (doing: Doing): Doing =>
    (response, { headers }, request) => {
      const asked = readJson(request.body);
      const body = { figure: memberOf(asked, 'figure'), data: memberOf(asked, 'data') };
      doing(response, { headers, body: JSON.stringify(body) }, request);
    };
  const noise = async (timeout: number) => {
    const patient = createAssent({ url: fake.url, token: 't', purpose: 'p', discharges: [], timeout });
    const given = await dpNoise(figure, { secret: SECRET, budget: patient.budget }).catch(
      ({ code }: { readonly code?: unknown }) => code,
    );
    patient.close();
    return given;
  };

  test('that was paid gives a figure', async () => {
    fake.doing = paid((response, { headers, body }) => void response.writeHead(200, headers).end(body));
    expect(await noise(PATIENT)).toBeTypeOf('bigint');
  });

  /** What says something of a decision, which no receipt does. */
  const paying = FAULTS.filter(([what]) => !/policy|revision|oblig|member twice|not UTF-8/.test(what));
  test.each(paying)('and %s has no figure', async (_what, reason, fault) => {
    fake.doing = paid(fault);
    expect(await noise(reason === 'timed_out' ? IMPATIENT : PATIENT)).toMatch(/^budget_/);
  });

  test.each([
    ['another figure', (body: string) => body.replace(/"figure":"./, '"figure":"x')],
    ['another answer', (body: string) => body.replace(/"data":"./, '"data":"x')],
    ['no answer', (body: string) => body.replace('"data"', '"date"')],
    ['a figure twice', (body: string) => body.replace('{', '{"figure":"x",')],
    ['all figures', (body: string) => body.replace(/"figure":"[^"]+"/, '"figure":["*"]')],
  ])('that was paid for %s has no figure', async (_what, change) => {
    fake.doing = paid((response, { headers, body }) => {
      response.writeHead(200, headers).end(change(body));
    });
    expect(await noise(PATIENT)).toMatch(/^budget_/);
  });
});
