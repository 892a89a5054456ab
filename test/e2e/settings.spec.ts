/** Users and their settings, as a user sees them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import { EVALUATION, EVALUATIONS, PURPOSES, mayRead } from './questions.js';
import { rawRequest } from './raw-request.js';
import { idsAt, idsOf, listAt, settingOf, textAt, valueAt } from './replies.js';
import { type Reply, type Service, startService } from './service.js';
import { tokenAt } from './tokens.js';

const ALWAYS_ON = [
  'ads',
  'legal',
  'rights',
  'security.investigation',
  'security.malware_scan',
  'safety.report_review',
  'service',
  'service.messaging',
];

let service: Service;
let people: People;
/** Of a revision that these tests do not come to. */
let future: string;
/** Of a service that may ask for every purpose. */
let asking: string;
/** Of a service that looks after users and their settings. */
let accounts: string;

beforeAll(async () => {
  service = await startService({ CONSISTENCY_WAIT_MS: '50' });
  people = await peopleOf(service);
  future = tokenAt(await people.register('first', 'DE'), 1_000_000);
  asking = await service.token({ sub: 'pep', purposes: PURPOSES });
  accounts = await service.token({
    sub: 'accounts',
    purposes: [],
    scope: 'users:write settings:read choices:write',
  });
});

afterAll(() => service.stop());

/** What the user does with their own settings. */
async function as(user: string) {
  const token = await service.token({ sub: user });
  return {
    settings: async () => (await service.request('GET', '/v1/users/me/settings', { token })).body,
    choose: (purpose: string, choice: unknown) =>
      service.request('PUT', `/v1/users/me/choices/${purpose}`, {
        token,
        body: { choice, ...(choice === 'granted' ? { notice: 1 } : {}) },
      }),
    signal: (signal: string) => service.request('POST', '/v1/users/me/signals', { token, body: { signal } }),
  };
}

const decide = (purpose: string, user: string, consistencyToken?: string): Promise<Reply> =>
  service.request('POST', EVALUATION, {
    token: asking,
    body: {
      ...mayRead(purpose, user),
      ...(consistencyToken === undefined ? {} : { context: { consistency_token: consistencyToken } }),
    },
  });

const tokenIn = (reply: Reply): string => textAt(reply.body, 'consistency_token');
const onIn = (settings: unknown): string[] =>
  listAt(settings, 'purposes').flatMap((entry) =>
    valueAt(entry, 'on') === true ? [textAt(entry, 'id')] : [],
  );

describe('a profile', () => {
  test('sets the law that a user lives under, and with it what stands while they say nothing', async () => {
    await people.register('german', 'DE');
    await people.register('brazilian', 'BR');
    const inGermany = await people.settings('german');
    const inBrazil = await people.settings('brazilian');
    expect(inGermany).toMatchObject({
      user: 'german',
      known: true,
      region: 'DE',
      regime: 'EU_EEA_CH',
      age_band: 'adult',
      signals: [],
    });
    expect(inBrazil).toMatchObject({ known: true, region: 'BR', regime: 'ROW' });
    expect(settingOf(inGermany, 'ads.inferred')).toMatchObject({
      setting: 'opt_in',
      on: false,
      reason: 'needs_opt_in',
      choice: null,
    });
    expect(settingOf(inBrazil, 'ads.inferred')).toMatchObject({
      setting: 'opt_out',
      on: true,
      reason: 'permitted',
      choice: null,
    });
    expect(settingOf(inGermany, 'share.affiliates')).toMatchObject({
      setting: 'never',
      on: false,
      reason: 'regime_never',
      offers: ['denied'],
    });
    expect(settingOf(inBrazil, 'service')).toMatchObject({ setting: 'always', on: true, offers: [] });
  });

  test('settings name every purpose of the policy, in words for people', async () => {
    await people.register('reader', 'FR');
    const purposes = listAt(await people.settings('reader'), 'purposes');
    expect(purposes.map((entry) => textAt(entry, 'id'))).toEqual(PURPOSES);
    for (const entry of purposes) {
      expect(textAt(entry, 'title')).not.toBe('');
      expect(textAt(entry, 'description').length).toBeGreaterThan(40);
    }
  });

  test('settings say what decisions say', async () => {
    await people.register('consistent', 'US-CA');
    await people.choose('consistent', 'ads.personalised', 'denied');
    const on = onIn(await people.settings('consistent'));
    for (const purpose of ['ads.personalised', 'ads.inferred', 'personalise', 'research', 'recruiting', 'ai'])
      expect(valueAt((await decide(purpose, 'consistent')).body, 'decision'), purpose).toBe(
        on.includes(purpose),
      );
  });

  test.each(['DE', 'GB', 'US', 'US-CA', 'BR-SP', 'unknown'])('takes the region %s', async (region) => {
    await people.register('traveller', region);
    expect(await people.settings('traveller')).toMatchObject({ region });
  });

  test.each([
    { region: 'US-CA', regime: 'US_CA' },
    { region: 'US-NY', regime: 'US' },
    { region: 'CH', regime: 'EU_EEA_CH' },
    { region: 'NO', regime: 'EU_EEA_CH' },
    { region: 'GB', regime: 'UK' },
    { region: 'unknown', regime: 'EU_EEA_CH' },
    { region: 'AQ', regime: 'ROW' },
  ])('in $region the law is $regime', async ({ region, regime }) => {
    await people.register('traveller', region);
    expect(await people.settings('traveller')).toMatchObject({ regime });
  });

  test.each([
    'de',
    'us-ca',
    'DEU',
    'XX',
    'ZZ',
    'US-',
    'US-CALIF',
    'UNKNOWN',
    ' DE',
    'DE\n',
    '',
    null,
    49,
    ['DE'],
  ])('refuses the region %j and names the member', async (region) => {
    await people.register('settled', 'DE');
    const reply = await service.request('PUT', '/v1/users/settled', {
      token: accounts,
      body: { region, age_band: 'adult' },
    });
    expect(reply).toMatchObject({ status: 400, body: { member: '/region' } });
    expect(await people.settings('settled')).toMatchObject({ region: 'DE' });
  });

  test.each(['Adult', 'child', '', null, 18, true])('refuses the age band %j', async (ageBand) => {
    const reply = await service.request('PUT', '/v1/users/settled', {
      token: accounts,
      body: { region: 'DE', age_band: ageBand },
    });
    expect(reply).toMatchObject({ status: 400, body: { member: '/age_band' } });
  });

  test('refuses half a profile', async () => {
    for (const [body, member] of [
      [{ region: 'DE' }, '/age_band'],
      [{ age_band: 'adult' }, '/region'],
    ] as const) {
      const reply = await service.request('PUT', '/v1/users/half', { token: accounts, body });
      expect(reply).toMatchObject({ status: 400, body: { member } });
    }
    expect(await people.settings('half')).toMatchObject({ known: false });
  });

  test.each(['minor', 'unknown'])('closes personalised ads to a user of age band %s', async (ageBand) => {
    await people.register('young', 'US-NY', ageBand);
    expect(settingOf(await people.settings('young'), 'ads.personalised')).toMatchObject({
      on: false,
      reason: 'age',
    });
    expect((await decide('ads.personalised', 'young')).body).toMatchObject({
      decision: false,
      context: { reason: 'age' },
    });
  });

  test('that is sent again changes nothing and says so', async () => {
    const send = () =>
      service.request('PUT', '/v1/users/steady', {
        token: accounts,
        body: { region: 'DE', age_band: 'adult' },
      });
    const first = await send();
    const second = await send();
    expect(first).toMatchObject({ status: 200, body: { changed: true } });
    expect(second).toMatchObject({ status: 200, body: { changed: false } });
    expect(tokenIn(second)).toBe(tokenIn(first));
  });
});

