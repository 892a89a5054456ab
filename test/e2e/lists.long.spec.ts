/** Lists and documents of policies under a small heap: each answer has a bound, however much there is. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Admins, adminsOf, expectRefusal, ok } from './admins.js';
import { listAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

const HEAP_MB = 256;
const DRAFTS = 100;
const READERS = 40;
const MEGABYTE = 1_000_000;

let service: Service;
let admins: Admins;
const ids: string[] = [];

beforeAll(async () => {
  service = await startService({}, [`--max-old-space-size=${HEAP_MB}`]);
  admins = await adminsOf(service);
  for (let at = 0; at < DRAFTS; at++) {
    // of one content there is one draft
    const body = { message: `draft ${at}`, document: { filler: String(at).padEnd(MEGABYTE, 'x') } };
    ids.push(textAt((await admins.send('ann', 'POST', '/drafts', { body })).body, 'id'));
  }
}, 180_000);

afterAll(() => service.stop());

const atOnce = <T>(work: (at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: READERS }, (_, at) => work(at)));

test(`${READERS} readers of a list of ${DRAFTS} drafts of a megabyte each are all answered`, async () => {
  const replies = await atOnce(() => admins.send('ann', 'GET', '/drafts?limit=200'));
  for (const reply of replies) expect(listAt(ok(reply), 'drafts')).toHaveLength(DRAFTS);
}, 120_000);

test(`${READERS} readers of whole drafts of a megabyte are all answered`, async () => {
  const replies = await atOnce((at) => admins.send('ann', 'GET', `/drafts/${ids[at] ?? ''}`));
  replies.forEach((reply, at) => {
    expect(textAt(ok(reply), 'id')).toBe(ids[at]);
    expect(textAt(reply.body, 'document', 'filler')).toHaveLength(MEGABYTE);
    expect(reply.headers.get('etag')).toBe('"1"');
  });
}, 120_000);

test('the pages of a list are the whole list, in order and without a break', async () => {
  for (const [list, name, limit] of [
    ['/drafts', 'drafts', 30],
    ['/versions', 'versions', 1],
    ['/publications', 'publications', 1],
  ] as const) {
    const found: unknown[] = [];
    let cursor = '';
    do {
      const page = ok(await admins.send('auditor', 'GET', `${list}?limit=${limit}${cursor}`));
      found.push(...listAt(page, name));
      const next = valueAt(page, 'next');
      cursor = typeof next === 'string' ? `&cursor=${next}` : '';
    } while (cursor !== '');
    if (list === '/drafts')
      expect(found.map((draft) => textAt(draft, 'message'))).toEqual(
        Array.from({ length: DRAFTS }, (_, at) => `draft ${DRAFTS - 1 - at}`),
      );
    else expect(found).toHaveLength(1);
    for (const entry of found) expect(entry).not.toHaveProperty('document');
    const noNumber = `cursor=${Buffer.from(`${2 ** 31} x`).toString('base64url')}`;
    for (const odd of [
      'limit=0',
      'limit=201',
      'limit=x',
      'cursor=x',
      'cursor=',
      ...(list === '/publications' ? [noNumber] : []),
    ])
      expectRefusal(await admins.send('auditor', 'GET', `${list}?${odd}`), 400, 'invalid_request');
  }
}, 60_000);
