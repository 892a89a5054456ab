/**
 * Every case is asked of the decision table, of the rules and of the plain reading of the specification. The cases together speak of everything
 * the reference policy holds: whoever adds a purpose adds its cases.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATEGORIES } from '../../src/decision/policy.js';
import { REASONS } from '../../src/decision/reasons.js';
import { expectedOf, questionOf } from '../../src/policy/text/policy-cases.js';
import { decideBothWays } from '../decide-both-ways.js';
import { expectedDecision, expectedRegime } from '../oracle.js';
import { type DecisionCase, REFERENCE_NAME, casesOf, readCases, readPolicies } from './cases.js';

const files = readCases();
const policies = readPolicies();
const all = [...files.values()].flat();
const onReference = all.filter(({ policy }) => policy === undefined);
const reference = policyOf({});

function policyOf({ policy = REFERENCE_NAME }: Pick<DecisionCase, 'policy'>) {
  const compiled = policies.get(policy);
  if (compiled === undefined) throw new Error(`there is no variant \`${policy}\` in test/cases/policies`);
  return compiled;
}

/** Whether an answer can be recorded is no matter of a policy. */
const OF_DECISIONS = Object.keys(REASONS).filter((reason) => reason !== 'record_unavailable');

const purposeOf = ({ request }: DecisionCase) => request.purpose;
const categoryOf = ({ request }: DecisionCase) => reference.fields.get(request.field)?.category;
const twice = (texts: readonly string[]) => texts.filter((text, index) => texts.indexOf(text) !== index);

/** The ids that no case answers so. */
function without(
  ids: Iterable<string>,
  decision: 'permit' | 'deny',
  idOf: (one: DecisionCase) => string | undefined,
) {
  const asked = new Set(onReference.filter(({ expect }) => expect.decision === decision).map(idOf));
  return [...ids].filter((id) => !asked.has(id));
}

describe.each([...files])('%s', (_file, cases) => {
  it.each(cases)('$description', (one) => {
    const policy = policyOf(one);
    const question = questionOf(one, policy.document);
    expect(decideBothWays(policy, question)).toEqual(expectedOf(one));
    expect(expectedDecision(policy.document, question), 'the specification, read plainly').toEqual(
      expectedOf(one),
    );
  });
});

describe('the cases together', () => {
  it('are at least 170', () => {
    expect(all.length).toBeGreaterThanOrEqual(170);
  });

  it('have a case for every reason', () => {
    const given = new Set<string>(all.map(({ expect }) => expect.reason));
    expect(OF_DECISIONS.filter((reason) => !given.has(reason))).toEqual([]);
  });

  it('show every purpose permitted and denied', () => {
    expect(without(reference.purposes.keys(), 'permit', purposeOf)).toEqual([]);
    expect(without(reference.purposes.keys(), 'deny', purposeOf)).toEqual([]);
  });

  it('show every category permitted and denied', () => {
    expect(without(CATEGORIES, 'permit', categoryOf)).toEqual([]);
    expect(without(CATEGORIES, 'deny', categoryOf)).toEqual([]);
  });

  it('show every regime permitted and denied', () => {
    const regimeOf = ({ user }: DecisionCase) =>
      typeof user === 'object' && 'region' in user && user.region !== 'unknown'
        ? expectedRegime(reference.document, user.region)
        : undefined;
    const regimes = reference.document.regimes.map(({ id }) => id);
    expect(without(regimes, 'permit', regimeOf)).toEqual([]);
    expect(without(regimes, 'deny', regimeOf)).toEqual([]);
  });

  it('ask about every field', () => {
    const asked = new Set(all.map(({ request }) => request.field));
    expect([...reference.fields.keys()].filter((field) => !asked.has(field))).toEqual([]);
  });

  it('use every variant of the policy', () => {
    const used = new Set(all.map(({ policy }) => policy ?? REFERENCE_NAME));
    expect([...policies.keys()].filter((name) => !used.has(name))).toEqual([]);
  });

  it('never ask the same twice, nor say the same twice', () => {
    const questions = all.map(({ policy, user, client, request }) =>
      JSON.stringify([policy, user, client, request]),
    );
    expect(twice(questions)).toEqual([]);
    expect(twice(all.map(({ description }) => description))).toEqual([]);
  });
});

describe('a case file', () => {
  it('names the schema that editors complete from', () => {
    const folder = new URL('.', import.meta.url);
    const wrong = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .filter((file) => {
        const schema = file.startsWith('policies/') ? 'variant.schema.json' : 'case.schema.json';
        const [line] = readFileSync(new URL(file, folder), 'utf8').split('\n');
        return line !== `# yaml-language-server: $schema=./${schema}`;
      });
    expect(wrong).toEqual([]);
  });

  const sound = {
    description: 'anyone may be asked about their name',
    user: { region: 'DE', age_band: 'adult' },
    request: { purpose: 'service', field: 'public.name' },
    expect: { decision: 'permit', reason: 'permitted' },
  };

  it('is read when it has the shape of the schema', () => {
    expect(casesOf(JSON.stringify([sound]))).toEqual([sound]);
  });

  it.each([
    ['a case', { ...sound, users: 'unknown' }],
    ['a user', { ...sound, user: { ...sound.user, regime: 'UK' } }],
    ['a request', { ...sound, request: { ...sound.request, actors: 'human' } }],
    ['an expectation', { ...sound, expect: { ...sound.expect, obligation: 'pseudonymise' } }],
    ['a deny', { ...sound, expect: { decision: 'deny', reason: 'age', obligations: ['pseudonymise'] } }],
  ])('is refused when it has an unknown member in %s', (_where, broken) => {
    expect(() => casesOf(JSON.stringify([broken]))).toThrow(/case\.schema\.json/);
  });

  it.each(OF_DECISIONS.filter((reason) => reason !== 'permitted'))('may expect a deny for %s', (reason) => {
    const denied = { ...sound, expect: { decision: 'deny', reason } };
    expect(casesOf(JSON.stringify([denied]))).toEqual([denied]);
  });

  it('is refused when it names a reason that there is not', () => {
    const broken = { ...sound, expect: { decision: 'deny', reason: 'because' } };
    expect(() => casesOf(JSON.stringify([broken]))).toThrow(/case\.schema\.json/);
  });
});