describe('a choice', () => {
  test('to opt out shows at once in the settings and in the next decision', async () => {
    await people.register('olga', 'US-NY');
    const olga = await as('olga');
    expect((await decide('ads.personalised', 'olga')).body).toMatchObject({ decision: true });
    const reply = await olga.choose('ads.personalised', 'denied');
    expect(reply).toMatchObject({ status: 200, body: { changed: true } });
    expect(settingOf(await olga.settings(), 'ads.personalised')).toMatchObject({
      choice: 'denied',
      on: false,
      reason: 'opted_out',
    });
    expect((await decide('ads.personalised', 'olga', tokenIn(reply))).body).toMatchObject({
      decision: false,
      context: { reason: 'opted_out', revision: tokenIn(reply) },
    });
  });

  test('to opt out holds in the very next decision, token or not, every time', async () => {
    await people.register('otto', 'US-NY');
    const otto = await as('otto');
    for (let time = 0; time < 20; time++) {
      await otto.choose('personalise', 'denied');
      expect((await decide('personalise', 'otto')).body).toMatchObject({ decision: false });
      await otto.choose('personalise', 'granted');
      expect((await decide('personalise', 'otto')).body).toMatchObject({ decision: true });
    }
  });

  test('that closes a purpose closes what builds on it', async () => {
    await people.register('petra', 'US-NY');
    const petra = await as('petra');
    await petra.choose('ads.personalised', 'denied');
    const settings = await petra.settings();
    for (const purpose of ['ads.inferred', 'ads.off_platform', 'ads.partner_data', 'share.affiliates'])
      expect(settingOf(settings, purpose)).toMatchObject({ on: false, choice: null, reason: 'opted_out' });
    expect(settingOf(settings, 'ads')).toMatchObject({ on: true });
  });

  test('to opt in opens the purpose, and withdrawing it takes the same call', async () => {
    await people.register('quentin', 'DE');
    const quentin = await as('quentin');
    await quentin.choose('recruiting', 'granted');
    expect(settingOf(await quentin.settings(), 'recruiting')).toMatchObject({ choice: 'granted', on: true });
    expect((await decide('recruiting', 'quentin')).body).toMatchObject({ decision: true });
    await quentin.choose('recruiting', 'denied');
    expect(settingOf(await quentin.settings(), 'recruiting')).toMatchObject({
      on: false,
      reason: 'opted_out',
    });
  });

  test('that a service records for a user is the choice of that user', async () => {
    await people.register('rosa', 'DE');
    await people.choose('rosa', 'recruiting', 'granted');
    expect(settingOf(await (await as('rosa')).settings(), 'recruiting')).toMatchObject({ on: true });
  });

  test('that stands already changes nothing and says so', async () => {
    await people.register('sven', 'DE');
    const sven = await as('sven');
    for (const choice of ['granted', 'denied']) {
      const first = await sven.choose('recruiting', choice);
      const second = await sven.choose('recruiting', choice);
      expect(first).toMatchObject({ status: 200, body: { changed: true } });
      expect(second).toMatchObject({ status: 200, body: { changed: false } });
      expect(tokenIn(second)).toBe(tokenIn(first));
    }
  });

  test.each(['ads.unheard_of', 'ADS.PERSONALISED', '*', 'all', '__proto__', 'constructor'])(
    'of the unknown purpose %j is a 404',
    async (purpose) => {
      const tina = await as('tina');
      const reply = await tina.choose(encodeURIComponent(purpose), 'denied');
      expect(reply).toMatchObject({
        status: 404,
        body: { type: 'urn:assent:problem:purpose_not_found' },
      });
    },
  );

  test.each(ALWAYS_ON)('of %s, which is always on, is a 409 that says so', async (purpose) => {
    await people.register('ulla', 'DE');
    const ulla = await as('ulla');
    for (const choice of ['denied', 'granted']) {
      const reply = await ulla.choose(purpose, choice);
      expect(reply).toMatchObject({ status: 409, body: { detail: expect.stringContaining('always on') } });
    }
    expect(settingOf(await ulla.settings(), purpose)).toMatchObject({ choice: null, on: true });
  });

  test('to grant what the law closes is a 409, and to deny it is kept', async () => {
    await people.register('vera', 'DE');
    const vera = await as('vera');
    expect(await vera.choose('share.affiliates', 'granted')).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('closed') },
    });
    expect(await vera.choose('share.affiliates', 'denied')).toMatchObject({ status: 200 });
    await people.register('vera', 'BR');
    expect(settingOf(await vera.settings(), 'share.affiliates')).toMatchObject({
      choice: 'denied',
      on: false,
      reason: 'opted_out',
    });
  });

  test.each(['yes', 'Granted', '', null, true, ['granted'], { choice: 'granted' }])(
    'must be granted or denied: %j is a 400',
    async (choice) => {
      const reply = await (await as('walter')).choose('recruiting', choice);
      expect(reply).toMatchObject({ status: 400, body: { member: '/choice' } });
    },
  );
});

