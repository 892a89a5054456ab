/** Who used what: what a service answered is in the ledger of the person, and in nobody else's hands. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as pass } from 'node:timers/promises';
import { ok } from './admins.js';
import { type People, peopleOf } from './people.js';
import { listAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

const USER = 'u-1';

let service: Service;
let people: People;
let ads = '';
let own = '';
/** When something was last asked that the ledger counts. */
let lastAsked = 0;

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
  await people.register(USER, 'US-NY');
  await people.register('u-2', 'US-NY');
  ads = await service.token({ sub: 'ads', purposes: ['ads.personalised'] });
  own = await service.token({ sub: USER });
});

afterAll(() => service.stop());

async function ask(field: string, user = USER, more: object = {}) {
  await count('/access/v1/evaluation', {
    subject: { type: 'purpose', id: 'ads.personalised' },
    action: { name: 'read' },
    resource: { type: 'field', id: field, properties: { user } },
    ...more,
  });
}

async function count(path: string, body: object) {
  const { status } = await service.request('POST', path, { token: ads, body });
  expect(status).toBe(200);
  lastAsked = Date.now();
}

/** The ledger once it has all that was asked before the call. */
async function ledger(token = own, path = 'me', headers: Readonly<Record<string, string>> = {}) {
  const asked = lastAsked;
  for (;;) {
    const { status, body } = await service.request('GET', `/v1/users/${path}/uses`, { token, headers });
    expect(status, JSON.stringify(body)).toBe(200);
    const until = valueAt(body, 'complete_until');
    if (typeof until === 'string' && Date.parse(until) > asked) return body;
    await pass(100);
  }
}

describe('a person', () => {
  test('sees who used what of them, how often, permitted or refused and why, in their language', async () => {
    await ask('member.skills');
    await ask('member.skills');
    await ask('message.body');
    await count('/v1/audiences', {
      purpose: 'ads.personalised',
      fields: ['member.skills', 'message.body'],
      users: [USER, 'u-2', 'u-3'],
    });
    const body = await ledger(own, 'me', { 'accept-language': 'de' });
    const uses = listAt(body, 'uses');
    const seen = uses.map((use) => ['way', 'reason', 'times'].map((name) => valueAt(use, name)));
    expect(seen.map(String).toSorted()).toEqual([
      'audience,permitted,1',
      'decision,floor,1',
      'decision,permitted,2',
    ]);
    const twice = uses.find((use) => valueAt(use, 'times') === 2);
    expect(twice).toMatchObject({
      day: new Date().toISOString().slice(0, 10),
      client: 'ads',
      purpose: { id: 'ads.personalised', title: 'Personalisierte Anzeigen' },
      data: [{ id: 'member.skills' }],
      permitted: true,
      obligations: ['min_cohort_300'],
      actor: 'human',
      setting: 'choices/ads.personalised',
    });
    const setting = new URL(textAt(twice, 'setting'), `${service.url}/v1/users/me/uses`);
    expect((await service.request('GET', setting.pathname, { token: own })).status).toBe(200);
  });

  test('reads it page by page', async () => {
    const whole = listAt(await ledger(), 'uses');
    const read: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await service.request('GET', `/v1/users/me/uses?limit=1${cursor}`, { token: own });
      read.push(...listAt(body, 'uses'));
      const next = valueAt(body, 'next');
      cursor = typeof next === 'string' ? `&cursor=${next}` : '';
    } while (cursor !== '');
    expect(read).toEqual(whole);
    for (const bad of [
      'x',
      Buffer.from('99999999999 1').toString('base64url'),
      Buffer.from('1 x').toString('base64url'),
    ])
      expect((await service.request('GET', `/v1/users/me/uses?cursor=${bad}`, { token: own })).status).toBe(
        400,
      );
  });

  test('sees nothing of others, and nobody else sees theirs without being allowed to', async () => {
    const other = await service.token({ sub: 'u-2' });
    expect(listAt(await ledger(other), 'uses')).toHaveLength(1);
    for (const token of [other, ads, await service.token({ sub: 'ann', roles: ['policy_admin'] })])
      expect((await service.request('GET', `/v1/users/${USER}/uses`, { token })).status).toBe(403);
    const accounts = await service.token({ sub: 'accounts', purposes: [], scope: 'settings:read' });
    expect(listAt(await ledger(accounts, USER), 'uses')).toHaveLength(3);
    expect(listAt(await ledger(accounts, 'nobody'), 'uses')).toEqual([]);
  });
});

