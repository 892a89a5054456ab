/** How the page and its files are served. */
import { readFile } from 'node:fs/promises';
import { brotliDecompressSync } from 'node:zlib';
import { beforeAll, expect, inject, test } from 'vitest';
import { rawRequest } from '../../test/e2e/raw-request.js';
import { textAt } from '../../test/e2e/replies.js';

const LIST = new URL('../../dist/settings/files.json', import.meta.url);

let entry = '';

beforeAll(async () => {
  const list: unknown = JSON.parse(await readFile(LIST, 'utf8'));
  entry = textAt(list, 'entry');
});

test('the words of the language that the browser asks for are on the way with the script', async () => {
  for (const [asked, file] of [
    ['de-CH, en;q=0.5', 'de'],
    ['pt, ja;q=0.8', 'ja'],
    ['en-GB, de;q=0.5', undefined],
    ['pt', undefined],
    ['', undefined],
  ] as const) {
    const page = await get('/settings', { 'accept-language': asked });
    expect(page.headers.get('vary')).toMatch(/^accept-language\b/);
    const preloaded = /<link rel="modulepreload" href="settings\/([a-z]+)-\S+\.js">/.exec(
      await page.text(),
    )?.[1];
    expect(preloaded, asked).toBe(file);
  }
});

test('the page has an icon, so that no browser looks for one elsewhere', async () => {
  const name = /<link rel="icon" type="image\/svg\+xml" href="(\S+)">/.exec(
    await (await get('/settings')).text(),
  )?.[1];
  const icon = await get(`/${name}`);
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
  expect(icon.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${inject('settings').url}${path}`, { headers });

test('the page is asked for anew each time, and names the script that is to be kept for good', async () => {
  const page = await get('/settings');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  const text = await page.text();
  expect(text).toContain(`src="settings/${entry}"`);
  // nothing of it is inline
  expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script>|javascript:/i);
  const script = await get(`/settings/${entry}`);
  expect(script.status).toBe(200);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

test('the element has one address for hosts, of any origin, which is the same script', async () => {
  const script = await get('/settings/assent-settings.js', { origin: 'https://shop.example' });
  expect(script.headers.get('access-control-allow-origin')).toBe('*');
  expect(script.headers.get('cache-control')).toBe('no-cache');
  expect(await script.text()).toBe(`export { AssentSettings } from './${entry}';\n`);
  const tag = script.headers.get('etag') ?? '';
  expect((await get('/settings/assent-settings.js', { 'if-none-match': tag })).status).toBe(304);
  expect((await get('/settings/assent-settings.js', { 'if-none-match': '"another"' })).status).toBe(200);
});

test.each([
  ['gzip, br', true],
  ['br;q=0.5', true],
  ['br;q=0', false],
  ['gzip', false],
  ['brotli', false],
  ['', false],
])('to a browser that takes `%s`, brotli is sent: %s', async (encoding, isBrotli) => {
  const sent = await rawRequest(inject('settings').url, {
    method: 'GET',
    path: `/settings/${entry}`,
    headers: { 'accept-encoding': encoding },
  });
  expect(sent.headers['content-encoding'] === 'br').toBe(isBrotli);
  expect(sent.headers['vary']).toBe('accept-encoding');
});

test('what is sent with brotli is the script', async () => {
  const plain = await readFile(new URL(entry, LIST));
  const sent = await readFile(new URL(`${entry}.br`, LIST));
  expect(brotliDecompressSync(sent).equals(plain)).toBe(true);
});

test('nothing else of the disk is served', async () => {
  for (const name of [
    'files.json',
    `${entry}.br`,
    'x.js',
    '..%2fmain.js',
    '%2e%2e%2fmain.js',
    'licences',
    '__proto__',
    'constructor',
  ])
    expect([400, 401, 404], name).toContain((await get(`/settings/${name}`)).status);
  for (const name of ['licences/licences.txt', '../main.js'])
    expect([400, 401, 404], name).toContain(
      (await rawRequest(inject('settings').url, { method: 'GET', path: `/settings/${name}` })).status,
    );
});

test('nothing is written to the page', async () => {
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await fetch(`${inject('settings').url}/settings`, { method })).status).toBe(401);
});