describe('a choice whose values are of another type', () => {
  test.each([
    [{ notice: '1' }, '`notice` must be an integer, not a string: send `1` without quotes'],
    [{ notice: 'one' }, '`notice` must be an integer'],
    [{ signal_shown: 'true' }, '`signal_shown` must be a boolean, not a string: send `true` without quotes'],
    [
      { until: 1_917_200_000 },
      '`until` looks like seconds since 1970: send it as RFC 3339, that is `2030-10-02T19:33:20Z`',
    ],
    [{ until: '31.05.2034' }, '`until` has year, month and day in another order'],
  ])('is told how they are sent: %j', async (members, sentence) => {
    const path = '/v1/users/typist/choices/recruiting';
    const body = { choice: 'granted', ...members };
    const reply = await service.request('PUT', path, { token: accounts, body });
    expect(reply).toMatchObject({ status: 400, body: { detail: expect.stringContaining(sentence) } });
  });
});

describe('the answer to a choice', () => {
  const entriesOf = async (token: string) =>
    listAt((await service.request('GET', '/v1/users/me/history', { token })).body, 'events');
  const put = (token: string, path: string, body: object, language = 'en') =>
    service.request('PUT', `/v1/users/me/${path}`, {
      token,
      body,
      headers: { 'accept-language': language },
    });

  test('says what stands now, why, and since when', async () => {
    await people.register('told', 'US-CA');
    const token = await service.token({ sub: 'told' });
    const denied = await put(token, 'choices/ads.personalised', { choice: 'denied' });
    const [, entry] = await entriesOf(token);
    expect(denied.body).toMatchObject({ changed: true, on: false, because: 'choice', needs: [] });
    expect(textAt(denied.body, 'holds_from')).toBe(textAt(entry, 'at'));
    expect(textAt(denied.body, 'why')).toContain('You turned this off');
    expect(denied.headers.get('content-language')).toBe('en');
  });

  test('says that a grant opens nothing while a purpose is off that it needs', async () => {
    await people.register('child', 'US-CA');
    const token = await service.token({ sub: 'child' });
    await put(token, 'choices/ads.personalised', { choice: 'denied' });
    const granted = await put(token, 'choices/ads.inferred', { choice: 'granted', language: 'de' }, 'en');
    expect(granted.body).toMatchObject({
      changed: true,
      on: false,
      because: 'dependency',
      dependency: 'ads.personalised',
      needs: ['ads.personalised'],
      why: expect.stringContaining('„Personalisierte Anzeigen“'),
    });
    expect(granted.headers.get('content-language')).toBe('de');
    expect(settingOf(await people.settings('child'), 'ads.personalised')).toMatchObject({
      also_opens: expect.arrayContaining(['ads.inferred']),
    });
    const opened = await put(token, 'choices/ads.personalised', { choice: 'granted' });
    expect(opened.body).toMatchObject({ on: true, because: 'choice', needs: [] });
    expect(settingOf(await people.settings('child'), 'ads.inferred')).toMatchObject({ on: true });
  });

  test('says since when what was said before holds', async () => {
    await people.register('again', 'US-CA');
    const token = await service.token({ sub: 'again' });
    const first = await put(token, 'choices/ai', { choice: 'denied' });
    const again = await put(token, 'choices/ai', { choice: 'denied' });
    expect(again.body).toMatchObject({ changed: false, holds_from: textAt(first.body, 'holds_from') });
    const many = await put(token, 'choices', {
      choices: [
        { purpose: 'ai', choice: 'denied' },
        { purpose: 'ads.personalised', choice: 'denied' },
        { purpose: 'ads.inferred', choice: 'granted' },
      ],
    });
    const at = textAt((await entriesOf(token)).at(-1), 'at');
    expect(many.body).toMatchObject({
      changed: true,
      holds_from: at,
      changes: [
        { purpose: 'ai', changed: false, on: false, holds_from: textAt(first.body, 'holds_from') },
        { purpose: 'ads.personalised', changed: true, on: false, because: 'choice', holds_from: at },
        {
          purpose: 'ads.inferred',
          changed: true,
          on: false,
          because: 'dependency',
          needs: ['ads.personalised'],
          holds_from: at,
        },
      ],
    });
  });

  test('of somebody who is not known yet says so', async () => {
    const token = await service.token({ sub: 'nobody yet' });
    const { body } = await put(token, 'choices/ai', { choice: 'denied' });
    expect(body).toMatchObject({ changed: true, on: false, because: 'unknown_user' });
  });
});

