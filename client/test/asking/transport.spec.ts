/** What every transport must do, held against the service over HTTP and against the one for tests. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Question } from '../../src/terms/question.js';
import type { Transport } from '../../src/transport.js';
import { everywhere, httpTransport } from '../people.js';

const PURPOSES = ['service', 'ads.personalised', 'research'];
const GIVEN = {
  'contract-open': { region: 'US-CA', age_band: 'adult' },
  'contract-closed': { region: 'US-CA', age_band: 'adult', choices: { 'ads.personalised': 'denied' } },
} as const;
const { signal } = new AbortController();

const made: Record<string, Transport> = {};
const transportOf = (name: string): Transport => made[name] ?? expect.unreachable(name);

beforeAll(async () => {
  made['in process'] = await everywhere(GIVEN, PURPOSES);
  made['over HTTP'] = await httpTransport(PURPOSES);
  return () => made['over HTTP']?.close();
});

const question = (user: string, more: Partial<Question> = {}): Question => ({
  purpose: 'ads.personalised',
  field: 'member.skills',
  user,
  ...more,
});

describe.each(['in process', 'over HTTP'])('a transport %s', (name) => {
  test('answers each question in its place', async () => {
    const answers = await transportOf(name).evaluate(
      [
        question('contract-closed'),
        question('contract-open'),
        question('nobody-is-called-so'),
        question('contract-open', { field: 'no.such.field' }),
        question('contract-open', { purpose: 'no.such.purpose' }),
      ],
      signal,
    );
    expect(answers.map(({ reason }) => reason)).toEqual([
      'opted_out',
      'permitted',
      'unknown_user',
      'unknown_field',
      'unknown_purpose',
    ]);
    expect(answers.map(({ permitted }) => permitted)).toEqual([false, true, false, false, false]);
  });

  test('tells what a permit rests on and obliges to, and why a denial is one', async () => {
    const [permit, denial] = await transportOf(name).evaluate(
      [question('contract-open'), question('contract-closed')],
      signal,
    );
    const basis = { policy: expect.stringMatching(/./), revision: expect.stringMatching(/./) };
    expect(permit).toEqual({
      permitted: true,
      reason: 'permitted',
      obligations: ['min_cohort_300'],
      ...basis,
    });
    expect(denial).toEqual({
      permitted: false,
      reason: 'opted_out',
      message: 'the user denied the purpose, or one it depends on',
      ...basis,
    });
  });

  test.each([
    ['a user whose id is spelled as none is', { user: 'contract-open ' }],
    ['a user whose id has a control character', { user: 'a\u0000b' }],
    ['half a character', { user: '\ud800' }],
    ['a level that there is not', { field: 'post.text', visibility: 'friends' }],
    ['a level of a field that has none', { visibility: 'only_me' }],
    ['a token that nobody issued', { context: { consistency_token: 'never' } }],
    ['a user who acts and cannot be', { context: { on_behalf_of: ' ' } }],
  ])('denies %s in its place, and answers the others', async (_what, more) => {
    const answers = await transportOf(name).evaluate(
      [question('contract-open', more), question('contract-open')],
      signal,
    );
    expect(answers.map(({ reason }) => reason)).toEqual(['invalid_question', 'permitted']);
  });

  test('denies a purpose that is not the client’s', async () => {
    const [answer] = await transportOf(name).evaluate([question('contract-open', { purpose: 'ai' })], signal);
    expect(answer).toMatchObject({ permitted: false, reason: 'purpose_not_allowed_for_client' });
  });

  test('answers about each user of an audience in their place', async () => {
    const fields = ['member.age_range', 'member.skills', 'no.such.field'];
    const users = ['contract-open', '', 'contract-closed', 'contract-open', 'nobody-is-called-so'];
    const part = await transportOf(name).audience({ purpose: 'ads.personalised', fields }, users, signal);
    expect(part).toMatchObject({ obligations: ['min_cohort_300'], policy: expect.any(String) });
    expect(part.users).toEqual([['member.skills'], expect.stringMatching(/./), [], ['member.skills'], []]);
  });

  test('obliges to nothing in an audience of which nothing is permitted', async () => {
    const asked = { purpose: 'ads.personalised', fields: ['member.skills'] };
    const part = await transportOf(name).audience(asked, ['contract-closed'], signal);
    expect(part).toMatchObject({ users: [[]], obligations: [] });
  });

  test.each([
    ['a purpose that is not the client’s', { purpose: 'ai' }, 'purpose_not_allowed'],
    ['a token that nobody issued', { context: { consistency_token: 'never' } }, 'invalid_request'],
  ])('refuses an audience for %s', async (_what, more, code) => {
    const asked = { purpose: 'ads.personalised', fields: ['member.skills'], ...more };
    await expect(transportOf(name).audience(asked, ['contract-open'], signal)).rejects.toMatchObject({
      reason: 'refused',
      code,
    });
  });

  test('asks nothing for a caller who has given up', async () => {
    const given = AbortSignal.abort();
    await expect(transportOf(name).evaluate([question('contract-open')], given)).rejects.toMatchObject({
      reason: 'aborted',
    });
    const asked = { purpose: 'ads.personalised', fields: ['member.skills'] };
    await expect(transportOf(name).audience(asked, ['contract-open'], given)).rejects.toMatchObject({
      reason: 'aborted',
    });
  });
});
