/** The transport for tests takes only what a service would take: else a test passes on what cannot be. */
import { describe, expect, test } from 'vitest';
import { type PolicyDocument, type TestUser, inProcess } from '../../src/in-process.js';
import type { Question } from '../../src/terms/question.js';
import { REFERENCE } from '../../../test/reference-policy.js';

const { signal } = new AbortController();
const USER: TestUser = { region: 'US-CA', age_band: 'adult' };
const [FIRST] = REFERENCE.purposes;
const PURPOSE = REFERENCE.purposes.find(({ notice }) => notice !== undefined) ?? FIRST;

/** What the compiler would not let through. */
function untyped<T>(value: unknown): T {
  return JSON.parse(JSON.stringify(value));
}

describe('a user', () => {
  const choosing = (said: unknown) => ({ ...USER, choices: { [PURPOSE?.id ?? '']: said } });
  test.each<[string, unknown]>([
    ['has an age band that there is not', { ...USER, age_band: 'Adult' }],
    ['has no age band', { region: 'US-CA' }],
    ['has no region', { age_band: 'adult' }],
    ['has a region in lower case', { ...USER, region: 'us-ca' }],
    ['has a region of no country', { ...USER, region: 'XX' }],
    ['has a country by a code that ISO does not give', { ...USER, region: 'UK' }],
    ['has a part of no country', { ...USER, region: 'XX-CA' }],
    ['has the name of a region', { ...USER, region: 'California' }],
    ['made a choice that there is not', choosing('yes')],
    ['made a choice in an object that there is not', choosing({ choice: true })],
    ['made no choice', choosing(null)],
    ['was shown half a notice', choosing({ choice: 'granted', notice: 0.5 })],
    ['was shown a notice in words', choosing({ choice: 'granted', notice: '1' })],
    ['was shown a notice before the first', choosing({ choice: 'granted', notice: -1 })],
    ['was shown a notice that is not there yet', choosing({ choice: 'granted', notice: 1_000 })],
    ['chose for a purpose that there is not', { ...USER, choices: { 'no.such.purpose': 'granted' } }],
    ['sends a signal in words', { ...USER, gpc: 'no' }],
    ['has a level of no group', { ...USER, visibility: { 'no-such-group': 'only_me' } }],
    ['has a level that there is not', { ...USER, visibility: { posts: 'friends' } }],
    ['is nothing', null],
  ])('who %s is refused in words', (_what, user) => {
    const transport = inProcess({ policy: REFERENCE });
    expect(() => transport.put('u', untyped(user))).toThrow(/: (correct|send|name)/);
    expect(() => inProcess({ policy: REFERENCE, users: { u: untyped<TestUser>(user) } })).toThrow(Error);
  });

  test('who is called as all users call themselves is refused', () => {
    expect(() => inProcess({ policy: REFERENCE }).put('me', USER)).toThrow('`me`');
  });

  test('of whom anything is said that a service takes is taken', () => {
    const transport = inProcess({ policy: REFERENCE });
    for (const region of ['DE', 'US', 'US-CA', 'CN-HK', 'unknown'])
      for (const age_band of ['adult', 'minor', 'unknown'] as const)
        transport.put('u', {
          region,
          age_band,
          choices: { [PURPOSE?.id ?? '']: { choice: 'granted', notice: 0 } },
        });
  });
});

describe('a policy', () => {
  const changed = (change: (policy: Record<string, Record<string, unknown>[]>) => void): PolicyDocument => {
    const policy = JSON.parse(JSON.stringify(REFERENCE));
    change(policy);
    return policy;
  };
  const first = (list: string, change: object) =>
    changed((policy) => Object.assign(policy[list]?.[0] ?? {}, change));
  const settings = Object.fromEntries(REFERENCE.regimes.map(({ id }) => [id, 'sometimes']));
  test.each<[string, PolicyDocument]>([
    ['a setting', first('purposes', { settings })],
    ['a category of a purpose', first('purposes', { categories: ['secret'] })],
    ['a condition', first('purposes', { conditions: ['full_moon'] })],
    ['a provenance of a purpose', first('purposes', { provenance: ['found'] })],
    ['a consistency', first('purposes', { consistency: 'sure' })],
    ['half a notice', first('purposes', { notice: 1.5 })],
    ['a category of a field', first('fields', { category: 'secret' })],
    ['a provenance of a field', first('fields', { provenance: 'found' })],
    [
      'a category of a level',
      changed((policy) => {
        const levels = policy['visibility']?.[0]?.['levels'];
        if (Array.isArray(levels)) Object.assign(levels[0], { category: 'secret' });
      }),
    ],
  ])('with %s that there is not is refused in words', (_what, policy) => {
    expect(() => inProcess({ policy })).toThrow(/is none of|is no notice/);
  });
});

test('what is answered shares no list with the policy', async () => {
  const transport = inProcess({ policy: REFERENCE, users: { u: USER } });
  const question: Question = { purpose: 'ads.personalised', user: 'u', field: 'member.skills' };
  const obligationsOf = async () => {
    const [answer] = await transport.evaluate([question], signal);
    return answer?.permitted === true ? answer.obligations : expect.unreachable();
  };
  const obligations = await obligationsOf();
  expect(obligations).toEqual(['min_cohort_300']);
  expect(() => Array.prototype.pop.call(obligations)).toThrow(TypeError);
  expect(await obligationsOf()).toEqual(['min_cohort_300']);
});