describe('settings for people', () => {
  const inLanguage = async (user: string, language: string) =>
    service.request('GET', `/v1/users/${user}/settings`, {
      token: accounts,
      headers: { 'accept-language': language },
    });

  test('come in the language that is asked for, whole', async () => {
    await people.register('jens', 'CH');
    const reply = await inLanguage('jens', 'de-CH, en;q=0.5');
    expect(reply.headers.get('content-language')).toBe('de');
    expect(reply.headers.get('vary')).toMatch(/accept-language/i);
    expect(reply.body).toMatchObject({
      language: 'de',
      languages: ['en', 'de'],
      regime: 'EU_EEA_CH',
      regime_title: 'Europäische Union, EWR und Schweiz',
    });
    expect(settingOf(reply.body, 'ai')).toMatchObject({
      title: 'Training von KI',
      because: 'default',
      why: expect.stringContaining('bis Sie es ausschalten'),
      notice: { version: 1, language: 'de', accepted: null },
    });
  });

  test.each(['settings', 'prompts', 'choices/recruiting'])(
    'of %s are in the language that the address names, before that of the browser',
    async (what) => {
      await people.register('asked', 'DE');
      const token = await service.token({ sub: 'asked' });
      const languageOf = async (language: string) => {
        const { headers, status } = await service.request(
          'GET',
          `/v1/users/me/${what}?language=${language}`,
          {
            token,
            headers: { 'accept-language': 'en' },
          },
        );
        return status === 200 ? headers.get('content-language') : status;
      };
      expect(await languageOf('de-AT')).toBe('de');
      expect(await languageOf('fr')).toBe('en');
      for (const none of ['', 'd', 'de_AT', 'de;q=1', `de${'-abcdefgh'.repeat(4)}`])
        expect(await languageOf(encodeURIComponent(none)), none).toBe(400);
    },
  );

  test.each([`${'x,'.repeat(4_000)}de`, ';;;', '*;q=0', 'de;q=0', '__proto__'])(
    'come in the first language, whatever the header says: %j',
    async (language) => {
      await people.register('jens', 'CH');
      const reply = await inLanguage('jens', language);
      expect(reply).toMatchObject({ status: 200, body: { language: 'en' } });
    },
  );

  test('say who said what, how and when', async () => {
    await people.register('karla', 'US-CA');
    const before = Date.now();
    await (await as('karla')).choose('ai', 'denied');
    await people.choose('karla', 'research', 'denied');
    await (await as('karla')).signal('gpc');
    const settings = await people.settings('karla');
    const own = settingOf(settings, 'ai');
    expect(own).toMatchObject({
      because: 'choice',
      why: expect.stringMatching(/^You turned this off on \d+ \w+ \d{4}\.$/),
      set_by: { kind: 'user', via: 'settings' },
    });
    expect(Math.abs(Date.parse(textAt(own, 'set_at')) - before)).toBeLessThan(60_000);
    expect(settingOf(settings, 'research')).toMatchObject({ set_by: { kind: 'service', via: 'settings' } });
    expect(settingOf(settings, 'ads.off_platform')).toMatchObject({
      because: 'signal',
      set_by: { kind: 'user' },
      why: expect.stringContaining('Global Privacy Control'),
    });
    expect(settingOf(settings, 'improve')).toMatchObject({ because: 'default', set_by: null, set_at: null });
    expect(settingOf(settings, 'ai.generative')).toMatchObject({
      because: 'dependency',
      dependency: 'ai',
      needs: ['ai'],
      why: expect.stringContaining('“Training AI”'),
    });
  });

  test('say what a no would close besides, and it does', async () => {
    await people.register('lars', 'US-NY');
    const before = await people.settings('lars');
    const closes = listAt(settingOf(before, 'ads.personalised'), 'also_closes');
    expect(closes).toEqual(['ads.inferred', 'ads.off_platform', 'ads.partner_data', 'share.affiliates']);
    await people.choose('lars', 'ads.personalised', 'denied');
    const after = onIn(await people.settings('lars'));
    expect(onIn(before).filter((id) => !after.includes(id))).toEqual(['ads.personalised', ...closes]);
  });

  test('say which data a purpose opens, and decisions open no other', async () => {
    await people.register('mona', 'US-NY');
    const entry = settingOf(await people.settings('mona'), 'personalise');
    const told = listAt(entry, 'data').flatMap((one) => idsAt(one, 'fields', 'id'));
    const found = await service.request('POST', '/access/v1/search/resource', {
      token: asking,
      body: {
        subject: { type: 'purpose', id: 'personalise' },
        action: { name: 'read' },
        resource: { type: 'field', properties: { user: 'mona' } },
      },
    });
    expect([...new Set(told)].toSorted()).toEqual(idsOf(found.body).toSorted());
  });

  test('say on which notice the user agreed', async () => {
    await people.register('nils', 'DE');
    await people.choose('nils', 'recruiting', 'granted');
    expect(settingOf(await people.settings('nils'), 'recruiting')).toMatchObject({
      notice: { version: 1, accepted: 1 },
    });
  });
});

