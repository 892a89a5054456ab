/** Notices: what users are told before they say yes, and the proof of it. */
import { createHash } from 'node:crypto';
import { canonicalize } from 'json-canonicalize';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Admins, adminsOf, documentInForce, publishDocument } from './admins.js';
import { PURPOSES } from './questions.js';
import { listAt, membersOf, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

let service: Service;
let admins: Admins;
let reader: string;

beforeAll(async () => {
  service = await startService();
  admins = await adminsOf(service);
  reader = await service.token({ sub: 'reader' });
});

afterAll(() => service.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  service.request('GET', `/v1/notices/${path}`, { token: reader, headers });

/** The hash as anybody can make it who has the notice. */
function hashOf(notice: unknown): string {
  const told = membersOf(notice).filter(([name]) => name !== 'hash' && name !== 'policy');
  return `sha256:${createHash('sha256')
    .update(canonicalize(Object.fromEntries(told)))
    .digest('hex')}`;
}

describe('a notice', () => {
  test.each(['en', 'de'])(
    'tells of every purpose in %s what it is for and which data it opens',
    async (language) => {
      for (const purpose of PURPOSES) {
        const { status, body, headers } = await get(`${purpose}?language=${language}`);
        expect(status).toBe(200);
        expect(headers.get('content-language')).toBe(language);
        expect(body).toMatchObject({ purpose, version: 1, language });
        expect(textAt(body, 'description').length).toBeGreaterThan(40);
        expect(listAt(body, 'data').length).toBeGreaterThan(0);
        expect(textAt(body, 'hash')).toBe(hashOf(body));
      }
    },
  );

  test('names the data that the purpose opens, and no other', async () => {
    const { body } = await get('ads.personalised');
    expect(listAt(body, 'data').map((one) => textAt(one, 'category'))).toEqual(['profile']);
    const fields = listAt(body, 'data', 0, 'fields').map((one) => textAt(one, 'id'));
    expect(fields).toContain('member.skills');
    // never for ads; and an estimate, which the purpose does not read
    expect(fields).not.toContain('member.phone');
    expect(fields).not.toContain('member.gender');
  });

  test('comes in the language that the caller asks for, and else in that of the policy', async () => {
    const titleIn = async (headers: Record<string, string>) =>
      textAt((await get('ai', headers)).body, 'title');
    expect(await titleIn({ 'accept-language': 'de-CH, en;q=0.5' })).toBe('Training von KI');
    expect(await titleIn({ 'accept-language': 'fr' })).toBe('Training AI');
    expect(textAt((await get('ai?language=de-AT', { 'accept-language': 'en' })).body, 'language')).toBe('de');
  });

  test.each([
    ['ai?language=fr', 400, 'invalid_request'],
    ['ai?language=*', 400, 'invalid_request'],
    ['ai?language=', 400, 'invalid_request'],
    ['ads.unheard_of', 404, 'purpose_not_found'],
    ['ads.unheard_of/versions', 404, 'purpose_not_found'],
    ['__proto__', 404, 'purpose_not_found'],
  ])('of %s is a %s', async (path, status, code) => {
    expect(await get(path)).toMatchObject({ status, body: { type: `urn:assent:problem:${code}` } });
  });

  test('is for every caller, and for nobody without a token', async () => {
    for (const token of [
      await service.token({ sub: 'pep', purposes: [] }),
      await service.token({ sub: 'auditor', roles: [] }),
    ])
      expect(await service.request('GET', '/v1/notices/ai', { token })).toMatchObject({ status: 200 });
    expect(await service.request('GET', '/v1/notices/ai')).toMatchObject({ status: 401 });
    expect(await service.request('GET', '/v1/notices/ai/versions')).toMatchObject({ status: 401 });
  });
});

describe('the notices that there were', () => {
  test('are told with their hashes and times, and stay when others follow', async () => {
    const purpose = 'ads.inferred';
    const first = await get(purpose);
    const document = await documentInForce(admins);
    const published = async (change: object, notices: Record<string, number>) =>
      publishDocument(
        admins,
        {
          ...document,
          purposes: document.purposes.map((one) => (one.id === purpose ? { ...one, ...change } : one)),
        },
        notices,
      );

    // another purpose: the notice of this one stands
    await publishDocument(admins, {
      ...document,
      purposes: document.purposes.map((one) => (one.id === 'research' ? { ...one, title: 'Studies' } : one)),
    });
    expect(listAt((await get(`${purpose}/versions`)).body, 'versions')).toHaveLength(1);

    const title = 'Ads from what you do here';
    await published({ title, notice: 2 }, { [purpose]: 2 });
    const second = await get(purpose);
    expect(second).toMatchObject({ body: { version: 2, title } });
    const { body } = await get(`${purpose}/versions`);
    expect(body).toMatchObject({
      purpose,
      versions: [
        {
          version: 2,
          languages: ['en', 'de'],
          hashes: { en: textAt(second.body, 'hash') },
          until: null,
          policy: textAt(second.body, 'policy'),
        },
        { version: 1, hashes: { en: textAt(first.body, 'hash') }, policy: textAt(first.body, 'policy') },
      ],
    });
    expect(valueAt(body, 'versions', 1, 'until')).toBe(valueAt(body, 'versions', 0, 'since'));
    expect(Date.parse(textAt(body, 'versions', 1, 'since'))).toBeLessThan(
      Date.parse(textAt(body, 'versions', 0, 'since')),
    );
    // whoever was told the first one can still read it, by its number and by the policy it was in
    const old = textAt(first.body, 'policy');
    for (const query of ['version=1', `policy=${old}`]) {
      const reply = await get(`${purpose}?${query}&language=de`);
      expect(reply).toMatchObject({ status: 200, body: { version: 1, policy: old, language: 'de' } });
      expect(textAt(reply.body, 'hash')).toBe(textAt(body, 'versions', 1, 'hashes', 'de'));
      expect(hashOf(reply.body)).toBe(textAt(reply.body, 'hash'));
      expect((await get(`${purpose}?${query}`)).body).toEqual(first.body);
    }
    for (const query of ['version=3', `policy=sha256:${'0'.repeat(64)}`])
      expect(await get(`${purpose}?${query}`)).toMatchObject({
        status: 404,
        body: { type: 'urn:assent:problem:notice_not_found' },
      });
    for (const query of ['version=0', 'version=x', 'policy=x', `version=1&policy=${old}`])
      expect(await get(`${purpose}?${query}`)).toMatchObject({ status: 400 });
    // the German was not touched, but it is another notice
    expect(valueAt(body, 'versions', 0, 'hashes', 'de')).not.toBe(
      valueAt(body, 'versions', 1, 'hashes', 'de'),
    );
  });
});
