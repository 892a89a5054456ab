/** What a user must be asked, as the page that asks them reads it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import { idsAt, listAt, settingOf, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

const OPT_INS = [
  'ads.personalised',
  'ads.inferred',
  'ads.off_platform',
  'ads.partner_data',
  'ads.measurement',
  'ads.insights',
  'recruiting',
  'security.harm_detection',
];
const BELOW_AN_OPT_IN = new Set(['ads.inferred', 'ads.off_platform', 'ads.partner_data']);

let service: Service;
let people: People;
let accounts: string;

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
  accounts = await service.token({ sub: 'accounts', purposes: [], scope: 'settings:read choices:write' });
});

afterAll(() => service.stop());

async function promptsOf(user: string, headers: Record<string, string> = {}) {
  const reply = await service.request('GET', `/v1/users/${user}/prompts`, { token: accounts, headers });
  expect(reply, JSON.stringify(reply.body)).toMatchObject({ status: 200 });
  return reply.body;
}

const askedOf = async (user: string) => idsAt(await promptsOf(user), 'prompts', 'purpose');

describe('a user', () => {
  test('is asked for each opt-in, on terms that can be shown and granted as they are', async () => {
    await people.register('anna', 'DE');
    const body = await promptsOf('anna', { 'accept-language': 'de' });
    expect(idsAt(body, 'prompts', 'purpose')).toEqual(OPT_INS);
    expect(body).toMatchObject({ user: 'anna', language: 'de', not_before: [] });
    const settings = await people.settings('anna');
    for (const prompt of listAt(body, 'prompts')) {
      const purpose = textAt(prompt, 'purpose');
      const needs = BELOW_AN_OPT_IN.has(purpose) ? ['ads.personalised'] : [];
      expect(prompt).toMatchObject({ because: 'default', needs, notice: { version: 1, language: 'de' } });
      const notice = await service.request('GET', `/v1/notices/${purpose}?language=de`, { token: accounts });
      expect(notice.body).toMatchObject({
        title: textAt(prompt, 'title'),
        hash: textAt(prompt, 'notice', 'hash'),
        data: listAt(prompt, 'data'),
      });
      expect(settingOf(settings, purpose)).toMatchObject({ on: false, offers: ['granted', 'denied'] });
    }
    const answers = listAt(body, 'prompts').map((prompt) => ({
      purpose: textAt(prompt, 'purpose'),
      choice: 'granted',
      notice: valueAt(prompt, 'notice', 'version'),
    }));
    const granted = await service.request('PUT', '/v1/users/anna/choices', {
      token: accounts,
      body: { choices: answers, language: 'de' },
    });
    expect(granted).toMatchObject({ status: 200, body: { changed: true } });
    const after = await people.settings('anna');
    for (const purpose of OPT_INS) expect(settingOf(after, purpose)).toMatchObject({ on: true });
    expect(await askedOf('anna')).toEqual([]);
  });

  test('is asked once: an answer, either way, ends the question', async () => {
    await people.register('bela', 'DE');
    const before = Date.now();
    await people.choose('bela', 'recruiting', 'denied');
    await people.choose('bela', 'ads.insights', 'granted');
    const body = await promptsOf('bela');
    const asked = idsAt(body, 'prompts', 'purpose');
    expect(asked).toEqual(OPT_INS.filter((id) => id !== 'recruiting' && id !== 'ads.insights'));
    expect(idsAt(body, 'not_before', 'purpose')).toEqual(['recruiting']);
    const days = (Date.parse(textAt(body, 'not_before', 0, 'from')) - before) / (24 * 60 * 60 * 1000);
    expect(days).toBeCloseTo(365, 1);
  });

  test('is not asked for what their age, their law or their signal closes', async () => {
    await people.register('carl', 'DE', 'minor');
    expect(await askedOf('carl')).not.toContain('ads.inferred');
    await people.register('dora', 'US-CA');
    await service.request('POST', '/v1/users/dora/signals', { token: accounts, body: { signal: 'gpc' } });
    const body = await promptsOf('dora');
    expect(idsAt(body, 'prompts', 'purpose')).toEqual(['recruiting', 'security.harm_detection']);
    expect(idsAt(body, 'not_before', 'purpose')).toEqual([
      'ads.off_platform',
      'ads.partner_data',
      'share.affiliates',
    ]);
  });

  test('is asked again after a move to where the grant does not count', async () => {
    await people.register('emil', 'BR');
    await people.choose('emil', 'ads.inferred', 'granted');
    await people.register('emil', 'DE');
    const body = await promptsOf('emil');
    const prompt = listAt(body, 'prompts').find((one) => valueAt(one, 'purpose') === 'ads.inferred');
    expect(prompt).toMatchObject({ because: 'notice' });
  });

  test('is asked nothing before anybody knows who they are', async () => {
    expect(await promptsOf('stranger')).toMatchObject({ prompts: [], not_before: [] });
  });
});

test('prompts are for the user and for services that may read settings', async () => {
  const own = await service.token({ sub: 'anna' });
  expect(await service.request('GET', '/v1/users/me/prompts', { token: own })).toMatchObject({ status: 200 });
  for (const token of [
    await service.token({ sub: 'someone' }),
    await service.token({ sub: 'pep', purposes: [], scope: 'choices:write' }),
    await service.token({ sub: 'admin', roles: ['policy_admin'] }),
  ])
    expect(await service.request('GET', '/v1/users/anna/prompts', { token })).toMatchObject({
      status: 403,
      body: { type: 'urn:assent:problem:caller_not_allowed' },
    });
});