describe('the notice that a user was shown', () => {
  const granted = (notice: unknown, choice = 'granted') =>
    service.request('PUT', '/v1/users/oskar/choices/recruiting', {
      token: accounts,
      body: { choice, notice, language: 'de' },
    });

  test('must be the present one for a grant, and the answer says which that is', async () => {
    await people.register('oskar', 'DE');
    expect(await granted(2)).toMatchObject({
      status: 409,
      body: {
        type: 'urn:assent:problem:notice_not_current',
        member: '/notice',
        detail: expect.stringContaining('`recruiting` is 1'),
      },
    });
    expect(settingOf(await people.settings('oskar'), 'recruiting')).toMatchObject({ choice: null });
    expect(await granted(1)).toMatchObject({ status: 200, body: { changed: true } });
  });

  test('does not stand in the way of a no', async () => {
    expect(await granted(7, 'denied')).toMatchObject({ status: 200 });
    expect(settingOf(await people.settings('oskar'), 'recruiting')).toMatchObject({ choice: 'denied' });
  });

  test.each(['1', -1, 1.5, null, 100_000])('is a number of a notice: %j is a 400', async (notice) => {
    expect(await granted(notice)).toMatchObject({ status: 400, body: { member: '/notice' } });
  });

  test.each(['', 'German!', 'de_DE', 'd', 'x'.repeat(40), 7])(
    'is in a language: %j is a 400',
    async (language) => {
      const reply = await service.request('PUT', '/v1/users/oskar/choices/recruiting', {
        token: accounts,
        body: { choice: 'denied', language },
      });
      expect(reply).toMatchObject({ status: 400, body: { member: '/language' } });
    },
  );
});

describe('a grant of an opt-in', () => {
  const send = (user: string, path: string, body: unknown) =>
    service.request('PUT', `/v1/users/${user}/${path}`, { token: accounts, body });

  test('names the notice that the user was shown: nothing is taken to have been shown', async () => {
    await people.register('wanda', 'DE');
    const needed = { type: 'urn:assent:problem:notice_needed', detail: expect.stringContaining('is 1') };
    const one = await send('wanda', 'choices/recruiting', { choice: 'granted' });
    expect(one).toMatchObject({ status: 409, body: { ...needed, member: '/notice' } });
    const several = await send('wanda', 'choices', {
      choices: [
        { purpose: 'ai', choice: 'denied' },
        { purpose: 'recruiting', choice: 'granted' },
      ],
    });
    expect(several).toMatchObject({ status: 409, body: { ...needed, member: '/choices/1/notice' } });
    const settings = await people.settings('wanda');
    expect(settingOf(settings, 'recruiting')).toMatchObject({ choice: null, on: false });
    expect(settingOf(settings, 'ai')).toMatchObject({ choice: null });
    const named = await send('wanda', 'choices/recruiting', { choice: 'granted', notice: 1 });
    expect(named).toMatchObject({ status: 200, body: { changed: true } });
  });

  test('needs no notice to be taken back, nor where the law asks for no consent', async () => {
    await people.register('xaver', 'DE');
    await people.choose('xaver', 'recruiting', 'granted');
    expect(await send('xaver', 'choices/recruiting', { choice: 'denied' })).toMatchObject({ status: 200 });
    expect(await send('xaver', 'choices/ai', { choice: 'granted' })).toMatchObject({ status: 200 });
  });

  test('was shown in a language that its notice is written in', async () => {
    await people.register('yves', 'DE');
    const grant = (language: string) =>
      send('yves', 'choices/recruiting', { choice: 'granted', notice: 1, language });
    expect(await grant('fr')).toMatchObject({
      status: 409,
      body: {
        type: 'urn:assent:problem:notice_not_current',
        detail: expect.stringContaining('`en`, `de`'),
        member: '/language',
      },
    });
    expect(await grant('de-AT')).toMatchObject({ status: 200, body: { changed: true } });
  });
});

describe('what a service did for a user', () => {
  test('is told as that: who acted, and for whom', async () => {
    await people.register('zora', 'DE');
    await people.choose('zora', 'recruiting', 'granted');
    await (await as('zora')).choose('ai', 'denied');
    const token = await service.token({ sub: 'zora' });
    const told = async (purpose: string) =>
      (await service.request('GET', `/v1/users/me/choices/${purpose}`, { token })).body;
    expect(await told('recruiting')).toMatchObject({
      why: expect.stringMatching(/^The service “accounts” turned this on for you on /),
      set_by: { kind: 'service', service: 'accounts', via: 'settings' },
    });
    expect(await told('ai')).toMatchObject({ why: expect.stringMatching(/^You turned this off on /) });
    expect(valueAt(await told('ai'), 'set_by')).toEqual({ kind: 'user', via: 'settings' });
  });

  test('one purpose stands as all of the settings have it, and one that there is not is not found', async () => {
    const token = await service.token({ sub: 'zora' });
    const get = (path: string) => service.request('GET', `/v1/users/me/${path}`, { token });
    const { body } = await get('settings');
    expect((await get('choices/recruiting')).body).toEqual({
      user: 'zora',
      policy: textAt(body, 'policy'),
      ...Object(settingOf(body, 'recruiting')),
    });
    expect(await get('choices/ads.unheard_of')).toMatchObject({
      status: 404,
      body: { type: 'urn:assent:problem:purpose_not_found' },
    });
  });
});

