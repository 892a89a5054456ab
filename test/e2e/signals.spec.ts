/** Signals from outside the settings page: Global Privacy Control and TC strings. The rule is in `docs/signals.md`. */
import { TCString } from '@iabtcf/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import { writeTcString } from '../../src/consent/signals/tc-string.js';
import { type People, peopleOf, saidOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { rawRequest } from './raw-request.js';
import { listAt, settingOf, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

/** Closed by Global Privacy Control in the United States. */
const SOLD = 'ads.off_platform';
const ALL = Array.from({ length: 11 }, (_, index) => index + 1);
const DAY_MS = 86_400_000;

let service: Service;
let people: People;

beforeAll(async () => {
  service = await startService({ TCF_CMP_ID: '300' });
  people = await peopleOf(service);
});

afterAll(() => service.stop());

/** What the user does, with what their browser sends along. */
async function as(user: string) {
  const token = await service.token({ sub: user });
  return {
    token,
    settings: async (headers: Readonly<Record<string, string>> = {}) =>
      (await service.request('GET', '/v1/users/me/settings', { token, headers })).body,
    choose: (purpose: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
      service.request('PUT', `/v1/users/me/choices/${purpose}`, { token, body, headers }),
    signal: (body: unknown) => service.request('POST', '/v1/users/me/signals', { token, body }),
    inTcf: () => service.request('GET', '/v1/users/me/signals/tcf', { token }),
  };
}

const signalsOf = async (user: string) => valueAt(await people.settings(user), 'signals');

async function isPermitted(purpose: string, user: string): Promise<unknown> {
  const token = await service.token({ sub: 'pep', purposes: [purpose] });
  return valueAt(
    (await service.request('POST', EVALUATION, { token, body: mayRead(purpose, user) })).body,
    'decision',
  );
}

/** A TC string that says no to everything but these. */
function stringOf(consents: readonly number[], legitimateInterests: readonly number[] = [], at = Date.now()) {
  return writeTcString({ consents, legitimateInterests }, 300, at);
}

describe('Global Privacy Control', () => {
  test('is announced to everybody', async () => {
    const reply = await service.request('GET', '/.well-known/gpc.json');
    expect(reply).toMatchObject({ status: 200, body: { gpc: true, lastUpdate: '2026-11-23' } });
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
  });

  test.each(['1', ' 1 '])('that a browser sends as %j is in the very settings it asks for', async (value) => {
    const user = `sends-${encodeURIComponent(value)}`;
    await people.register(user, 'US-CA');
    const settings = await (await as(user)).settings({ 'sec-gpc': value });
    expect(settings).toMatchObject({ signals: ['gpc'] });
    expect(settingOf(settings, SOLD)).toMatchObject({ on: false, reason: 'signal_opted_out' });
    expect(await isPermitted(SOLD, user)).toBe(false);
  });

  test('leaves no receipt of a grant that it finds, and that nobody gives again', async () => {
    await people.register('tilda', 'US-CA');
    const tilda = await as('tilda');
    await tilda.signal({ signal: 'tcf', tc_string: stringOf([]) });
    expect(await tilda.choose(SOLD, { choice: 'granted', signal_shown: true })).toMatchObject({
      body: { changed: true },
    });
    await tilda.signal({ signal: 'gpc' });
    const ask = (path: string) => service.request('GET', `/v1/users/me/${path}`, { token: tilda.token });
    const events = listAt((await ask('history')).body, 'events');
    const left = events.filter((event) => valueAt(event, 'via') === 'gpc');
    expect(left).toMatchObject([
      { kind: 'signal' },
      { kind: 'choice', purpose: SOLD, choice: 'granted', signal: false },
    ]);
    const receipts = listAt((await ask('receipts')).body, 'receipts');
    expect(receipts.filter((receipt) => valueAt(receipt, 'via') !== 'tcf')).toMatchObject([
      { via: 'settings', purpose: SOLD, choice: 'granted' },
      { via: 'gpc', signal: 'gpc' },
    ]);
    expect(await ask(`receipts/${textAt(left[1], 'id')}`)).toMatchObject({ status: 404 });
  });

  test.each(['0', '', 'true', '"1"', '?1', '01', '1.0', '1 1', '1, 1', '1;q=1', '2', 'gpc'])(
    'is nothing but 1: %j is no signal',
    async (value) => {
      const user = `unheard-${encodeURIComponent(value)}`;
      await people.register(user, 'US-CA');
      expect(await (await as(user)).settings({ 'sec-gpc': value })).toMatchObject({ signals: [] });
      expect(await signalsOf(user)).toEqual([]);
    },
  );

  test('that is sent twice in one request is no signal', async () => {
    await people.register('twice', 'US-CA');
    const { token } = await as('twice');
    const reply = await rawRequest(service.url, {
      method: 'GET',
      path: '/v1/users/me/settings',
      headers: { authorization: `Bearer ${token}`, 'sec-gpc': ['1', '1'] },
    });
    expect(reply.status).toBe(200);
    expect(await signalsOf('twice')).toEqual([]);
  });

  test('that a service forwards is the word of the user, even if the service may only read', async () => {
    await people.register('forwarded', 'US-CA');
    const token = await service.token({ sub: 'page', purposes: [], scope: 'settings:read' });
    const headers = { 'sec-gpc': '1' };
    const { body } = await service.request('GET', '/v1/users/forwarded/settings', { token, headers });
    expect(body).toMatchObject({ signals: ['gpc'] });
  });

  test('of a caller who may not read the record is not recorded', async () => {
    await people.register('victim', 'US-CA');
    const { token } = await as('stranger');
    for (const [method, path] of [
      ['GET', '/v1/users/victim/settings'],
      ['PUT', `/v1/users/victim/choices/${SOLD}`],
    ] as const) {
      const body = method === 'PUT' ? { choice: 'denied' } : undefined;
      const headers = { 'sec-gpc': '1' };
      expect((await service.request(method, path, { token, headers, body })).status).toBe(403);
    }
    expect(await signalsOf('victim')).toEqual([]);
  });

  test('that comes with a choice is recorded before the choice is settled', async () => {
    await people.register('choosing', 'US-CA');
    const choosing = await as('choosing');
    const headers = { 'sec-gpc': '1' };
    expect(await choosing.choose(SOLD, { choice: 'granted' }, headers)).toMatchObject({
      status: 409,
      body: { type: 'urn:assent:problem:signal_stands' },
    });
    expect(await signalsOf('choosing')).toEqual(['gpc']);
  });

  test('that stands is not written again', async () => {
    await people.register('steady', 'US-CA');
    const steady = await as('steady');
    const first = textAt(await steady.settings({ 'sec-gpc': '1' }), 'revision');
    expect(textAt(await steady.settings({ 'sec-gpc': '1' }), 'revision')).toBe(first);
    expect(await steady.signal({ signal: 'gpc' })).toMatchObject({ status: 200, body: { changed: false } });
  });
});

describe('Global Privacy Control of a request that is refused for something else', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };
  const denial = (rest = '') => `{"choice":"denied"${rest}}`;
  type Malformed = {
    readonly query?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: readonly (string | Buffer)[];
    readonly status?: number;
  };
  const ADDRESS: Readonly<Record<string, Malformed>> = {
    'an unknown parameter': { query: '?x=1' },
    'a query that is no UTF-8': { query: '?x=%ff' },
    'an Accept-Language that is no ASCII': { headers: { 'accept-language': 'dé' } },
    'an X-Request-Id that is no ASCII': { headers: { 'x-request-id': 'é' } },
  };
  const BODY: Readonly<Record<string, Malformed>> = {
    'no body': { headers: JSON_TYPE },
    'no body and no type': {},
    'no JSON': { headers: JSON_TYPE, body: ['{"choice":'] },
    'a member twice': { headers: JSON_TYPE, body: [denial(',"choice":"granted"')] },
    'an unknown member': { headers: JSON_TYPE, body: [denial(',"untill":"2030-01-01T00:00:00Z"')] },
    'a member of another type': { headers: JSON_TYPE, body: [denial(',"language":1')] },
    'a choice that is none': { headers: JSON_TYPE, body: ['{"choice":"maybe"}'] },
    'a list': { headers: JSON_TYPE, body: ['[]'] },
    'bytes that are no UTF-8': {
      headers: JSON_TYPE,
      body: [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    },
    'another type of body': { headers: { 'content-type': 'text/html' }, body: [denial()] },
    'a type that is none': { headers: { 'content-type': '///' }, body: [denial()] },
    'a body that is too large': {
      headers: { ...JSON_TYPE, 'content-length': '99999999', connection: 'close' },
      body: [denial()],
      status: 413,
    },
    'pieces that are too large together': {
      headers: JSON_TYPE,
      body: Array.from({ length: 40 }, () => ' '.repeat(65_536)),
      status: 413,
    },
  };
  const ROUTES: readonly { method: string; path: string; faults: Readonly<Record<string, Malformed>> }[] = [
    { method: 'GET', path: 'settings', faults: ADDRESS },
    { method: 'GET', path: 'prompts', faults: ADDRESS },
    { method: 'GET', path: `choices/${SOLD}`, faults: ADDRESS },
    { method: 'GET', path: 'choices/%01', faults: { 'a purpose that is no id': {} } },
    { method: 'GET', path: 'choices/nothing', faults: { 'a purpose that is none': { status: 404 } } },
    { method: 'PUT', path: 'choices', faults: { ...ADDRESS, ...BODY } },
    { method: 'PUT', path: `choices/${SOLD}`, faults: { ...ADDRESS, ...BODY } },
    { method: 'PUT', path: 'choices/%01', faults: BODY },
    { method: 'DELETE', path: `choices/${SOLD}`, faults: ADDRESS },
    { method: 'DELETE', path: 'signals/dnt', faults: { 'a signal that is none': {} } },
  ];
  const TABLE = ROUTES.flatMap(({ method, path, faults }) =>
    Object.entries(faults).map(([fault, malformed], index) => ({ method, path, fault, malformed, index })),
  );

  async function send(token: string, addressed: string, { method, path, malformed }: (typeof TABLE)[number]) {
    const { query = '', headers = {}, body = [] } = malformed;
    return rawRequest(service.url, {
      method,
      path: `/v1/users/${addressed}/${path}${query}`,
      headers: { authorization: `Bearer ${token}`, 'sec-gpc': '1', ...headers },
      body,
    });
  }

  test.each(TABLE)('$method $path with $fault: it is heard all the same', async (row) => {
    const user = `slip-${row.method}-${row.path.replaceAll(/[^a-z]/g, '-')}-${row.index}`;
    await people.register(user, 'US-CA');
    const { token } = await as(user);
    expect(await send(token, 'me', row)).toMatchObject({ status: row.malformed.status ?? 400 });
    expect(await signalsOf(user)).toEqual(['gpc']);
    expect(await isPermitted(SOLD, user)).toBe(false);
  });

  test('of who may not act for the user, nothing is recorded, however malformed the request is', async () => {
    await people.register('bystander', 'US-CA');
    const stranger = await service.token({ sub: 'stranger' });
    const writer = await service.token({ sub: 'writer', purposes: [], scope: 'users:write' });
    for (const row of TABLE.filter(({ malformed }) => malformed.status !== 413))
      for (const token of [stranger, writer, 'no-token'])
        expect((await send(token, 'bystander', row)).status).toBeGreaterThanOrEqual(400);
    expect(await signalsOf('bystander')).toEqual([]);
  });

  test('nothing is recorded for what is no id of a user, or not spelled as one', async () => {
    const token = await service.token({ sub: 'page', purposes: [], scope: 'settings:read choices:write' });
    const reader = await service.token({ sub: 'pep', purposes: [SOLD] });
    const head = async () =>
      valueAt(
        (await service.request('POST', EVALUATION, { token: reader, body: mayRead(SOLD, 'nobody') })).body,
        'context',
      );
    const before = await head();
    for (const addressed of ['me', '%01', '%20u', 'u%E2%80%8B', 'u'.repeat(257)])
      for (const { path, query } of [
        { path: 'settings', query: '' },
        { path: 'settings', query: '?x=1' },
        { path: 'prompts', query: '?x=1' },
      ]) {
        const row = { method: 'GET', path, fault: '', malformed: { query }, index: 0 };
        expect((await send(token, addressed, row)).status).toBe(400);
      }
    expect(await head()).toEqual(before);
  });
});

describe('a signal and a choice', () => {
  test('the signal closes what was granted before, and only a grant that was shown it is taken', async () => {
    await people.register('nora', 'US-CA');
    const nora = await as('nora');
    await nora.choose(SOLD, { choice: 'granted' });
    expect(await isPermitted(SOLD, 'nora')).toBe(true);

    await nora.signal({ signal: 'gpc' });
    expect(settingOf(await nora.settings(), SOLD)).toMatchObject({ choice: 'granted', on: false });
    expect(await isPermitted(SOLD, 'nora')).toBe(false);

    for (const body of [{ choice: 'granted' }, { choice: 'granted', signal_shown: false }])
      expect(await nora.choose(SOLD, body)).toMatchObject({
        status: 409,
        body: {
          type: 'urn:assent:problem:signal_stands',
          member: '/signal_shown',
          detail: expect.stringContaining('show it to the user'),
        },
      });
    expect(await nora.choose(SOLD, { choice: 'granted', signal_shown: true })).toMatchObject({
      status: 200,
      body: { changed: true },
    });

    expect(await nora.choose(SOLD, { choice: 'denied' })).toMatchObject({ status: 200 });
    expect(await nora.choose(SOLD, { choice: 'granted' })).toMatchObject({ status: 409 });
  });

  test('a purpose that the signal does not close is granted as ever', async () => {
    await people.register('omar', 'US-CA');
    const omar = await as('omar');
    await omar.signal({ signal: 'gpc' });
    expect(await omar.choose('ads.inferred', saidOf('granted'))).toMatchObject({ status: 200 });
    expect(await omar.choose('personalise', { choice: 'granted', signal_shown: true })).toMatchObject({
      status: 200,
    });
  });

  test('where the law does not hear the signal, nothing stands against a grant', async () => {
    await people.register('pia', 'DE');
    const pia = await as('pia');
    await pia.choose('ads.personalised', saidOf('granted'));
    await pia.signal({ signal: 'gpc' });
    expect(await pia.choose(SOLD, saidOf('granted'))).toMatchObject({ status: 200 });
    expect(await isPermitted(SOLD, 'pia')).toBe(true);
  });

  test.each(['yes', 1, null, 'true', {}])(
    'that it was shown is true or false: %j is a 400',
    async (shown) => {
      const reply = await (await as('quirin')).choose(SOLD, { choice: 'granted', signal_shown: shown });
      expect(reply).toMatchObject({ status: 400, body: { member: '/signal_shown' } });
    },
  );
});

describe('what is taken back', () => {
  const back = (token: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
    service.request('DELETE', `/v1/users/me/${path}`, { token, headers });

  test('of a denial opens what the law leaves open, of a consent closes it, and each is in the history', async () => {
    await people.register('uma', 'DE');
    const uma = await as('uma');
    await uma.choose('recruiting', { choice: 'granted', notice: 1 });
    await uma.choose('research', { choice: 'denied' });
    const recruiting = await back(uma.token, 'choices/recruiting', { 'accept-language': 'de' });
    expect(recruiting.headers.get('content-language')).toBe('de');
    expect(recruiting).toMatchObject({
      status: 200,
      body: { changed: true, on: false, because: 'default', why: expect.stringContaining('nichts gesagt') },
    });
    expect(await back(uma.token, 'choices/research')).toMatchObject({ status: 200, body: { changed: true } });
    // it stands so since then
    expect(await back(uma.token, 'choices/recruiting')).toMatchObject({
      status: 200,
      body: { changed: false, holds_from: textAt(recruiting.body, 'holds_from'), on: false },
    });
    const settings = await uma.settings();
    expect(settingOf(settings, 'recruiting')).toMatchObject({
      choice: null,
      on: false,
      reason: 'needs_opt_in',
    });
    expect(settingOf(settings, 'research')).toMatchObject({ choice: null, set_by: null });
    const events = listAt(
      (await service.request('GET', '/v1/users/me/history', { token: uma.token })).body,
      'events',
    );
    expect(events.slice(-2)).toMatchObject([
      { purpose: 'recruiting', choice: 'none', via: 'settings' },
      { purpose: 'research', choice: 'none', via: 'settings' },
    ]);
  });

  test('of a browser grants nothing, and is refused while the browser says otherwise', async () => {
    await people.register('vera', 'US-CA');
    const vera = await as('vera');
    await vera.choose(SOLD, { choice: 'granted' });
    await vera.signal({ signal: 'gpc' });
    expect(await back(vera.token, 'signals/gpc', { 'sec-gpc': '1' })).toMatchObject({
      status: 409,
      body: { type: 'urn:assent:problem:signal_stands' },
    });
    const taken = await back(vera.token, 'signals/gpc');
    expect(taken).toMatchObject({ status: 200, body: { changed: true } });
    // the law opens it, not the grant that the signal closed
    expect(listAt(taken.body, 'purposes')).toContainEqual({
      purpose: SOLD,
      on: true,
      because: 'default',
      why: expect.stringContaining('You have not said anything about this'),
      needs: [],
    });
    const settings = await vera.settings();
    expect(settings).toMatchObject({ signals: [] });
    expect(settingOf(settings, SOLD)).toMatchObject({ choice: null });
    // a browser that goes on sending it is heard again, by everybody
    expect(await vera.settings({ 'sec-gpc': '1' })).toMatchObject({ signals: ['gpc'] });
    expect(await isPermitted(SOLD, 'vera')).toBe(false);
  });

  test('there is none of a TC string: what it refused stays closed until it is granted', async () => {
    await people.register('walt', 'US-CA');
    const walt = await as('walt');
    await walt.signal({ signal: 'tcf', tc_string: stringOf([]) });
    expect(await back(walt.token, `choices/${SOLD}`)).toMatchObject({ status: 409 });
    await walt.choose(SOLD, { choice: 'granted', signal_shown: true });
    expect(await back(walt.token, `choices/${SOLD}`)).toMatchObject({ body: { changed: true } });
    // the grant answered the string: without it, what the string said is what is left
    expect(settingOf(await walt.settings(), SOLD)).toMatchObject({
      choice: 'denied',
      because: 'signal',
      why: expect.stringContaining('a choice of yours that another site or app passed on to us'),
      set_by: { kind: 'user', via: 'tcf' },
    });
    expect(await back(walt.token, 'signals/tcf')).toMatchObject({ status: 400 });
  });

  test('loses neither what a TC string refused nor what the user did, in whatever order they came', async () => {
    const refusal = { signal: 'tcf', tc_string: stringOf([]) };
    await people.register('xena', 'US-CA');
    const xena = await as('xena');
    await xena.choose(SOLD, { choice: 'denied' });
    const heard = await xena.signal(refusal);
    expect(listAt(heard.body, 'unchanged')).toContain(SOLD);
    expect(await back(xena.token, `choices/${SOLD}`)).toMatchObject({ status: 409 });
    expect(await isPermitted(SOLD, 'xena')).toBe(false);

    await people.register('yara', 'US-CA');
    const yara = await as('yara');
    await yara.signal(refusal);
    await yara.settings({ 'sec-gpc': '1' });
    await yara.choose(SOLD, { choice: 'granted', signal_shown: true });
    await back(yara.token, `choices/${SOLD}`);
    await back(yara.token, 'signals/gpc');
    expect(settingOf(await yara.settings(), SOLD)).toMatchObject({ choice: 'denied', because: 'signal' });
    expect(await isPermitted(SOLD, 'yara')).toBe(false);
  });

  test('must be something that there is', async () => {
    const { token } = await as('uma');
    expect(await back(token, 'choices/nothing')).toMatchObject({ status: 404 });
    expect(await back(token, 'signals/dnt')).toMatchObject({ status: 400 });
  });
});

describe('a TC string', () => {
  test('closes what it refuses, at once, and says what it did', async () => {
    await people.register('rita', 'DE');
    const rita = await as('rita');
    for (const purpose of ['ads.personalised', 'ads.inferred']) await rita.choose(purpose, saidOf('granted'));
    await rita.choose('research', { choice: 'denied' });
    await rita.choose('personalise', { choice: 'denied' });
    expect(await isPermitted('ads.inferred', 'rita')).toBe(true);

    const tcString = stringOf([1, 2, 7, 8, 9, 10]);
    const reply = await rita.signal({ signal: 'tcf', tc_string: tcString });
    expect(reply).toMatchObject({ status: 200, body: { changed: true } });
    expect(listAt(reply.body, 'closed')).toEqual(
      expect.arrayContaining(['ads.personalised', 'ads.inferred', SOLD]),
    );
    expect(listAt(reply.body, 'unchanged')).toEqual(['personalise']);
    expect(listAt(reply.body, 'not_represented')).toContainEqual({
      what: 'TCF purpose 1',
      why: expect.stringContaining('no purpose'),
    });
    expect(await isPermitted('ads.inferred', 'rita')).toBe(false);
    expect(settingOf(await rita.settings(), 'ads.inferred')).toMatchObject({
      choice: 'denied',
      reason: 'opted_out',
    });

    const again = await rita.signal({ signal: 'tcf', tc_string: tcString });
    expect(again).toMatchObject({ status: 200, body: { changed: false, closed: [] } });
  });

  test('never opens anything: a yes to everything leaves all as it was', async () => {
    await people.register('saul', 'DE');
    const saul = await as('saul');
    await saul.choose('personalise', { choice: 'denied' });
    const before = await saul.settings();
    const reply = await saul.signal({ signal: 'tcf', tc_string: stringOf(ALL, ALL) });
    expect(reply).toMatchObject({ status: 200, body: { changed: false, closed: [], unchanged: [] } });
    for (const purpose of ['personalise', 'ads.inferred'])
      expect(listAt(reply.body, 'not_represented')).toContainEqual({
        what: `a yes to \`${purpose}\``,
        why: expect.stringContaining('never opens'),
      });
    expect(await saul.settings()).toEqual(before);
  });

  test('from before a grant does not undo it, and says so', async () => {
    await people.register('tara', 'DE');
    const tara = await as('tara');
    await tara.choose('ads.inferred', saidOf('granted'));
    const old = stringOf([], [], Date.now() - 2 * DAY_MS);
    const reply = await tara.signal({ signal: 'tcf', tc_string: old });
    expect(listAt(reply.body, 'not_represented')).toContainEqual({
      what: 'a no to `ads.inferred`',
      why: expect.stringContaining('granted it after'),
    });
    expect(settingOf(await tara.settings(), 'ads.inferred')).toMatchObject({ choice: 'granted' });
    expect(listAt(reply.body, 'closed')).toContain('ads.personalised');
  });

  test('closes for a user who is not registered, and that holds when they are', async () => {
    await (await as('unborn')).signal({ signal: 'tcf', tc_string: stringOf([]) });
    await people.register('unborn', 'GB');
    expect(await isPermitted('personalise', 'unborn')).toBe(false);
  });

  test.each([
    '',
    ' ',
    '.',
    'C',
    'CP',
    'CP.',
    '\u0000',
    '💥',
    'null',
    'A'.repeat(16_384),
    '_'.repeat(16_384),
    'C'.repeat(16_384),
    '.'.repeat(16_384),
    `${stringOf(ALL)}.`,
    `${stringOf(ALL)}.${stringOf(ALL)}`,
    stringOf(ALL).slice(0, 40),
    `B${stringOf(ALL).slice(1)}`,
    `DBABMA~${stringOf(ALL)}`,
    'x'.repeat(16_385),
    null,
    1,
    true,
    [],
    {},
    [stringOf([])],
  ])('that is none is a 400 that says so: case %#', async (tcString) => {
    const hostile = await as('hostile');
    const reply = await hostile.signal({ signal: 'tcf', tc_string: tcString });
    expect(reply).toMatchObject({ status: 400, body: { member: '/tc_string' } });
    expect(textAt(reply.body, 'detail').length).toBeLessThan(300);
  });

  test('is needed with the signal tcf', async () => {
    const reply = await (await as('forgetful')).signal({ signal: 'tcf' });
    expect(reply).toMatchObject({ status: 400, body: { member: '/tc_string' } });
  });

  test('is refused with the signal gpc, which would leave unread what it says no to', async () => {
    const mixed = await as('mixed');
    const reply = await mixed.signal({ signal: 'gpc', tc_string: stringOf([]) });
    expect(reply).toMatchObject({ status: 400, body: { member: '/tc_string' } });
    expect(textAt(reply.body, 'detail')).toContain('send both, one after the other');
    expect(await signalsOf('mixed')).toEqual([]);
  });

  test('is not taken from whoever may not choose for the user', async () => {
    const token = await service.token({ sub: 'page', purposes: [], scope: 'settings:read' });
    const body = { signal: 'tcf', tc_string: stringOf([]) };
    expect(await service.request('POST', '/v1/users/rita/signals', { token, body })).toMatchObject({
      status: 403,
    });
  });
});

describe('settings as a TC string', () => {
  test('have a bit where it is true of every purpose, and say what they leave out', async () => {
    await people.register('vito', 'DE');
    const vito = await as('vito');
    const offered = listAt(await vito.settings(), 'purposes').filter((entry) =>
      listAt(entry, 'offers').includes('granted'),
    );
    for (const entry of offered) await vito.choose(textAt(entry, 'id'), saidOf('granted'));
    const { status, body } = await vito.inTcf();
    expect(status).toBe(200);
    const tcString = textAt(body, 'tc_string');
    expect(tcString.split('.')).toHaveLength(2);
    const model = TCString.decode(tcString);
    expect(model).toMatchObject({ policyVersion: 5, cmpId: 300, isServiceSpecific: true });
    expect([...model.purposeConsents.values()]).toEqual(expect.arrayContaining([3, 4]));
    expect([...model.purposeLegitimateInterests.values()]).toContain(2);
    expect(model.purposeConsents.has(1)).toBe(false);
    expect(listAt(body, 'not_represented')).toContainEqual({
      what: 'TCF purpose 1',
      why: expect.any(String),
    });

    await vito.choose('ads.inferred', { choice: 'denied' });
    const after = TCString.decode(textAt((await vito.inTcf()).body, 'tc_string'));
    expect(after.purposeConsents.has(3)).toBe(false);
    expect(after.purposeConsents.has(4)).toBe(false);
  });

  test('are for the user, and for services that may read settings', async () => {
    const stranger = await service.token({ sub: 'stranger' });
    const writer = await service.token({ sub: 'w', purposes: [], scope: 'choices:write' });
    const reader = await service.token({ sub: 'r', purposes: [], scope: 'settings:read' });
    const ask = async (token: string) =>
      (await service.request('GET', '/v1/users/vito/signals/tcf', { token })).status;
    expect([await ask(stranger), await ask(writer), await ask(reader)]).toEqual([403, 403, 200]);
  });

  test('are not written while nobody says by which platform', async () => {
    const plain = await startService();
    try {
      const token = await plain.token({ sub: 'anyone' });
      expect(await plain.request('GET', '/v1/users/me/signals/tcf', { token })).toMatchObject({
        status: 409,
        body: {
          type: 'urn:assent:problem:tcf_not_configured',
          detail: expect.stringContaining('TCF_CMP_ID'),
        },
      });
    } finally {
      await plain.stop();
    }
  });

  test.each(['1', '4096', 'x', '-2'])('name no platform %s', (id) => {
    expect(() => readConfig({ TCF_CMP_ID: id })).toThrow(`TCF_CMP_ID is \`${id}\``);
  });
});
