/** Users and their settings, as a user sees them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokenOf } from '../../src/consent/consistency-token.js';
import { type People, peopleOf } from './people.js';
import { EVALUATION, EVALUATIONS, PURPOSES, mayRead } from './questions.js';
import { rawRequest } from './raw-request.js';
import { listAt, settingOf, textAt, valueAt } from './replies.js';
import { type Reply, type Service, startService } from './service.js';

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
/** Later than any change of these tests. */
const FUTURE = tokenOf(1_000_000);

let service: Service;
let people: People;
/** Of a service that may ask for every purpose. */
let asking: string;
/** Of a service that looks after users and their settings. */
let accounts: string;

beforeAll(async () => {
  service = await startService({ CONSISTENCY_WAIT_MS: '50' });
  people = await peopleOf(service);
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
      service.request('PUT', `/v1/users/me/choices/${purpose}`, { token, body: { choice } }),
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

  test.each([
    'ads.unheard_of',
    'ADS.PERSONALISED',
    'ads.personalised ',
    '*',
    'all',
    '__proto__',
    'constructor',
  ])('of the unknown purpose %j is a 404', async (purpose) => {
    const tina = await as('tina');
    const reply = await tina.choose(encodeURIComponent(purpose), 'denied');
    expect(reply).toMatchObject({
      status: 404,
      body: { type: 'urn:assent:problem:purpose_not_found' },
    });
  });

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
    await granter.choose('ads.inferred', 'granted');
    expect(settingOf(await granter.settings(), 'ads.inferred')).toMatchObject({ on: true });
    await people.register('granter', 'DE');
    expect(settingOf(await granter.settings(), 'ads.inferred')).toMatchObject({
      choice: 'granted',
      on: false,
      reason: 'notice_outdated',
    });
    const reply = await granter.choose('ads.inferred', 'granted');
    expect(reply).toMatchObject({ status: 200, body: { changed: true } });
    expect(settingOf(await granter.settings(), 'ads.inferred')).toMatchObject({ on: true });
  });

  test('keeps an opt-in that was given where it was needed', async () => {
    await people.register('returner', 'DE');
    const returner = await as('returner');
    await returner.choose('ads.inferred', 'granted');
    await people.register('returner', 'BR');
    await returner.choose('ads.inferred', 'granted');
    await people.register('returner', 'DE');
    expect(settingOf(await returner.settings(), 'ads.inferred')).toMatchObject({ on: true });
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
  test('from the future is denied within the time that decisions wait', async () => {
    await people.register('jan', 'US-NY');
    for (const purpose of ['personalise', 'service']) {
      const before = performance.now();
      const reply = await decide(purpose, 'jan', FUTURE);
      const took = performance.now() - before;
      expect(reply).toMatchObject({
        status: 200,
        body: { decision: false, context: { reason: 'consent_unavailable', obligations: [] } },
      });
      // as long as configured, and not the second that is the default
      expect(took).toBeGreaterThanOrEqual(45);
      expect(took).toBeLessThan(1_000);
    }
  });

  test('from the future denies its own evaluation of a batch, and no other', async () => {
    await people.register('jan', 'US-NY');
    const reply = await service.request('POST', EVALUATIONS, {
      token: asking,
      body: {
        evaluations: [
          mayRead('personalise', 'jan'),
          { ...mayRead('personalise', 'jan'), context: { consistency_token: FUTURE } },
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

  test.each(['nonsense', 'r1.5', '5', 'cjEuMDE', `${FUTURE}=`, ` ${FUTURE}`, 'x'.repeat(256)])(
    'that is not one of the service is a 400: %j',
    async (given) => {
      const reply = await decide('personalise', 'jan', given);
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
    ' ',
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

  test('is compared byte for byte: ids that look alike are different users', async () => {
    const alike = ['zoé', 'zoe\u0301', 'Zoé', 'zoé '];
    for (const id of alike) await people.register(id, 'US-NY');
    await people.choose('zoé', 'personalise', 'denied');
    const decisions = await Promise.all(
      alike.map(async (id) => valueAt((await decide('personalise', id)).body, 'decision')),
    );
    expect(decisions).toEqual([false, true, true, true]);
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