describe('several choices together', () => {
  const choose = (user: string, body: unknown) =>
    service.request('PUT', `/v1/users/${user}/choices`, { token: accounts, body });

  test('are all recorded, and the answer says which changed anything', async () => {
    await people.register('paul', 'DE');
    await people.choose('paul', 'ai', 'denied');
    const reply = await choose('paul', {
      choices: [
        { purpose: 'recruiting', choice: 'granted', notice: 1 },
        { purpose: 'ai', choice: 'denied' },
        { purpose: 'research', choice: 'denied' },
      ],
      language: 'en',
    });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        changed: true,
        changes: [
          { purpose: 'recruiting', choice: 'granted', changed: true },
          { purpose: 'ai', choice: 'denied', changed: false },
          { purpose: 'research', choice: 'denied', changed: true },
        ],
      },
    });
    const settings = await people.settings('paul');
    expect(settings).toMatchObject({ revision: tokenIn(reply) });
    expect(settingOf(settings, 'recruiting')).toMatchObject({ on: true });
    expect(settingOf(settings, 'research')).toMatchObject({ on: false });
  });

  test.each([
    [{ purpose: 'ads', choice: 'denied' }, 409, 'choice_not_offered', '/choices/1/choice'],
    [{ purpose: 'share.affiliates', choice: 'granted' }, 409, 'choice_not_offered', '/choices/1/choice'],
    [{ purpose: 'ads.unheard_of', choice: 'denied' }, 404, 'purpose_not_found', '/choices/1/purpose'],
    [{ purpose: 'recruiting', choice: 'granted', notice: 9 }, 409, 'notice_not_current', '/choices/1/notice'],
    [{ purpose: 'ai', choice: 'denied' }, 400, 'invalid_request', '/choices/1/purpose'],
    [{ purpose: 'recruiting', choice: 'maybe' }, 400, 'invalid_request', '/choices/1/choice'],
    [{ choice: 'denied' }, 400, 'invalid_request', '/choices/1/purpose'],
    ['recruiting', 400, 'invalid_request', '/choices/1'],
  ])('are all refused when one of them is: %j', async (second, status, code, member) => {
    await people.register('rita', 'DE');
    const reply = await choose('rita', { choices: [{ purpose: 'ai', choice: 'denied' }, second] });
    expect(reply).toMatchObject({ status, body: { type: `urn:assent:problem:${code}`, member } });
    expect(settingOf(await people.settings('rita'), 'ai')).toMatchObject({ choice: null, on: true });
  });

  test('can be a no to everything that leaves a choice, and then nothing is left on that does', async () => {
    await people.register('stella', 'DE');
    await people.choose('stella', 'recruiting', 'granted');
    const reply = await choose('stella', { choice: 'denied' });
    expect(reply).toMatchObject({ status: 200, body: { changed: true } });
    const settings = await people.settings('stella');
    expect(onIn(settings).toSorted()).toEqual(ALWAYS_ON.toSorted());
    const again = await choose('stella', { choice: 'denied' });
    expect(again).toMatchObject({ status: 200, body: { changed: false } });
    expect(tokenIn(again)).toBe(tokenIn(reply));
    expect(listAt(again.body, 'changes').filter((one) => valueAt(one, 'changed') === true)).toEqual([]);
    // the law closes it there, but the no holds where it does not
    await people.register('stella', 'BR');
    expect(settingOf(await people.settings('stella'), 'share.affiliates')).toMatchObject({
      choice: 'denied',
    });
  });

  test('cannot be a yes to everything: consent names what it is for', async () => {
    await people.register('timo', 'DE');
    expect(await choose('timo', { choice: 'granted' })).toMatchObject({
      status: 400,
      body: { member: '/choice', detail: expect.stringContaining('GDPR article 4(11)') },
    });
    expect(onIn(await people.settings('timo'))).not.toContain('recruiting');
  });

  test.each([{}, { choices: [] }, { choices: {} }, { choices: null }, { choice: 'denied', choices: [] }])(
    'must be plain: %j is a 400',
    async (body) => {
      expect(await choose('timo', body)).toMatchObject({ status: 400 });
    },
  );

  test('are either `choice` or `choices`, and at most five hundred', async () => {
    const one = { purpose: 'ai', choice: 'denied' };
    expect(await choose('timo', { choice: 'denied', choices: [one] })).toMatchObject({ status: 400 });
    const many = Array.from({ length: 501 }, (_, n) => ({ ...one, purpose: `p${n}` }));
    expect(await choose('timo', { choices: many })).toMatchObject({
      status: 400,
      body: { member: '/choices' },
    });
  });

  test('are for the user and for services that may record choices', async () => {
    const own = await service.token({ sub: 'timo' });
    const body = { choices: [{ purpose: 'ai', choice: 'denied' }] };
    expect(await service.request('PUT', '/v1/users/me/choices', { token: own, body })).toMatchObject({
      status: 200,
    });
    const reading = await service.token({ sub: 'page', purposes: [], scope: 'settings:read' });
    expect(
      await service.request('PUT', '/v1/users/timo/choices', { token: reading, body: { choice: 'denied' } }),
    ).toMatchObject({ status: 403 });
    expect(onIn(await people.settings('timo'))).toContain('research');
  });
});