describe('an auditor', () => {
  const read = (token: string, path: string, accept = 'application/json') =>
    service.request('GET', path, { token, headers: { accept } });

  test('reads the ledger of a person for a reason, which the person is told', async () => {
    const auditor = await service.token({ sub: 'olga', roles: ['auditor'] });
    expect((await read(auditor, `/v1/users/${USER}/uses`)).status).toBe(400);
    const { status, body } = await read(auditor, `/v1/users/${USER}/uses?reason=complaint%2017`);
    expect([status, listAt(body, 'uses').length]).toEqual([200, 3]);
    const told = listAt(await ledger(), 'lookups');
    expect(told).toMatchObject([{ role: 'auditor', reason: 'complaint 17' }]);
    expect(JSON.stringify(told)).not.toContain('olga');
  });

  test('reads what a person said and their receipts in the same way, and nobody else does', async () => {
    const auditor = await service.token({ sub: 'olga', roles: ['auditor'] });
    const user = 'u-heard';
    await people.register(user, 'US-NY');
    const token = await service.token({ sub: user });
    const said = await service.request('PUT', '/v1/users/me/choices/ads.personalised', {
      token,
      body: { choice: 'denied' },
    });
    const event = textAt(said.body, 'consistency_token');
    const paths = ['history', 'receipts', `receipts/${event}`];
    for (const path of paths) {
      const at = `/v1/users/${user}/${path}`;
      const refused = await read(auditor, at);
      expect([refused.status, valueAt(refused.body, 'member')]).toEqual([400, '/reason']);
      for (const reason of ['', '%20', 'a%0Ab', 'a'.repeat(501)])
        expect((await read(auditor, `${at}?reason=${reason}`)).status).toBe(400);
      const own = (await read(token, at.replace(user, 'me'))).body;
      const looked = await read(auditor, `${at}?reason=${encodeURIComponent(path)}`);
      expect(looked.status).toBe(200);
      // each receipt has an id of its own
      if (path.endsWith(event)) expect(textAt(looked.body, 'jws')).not.toBe('');
      else expect(looked.body).toEqual(own);
      for (const role of ['policy_admin', 'case_approver'])
        expect(
          (await read(await service.token({ sub: 'ann', roles: [role] }), `${at}?reason=x`)).status,
        ).toBe(403);
    }
    // who is refused has seen nothing, and the user is told of nothing
    for (const path of [
      'history?limit=0',
      'history?after=x',
      'receipts?limit=0',
      'uses?limit=0',
      'uses?cursor=x',
    ])
      expect((await read(auditor, `/v1/users/${user}/${path}&reason=x`)).status, path).toBe(400);
    expect((await read(auditor, `/v1/users/nobody/history?reason=x`)).status).toBe(200);
    const told = listAt((await read(token, '/v1/users/me/uses')).body, 'lookups');
    expect(told.map((one) => valueAt(one, 'reason'))).toEqual(paths.toReversed());
  });

  test('is told of in the export of the person, who has their whole ledger there, as data and as a page', async () => {
    const expected = await ledger();
    const exported = (accept: string, token = own) =>
      service.request('GET', '/v1/users/me/export', { token, headers: { accept } });
    const { body } = await exported('application/json');
    expect(listAt(body, 'uses')).toEqual(listAt(expected, 'uses'));
    expect(listAt(body, 'lookups')).toEqual(listAt(expected, 'lookups'));
    const until = (of: unknown, name: string) => Date.parse(textAt(of, name));
    expect(until(body, 'uses_complete_until')).toBeGreaterThanOrEqual(until(expected, 'complete_until'));
    const page = String((await exported('text/html')).body);
    for (const shown of ['Who used your data', 'Who of the staff looked into these uses', 'complaint 17'])
      expect(page).toContain(shown);
    expect(page.match(/<td>ads<\/td>/g)).toHaveLength(3);
    const stranger = (await exported('application/json', await service.token({ sub: 'u-9' }))).body;
    expect([listAt(stranger, 'uses'), listAt(stranger, 'lookups')]).toEqual([[], []]);
  });

  test('reads what was used of all together, narrowed, in pages, as CSV and as lines', async () => {
    const auditor = await service.token({ sub: 'olga', roles: ['auditor'] });
    const timesOf = async (query: string) => {
      const { status, body } = await read(auditor, `/v1/uses?${query}`);
      expect(status, JSON.stringify(body)).toBe(200);
      return listAt(body, 'uses').map(
        (use) => `${String(valueAt(use, 'reason'))} ${String(valueAt(use, 'times'))}`,
      );
    };
    await ledger();
    expect((await timesOf('client=ads')).toSorted()).toEqual([
      'floor 1',
      'permitted 2',
      'permitted 2',
      'unknown_user 1',
    ]);
    expect(await timesOf('category=private_message&reason=floor')).toEqual(['floor 1']);
    for (const none of ['client=ranking', 'purpose=ai', 'case=c', 'until=2020-01-01T00:00:00Z'])
      expect(await timesOf(none)).toEqual([]);
    expect(await timesOf('limit=1&from=2020-01-01T00:00:00Z')).toHaveLength(1);
    const csv = String((await read(auditor, '/v1/uses?reason=floor', 'text/csv')).body).split('\r\n');
    expect(csv[0]).toMatch(/^id,day,client,purpose,data,level,reason,/);
    expect(csv[1]).toMatch(/^\d+-\d+,\d{4}-\d\d-\d\d,ads,ads.personalised,message.body,,floor,.*,1,0,$/);
    const lines = (await read(auditor, '/v1/uses?reason=floor', 'application/x-ndjson')).body;
    expect(lines).toMatchObject({ client: 'ads', reason: 'floor', times: 1 });
  });

  test('sees how it adds up over time, by reason, client or purpose, narrowed in the same way', async () => {
    const auditor = await service.token({ sub: 'olga', roles: ['auditor'] });
    await ledger();
    const counted = async (query: string) =>
      ok(await service.request('GET', `/v1/uses/counts?${query}`, { token: auditor }));
    const whole = await counted('every=day');
    expect([valueAt(whole, 'every'), valueAt(whole, 'by'), valueAt(whole, 'next')]).toEqual([
      'day',
      'reason',
      undefined,
    ]);
    for (const narrowed of ['', 'permitted=true', 'permitted=false', 'reason=floor', 'purpose=ai'])
      for (const by of ['reason', 'client', 'purpose']) {
        const uses = listAt(ok(await read(auditor, `/v1/uses?limit=200&${narrowed}`)), 'uses');
        const buckets = listAt(await counted(`every=month&by=${by}&${narrowed}`), 'buckets');
        const parts = new Map<string, number>();
        for (const use of uses) {
          const part = by === 'purpose' ? textAt(use, by, 'id') : textAt(use, by);
          parts.set(part, (parts.get(part) ?? 0) + Number(valueAt(use, 'times')));
        }
        const told = buckets.flatMap((bucket) => listAt(bucket, 'counts'));
        expect(
          new Map(told.map((part) => [textAt(part, 'id'), valueAt(part, 'times')])),
          `${by} ${narrowed}`,
        ).toEqual(parts);
        if (narrowed.startsWith('permitted='))
          for (const bucket of buckets)
            expect(valueAt(bucket, 'permitted')).toBe(
              narrowed === 'permitted=true' ? valueAt(bucket, 'times') : 0,
            );
      }
    expect(listAt(await counted('from=2020-01-01T00:00:00Z&until=2020-12-31T00:00:00Z'), 'buckets')).toEqual(
      [],
    );
    for (const wrong of ['every=hour', 'by=user', 'permitted=yes', 'limit=0', 'cursor=x'])
      expect((await read(auditor, `/v1/uses/counts?${wrong}`)).status, wrong).toBe(400);
  });

  test('reads whose data it was by their numbers, and a privacy officer who they are, which is told to each', async () => {
    const auditor = await service.token({ sub: 'olga', roles: ['auditor'] });
    const officer = await service.token({ sub: 'oda', roles: ['privacy_officer'] });
    await people.register('u-gone', 'US-NY');
    await ask('member.skills', 'u-gone');
    await ledger();
    const { body } = await read(officer, '/v1/uses?reason=permitted');
    const uses = listAt(body, 'uses');
    const [several = '', one = ''] = ['decision', 'audience'].map((way) =>
      textAt(
        uses.find((use) => valueAt(use, 'way') === way),
        'id',
      ),
    );
    const peopleOf = async (token: string, id: string, query = '') => {
      const answer = await read(token, `/v1/uses/${id}/people${query}`);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      return listAt(answer.body, 'people').map((person) => [
        valueAt(person, 'user'),
        valueAt(person, 'times'),
      ]);
    };
    const lookups = async () => listAt(await ledger(), 'lookups');
    const before = await lookups();

    expect(await peopleOf(auditor, several)).toEqual([
      [null, 2],
      [null, 1],
    ]);
    expect(await peopleOf(officer, one)).toEqual([
      [null, 1],
      [null, 1],
    ]);
    const refused = await read(auditor, `/v1/uses/${one}/people?reason=why`);
    expect(refused).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('privacy_officer') },
    });
    expect(await lookups()).toEqual(before);

    expect(await peopleOf(officer, several, '?reason=complaint%2018')).toEqual([
      [USER, 2],
      ['u-gone', 1],
    ]);
    expect((await lookups())[0]).toMatchObject({ role: 'privacy_officer', reason: 'complaint 18' });
    // on a page that ends before them, nobody looked them up
    expect(await peopleOf(officer, one, '?limit=1&reason=half')).toEqual([[USER, 1]]);
    const other = await service.token({ sub: 'u-2' });
    expect(listAt(await ledger(other), 'lookups')).toEqual([]);

    const accounts = await service.token({ sub: 'accounts', purposes: [], scope: 'users:erase' });
    expect((await service.request('DELETE', '/v1/users/u-gone', { token: accounts })).status).toBe(200);
    expect(await peopleOf(officer, several, '?reason=again')).toEqual([
      [USER, 2],
      [null, 1],
    ]);
    for (const after of ['999999999999999 user', '4294967296 user', 'x']) {
      const cursor = Buffer.from(after).toString('base64url');
      expect((await read(officer, `/v1/uses/${one}/people?cursor=${cursor}`)).status, after).toBe(400);
    }
    for (const id of [`${several}0000000000000000000`, '1-1', '1-9999999999999999999', 'x', '-1-1'])
      expect((await read(officer, `/v1/uses/${id}/people`)).status, id).toBe(404);
  });
});

test('the ledger is made anew from the record with an equal result', async () => {
  const before = await ledger();
  const { dataDir, stop } = service;
  await service.kill('SIGTERM');
  const made = await promisify(execFile)(process.execPath, ['dist/cli/record/record.js', 'rebuild'], {
    cwd: new URL('../..', import.meta.url).pathname,
    env: { ...process.env, DATA_DIR: dataDir },
  });
  expect(made.stdout).toContain('made anew');
  const again = await startService({ DATA_DIR: dataDir });
  service = { ...again, stop: async () => (await again.stop(), await stop()) };
  expect(listAt(await ledger(), 'uses')).toEqual(listAt(before, 'uses'));
});