describe('a user who is not registered', () => {
  test('sees everything that is not always on as off', async () => {
    const settings = await (await as('stranger')).settings();
    expect(settings).toMatchObject({ user: 'stranger', known: false, region: 'unknown' });
    expect(onIn(settings).toSorted()).toEqual(ALWAYS_ON.toSorted());
  });

  test('is decided about as unknown', async () => {
    expect((await decide('personalise', 'stranger')).body).toMatchObject({
      decision: false,
      context: { reason: 'unknown_user' },
    });
    expect((await decide('service', 'stranger')).body).toMatchObject({ decision: true });
  });

  test('can opt out, and that holds from the moment they are registered', async () => {
    const early = await as('early');
    expect(await early.choose('personalise', 'denied')).toMatchObject({
      status: 200,
      body: { changed: true },
    });
    expect(await early.settings()).toMatchObject({ known: false });
    const token = await people.register('early', 'US-NY');
    expect(settingOf(await early.settings(), 'personalise')).toMatchObject({
      choice: 'denied',
      on: false,
      reason: 'opted_out',
    });
    expect((await decide('personalise', 'early', token)).body).toMatchObject({
      decision: false,
      context: { reason: 'opted_out' },
    });
    expect((await decide('improve', 'early', token)).body).toMatchObject({ decision: true });
  });

  test('can opt in, and that counts only once they are registered', async () => {
    const eager = await as('eager');
    const token = tokenIn(await eager.choose('recruiting', 'granted'));
    expect((await decide('recruiting', 'eager', token)).body).toMatchObject({
      decision: false,
      context: { reason: 'unknown_user' },
    });
    await people.register('eager', 'DE');
    expect((await decide('recruiting', 'eager')).body).toMatchObject({ decision: true });
  });

  test('can send a signal, and that holds from the moment they are registered', async () => {
    await (await as('private')).signal('gpc');
    await people.register('private', 'US-CA');
    expect((await decide('ads.off_platform', 'private')).body).toMatchObject({
      decision: false,
      context: { reason: 'signal_opted_out' },
    });
  });
});

describe('moving to another law', () => {
  test('closes what needs an opt-in there and was merely not refused', async () => {
    await people.register('mover', 'BR');
    const mover = await as('mover');
    expect(settingOf(await mover.settings(), 'ads.inferred')).toMatchObject({ on: true });
    const token = await people.register('mover', 'DE');
    expect(settingOf(await mover.settings(), 'ads.inferred')).toMatchObject({
      on: false,
      reason: 'needs_opt_in',
    });
    expect((await decide('ads.inferred', 'mover', token)).body).toMatchObject({
      decision: false,
      context: { reason: 'needs_opt_in' },
    });
  });

  test('does not take a grant from where none was needed for an opt-in', async () => {
    await people.register('granter', 'BR');
    const granter = await as('granter');
    await granter.choose('ads.measurement', 'granted');
    expect(settingOf(await granter.settings(), 'ads.measurement')).toMatchObject({ on: true });
    await people.register('granter', 'DE');
    expect(settingOf(await granter.settings(), 'ads.measurement')).toMatchObject({
      choice: 'granted',
      on: false,
      reason: 'notice_outdated',
    });
    const reply = await granter.choose('ads.measurement', 'granted');
    expect(reply).toMatchObject({ status: 200, body: { changed: true } });
    expect(settingOf(await granter.settings(), 'ads.measurement')).toMatchObject({ on: true });
  });

  test('keeps an opt-in that was given where it was needed', async () => {
    await people.register('returner', 'DE');
    const returner = await as('returner');
    await returner.choose('ads.measurement', 'granted');
    await people.register('returner', 'BR');
    await returner.choose('ads.measurement', 'granted');
    await people.register('returner', 'DE');
    expect(settingOf(await returner.settings(), 'ads.measurement')).toMatchObject({ on: true });
  });

  test('keeps an opt-out', async () => {
    await people.register('refuser', 'DE');
    const refuser = await as('refuser');
    await refuser.choose('ads.inferred', 'denied');
    await people.register('refuser', 'BR');
    expect(settingOf(await refuser.settings(), 'ads.inferred')).toMatchObject({
      on: false,
      reason: 'opted_out',
    });
  });
});

describe('Global Privacy Control', () => {
  test('closes ads on other sites in California, at once', async () => {
    await people.register('gina', 'US-CA');
    const gina = await as('gina');
    expect(settingOf(await gina.settings(), 'ads.off_platform')).toMatchObject({ on: true });
    const reply = await gina.signal('gpc');
    expect(reply).toMatchObject({ status: 200, body: { changed: true } });
    expect(await gina.settings()).toMatchObject({ signals: ['gpc'] });
    expect(settingOf(await gina.settings(), 'ads.off_platform')).toMatchObject({
      on: false,
      reason: 'signal_opted_out',
    });
    expect((await decide('ads.off_platform', 'gina', tokenIn(reply))).body).toMatchObject({
      decision: false,
      context: { reason: 'signal_opted_out' },
    });
    expect((await decide('share.affiliates', 'gina')).body).toMatchObject({ decision: false });
    expect((await decide('ads.personalised', 'gina')).body).toMatchObject({ decision: true });
  });

  test('that comes again changes nothing', async () => {
    const again = await as('again');
    expect(await again.signal('gpc')).toMatchObject({ body: { changed: true } });
    expect(await again.signal('gpc')).toMatchObject({ status: 200, body: { changed: false } });
  });

  test('closes nothing where no law knows it', async () => {
    await people.register('hugo', 'BR');
    await (await as('hugo')).signal('gpc');
    expect((await decide('ads.off_platform', 'hugo')).body).toMatchObject({ decision: true });
  });

  test('is the only signal there is', async () => {
    const reply = await (await as('ines')).signal('dnt');
    expect(reply).toMatchObject({ status: 400, body: { member: '/signal' } });
  });
});

describe('a consistency token', () => {
  test('from the future is denied, not before decisions have waited for it', async () => {
    await people.register('jan', 'US-NY');
    for (const purpose of ['personalise', 'service']) {
      const before = performance.now();
      const reply = await decide(purpose, 'jan', future);
      const took = performance.now() - before;
      expect(reply).toMatchObject({
        status: 200,
        body: { decision: false, context: { reason: 'consent_unavailable', obligations: [] } },
      });
      expect(took).toBeGreaterThanOrEqual(45);
    }
  });

  test('from the future denies its own evaluation of a batch, and no other', async () => {
    await people.register('jan', 'US-NY');
    const reply = await service.request('POST', EVALUATIONS, {
      token: asking,
      body: {
        evaluations: [
          mayRead('personalise', 'jan'),
          { ...mayRead('personalise', 'jan'), context: { consistency_token: future } },
        ],
      },
    });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        evaluations: [{ decision: true }, { decision: false, context: { reason: 'consent_unavailable' } }],
      },
    });
  });

  test.each(['nonsense', 'r1.5', '5', 'cjEuMDE', '{future}=', ' {future}', 'x'.repeat(256)])(
    'that is not one of the service is a 400: %j',
    async (given) => {
      const reply = await decide('personalise', 'jan', given.replace('{future}', future));
      expect(reply).toMatchObject({ status: 400, body: { member: '/context/consistency_token' } });
    },
  );

  test('that is not one of the service is a 400 even where nothing could be permitted', async () => {
    const reply = await service.request('POST', EVALUATION, {
      token: asking,
      body: {
        ...mayRead('personalise', 'jan'),
        resource: { type: 'spaceship', id: 'enterprise' },
        context: { consistency_token: 'nonsense' },
      },
    });
    expect(reply).toMatchObject({ status: 400, body: { member: '/context/consistency_token' } });
  });

  test('of an earlier change is good for ever', async () => {
    const token = await people.register('kim', 'US-NY');
    await people.choose('kim', 'improve', 'denied');
    expect((await decide('personalise', 'kim', token)).body).toMatchObject({ decision: true });
    expect((await decide('improve', 'kim', token)).body).toMatchObject({ decision: false });
  });
});

describe('an id', () => {
  const ODD = [
    'a/b',
    '/',
    '100%',
    '%2F',
    '%00',
    'two words',
    'ünïcødé 名前 🦊',
    'user@example.org',
    'urn:li:member:12345',
    "'; DROP TABLE users; --",
    '"quoted"',
    'a?b=c#d',
    'a\\b',
    '..',
    '.',
    '...',
    'a+b&c',
    'settings',
    'choices',
    '__proto__',
    'constructor',
    'Me',
    'null',
    '[object Object]',
  ];

  const LONGEST = [
    { named: '256 letters', id: 'x'.repeat(256) },
    { named: '128 letters of two bytes', id: 'é'.repeat(128) },
    { named: '64 letters of four bytes', id: '🦊'.repeat(64) },
  ];

  test.each([...ODD.map((id) => ({ named: JSON.stringify(id), id })), ...LONGEST])(
    'can be $named',
    async ({ id }) => {
      const address = `/v1/users/${encodeURIComponent(id).replaceAll('.', '%2E')}`;
      // not `fetch`: it takes %2E%2E for a step up
      const send = async (method: string, path: string, body?: unknown) =>
        rawRequest(service.url, {
          method,
          path,
          headers: { authorization: `Bearer ${accounts}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: [JSON.stringify(body)] }),
        });
      expect(await send('PUT', address, { region: 'US-NY', age_band: 'adult' })).toMatchObject({
        status: 200,
      });
      expect((await decide('personalise', id)).body).toMatchObject({ decision: true });
      expect(await send('PUT', `${address}/choices/personalise`, { choice: 'denied' })).toMatchObject({
        status: 200,
      });
      const settings: unknown = JSON.parse((await send('GET', `${address}/settings`)).body);
      expect(settings).toMatchObject({ user: id, known: true });
      expect(settingOf(settings, 'personalise')).toMatchObject({ choice: 'denied', on: false });
      expect((await decide('personalise', id)).body).toMatchObject({ decision: false });
    },
  );

  test('is compared byte for byte: ids that differ in case are different users', async () => {
    const alike = ['zoé', 'Zoé', 'zoe'];
    for (const id of alike) await people.register(id, 'US-NY');
    await people.choose('zoé', 'personalise', 'denied');
    const decisions = await Promise.all(
      alike.map(async (id) => valueAt((await decide('personalise', id)).body, 'decision')),
    );
    expect(decisions).toEqual([false, true, true]);
  });

  test.each([
    { named: '257 letters', id: 'x'.repeat(257) },
    { named: '257 bytes in 129 letters', id: `${'é'.repeat(128)}x` },
    { named: '260 bytes in 65 letters', id: '🦊'.repeat(65) },
    { named: '1,000 bytes in 500 letters', id: 'é'.repeat(500) },
    { named: '1,000 letters', id: 'x'.repeat(1_000) },
    { named: 'a text with NUL', id: 'a\u0000b' },
    { named: 'two lines', id: 'a\nb' },
    { named: 'a control character', id: '\u007f' },
  ])('cannot be $named', async ({ id }) => {
    const address = `/v1/users/${encodeURIComponent(id)}`;
    for (const [method, path, body] of [
      ['PUT', address, { region: 'DE', age_band: 'adult' }],
      ['GET', `${address}/settings`, undefined],
      ['PUT', `${address}/choices/personalise`, { choice: 'denied' }],
      ['POST', `${address}/signals`, { signal: 'gpc' }],
    ] as const) {
      const reply = await service.request(method, path, { token: accounts, body });
      expect(reply, `${method} ${path}`).toMatchObject({ status: 400, body: { member: '/id' } });
    }
    expect(await decide('personalise', id)).toMatchObject({
      status: 400,
      body: { member: '/resource/properties/user' },
    });
  });
});
