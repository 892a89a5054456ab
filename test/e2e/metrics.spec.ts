/** The metrics of the built service, on a port of their own. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { type Service, startService } from './service.js';
import { type Scrape, metricsUrlOf, scrape, scrapeText } from './scrape.js';

const PURPOSE = 'ads.personalised';

let service: Service;
let url: string;
beforeAll(async () => {
  service = await startService({ METRICS_PORT: '0' });
  url = await metricsUrlOf(service);
});
afterAll(() => service.stop());

async function decisions(scraped: Scrape): Promise<Record<string, number>> {
  const found = scraped.filter(({ name }) => name === 'assent_decisions_total');
  return Object.fromEntries(
    found.map(({ labels, value }) => [
      `${labels['purpose']} ${labels['verdict']} ${labels['reason']}`,
      value,
    ]),
  );
}

type Row = { readonly name: string; readonly type: string; readonly labels: string; readonly help: string };

function tableOf(page: string): Row[] {
  const rows = page.matchAll(/^\| `(assent_\w+)` *\| (\w+) *\| ([^|]*)\| (.*?) *\|$/gm);
  return Array.from(rows, ([, name = '', type = '', labels = '', help = '']) => ({
    name,
    type,
    labels,
    help,
  }));
}

/** What lines of a kind say of each family. */
function lines(text: string, kind: 'HELP' | 'TYPE'): (readonly [name: string, said: string])[] {
  const found = text.matchAll(new RegExp(`^# ${kind} (\\S+) (.*)$`, 'gm'));
  return Array.from(found, ([, name = '', said = '']) => [name, said]);
}

describe('metrics', () => {
  test('count each decision once by purpose, verdict and reason, whichever way it is answered', async () => {
    const token = await service.token({ sub: 'ads', purposes: [PURPOSE] });
    const people = await peopleOf(service);
    await people.register('u-1', 'DE');
    await people.choose('u-1', PURPOSE, 'granted');
    const ask = (user: string, headers = {}) =>
      service.request('POST', EVALUATION, { token, body: mayRead(PURPOSE, user), headers });
    // the first is answered by the router, which verifies the token; the second before it
    for (const user of ['u-1', 'u-1', 'nobody']) await ask(user);
    // an answer may arrive before it is counted
    await expect
      .poll(async () => decisions(await scrape(url)))
      .toEqual({ [`${PURPOSE} permit permitted`]: 2, [`${PURPOSE} deny unknown_user`]: 1 });
    const times = async () =>
      (await scrape(url)).find(
        ({ name, labels }) =>
          name === 'assent_decision_duration_seconds_count' && labels['route'] === EVALUATION,
      )?.value;
    await expect.poll(times).toBe(3);
  });

  test('count each request once by its client, also where it is refused, or the router must answer it', async () => {
    const token = await service.token({ sub: 'counted', purposes: [PURPOSE] });
    const ask = (purpose: string) =>
      service.request('POST', EVALUATION, { token, body: mayRead(purpose, 'u-1') });
    const asked = [];
    for (const purpose of [PURPOSE, PURPOSE, 'recruiting', 'recruiting'])
      asked.push((await ask(purpose)).status);
    expect(asked).toEqual([200, 200, 403, 403]);
    const counted = async () =>
      (await scrape(url)).find(
        ({ name, labels }) => name === 'assent_client_requests_total' && labels['client'] === 'counted',
      )?.value;
    await expect.poll(counted).toBe(4);
  });

  test('are what docs/metrics.md has: no less, no more, and each as it says', async () => {
    const text = await scrapeText(url);
    const told = tableOf(readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8'));
    const types = new Map(lines(text, 'TYPE'));
    const exposed = lines(text, 'HELP')
      .filter(([name]) => name.startsWith('assent_'))
      .map(([name, help]) => {
        const type = types.get(name) ?? '';
        return { name: type === 'counter' ? `${name}_total` : name, type, help };
      });
    // it is of several workers, see alarms.long.spec.ts
    const known = told.filter(({ name }) => name !== 'assent_worker_up');
    expect(exposed).toEqual(known.map(({ name, type, help }) => ({ name, type, help })));
    for (const { name, labels } of await scrape(url)) {
      const row = told.find(({ name: of }) => name.replace(/_(bucket|sum|count)$/, '') === of || name === of);
      for (const label of Object.keys(labels))
        if (row !== undefined && label !== 'le') expect(row.labels, name).toContain(label);
    }
  });

  test('have what alarms and the board ask for of Node.js, too', async () => {
    const names = new Set((await scrape(url)).map(({ name }) => name));
    const asked = ['prometheus/rules.yaml', 'grafana/assent.json'].flatMap((file) =>
      Array.from(
        readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8').matchAll(
          /\b(?:nodejs|process)_\w+/g,
        ),
        ([name]) => name,
      ),
    );
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
  });

  test('are answered to GET /metrics on their port alone, and nothing else is', async () => {
    const asked = async (path: string, init?: RequestInit) => (await fetch(new URL(path, url), init)).status;
    const { status, headers } = await fetch(url);
    // there is room for few connections, which idle ones are not to take
    expect([status, headers.get('keep-alive')]).toEqual([200, 'timeout=5']);
    expect(await asked('/metrics', { method: 'POST', body: 'x' })).toBe(405);
    expect(await asked('/metrics', { method: 'HEAD' })).toBe(405);
    expect(await asked('/health/live')).toBe(404);
    expect(await asked('/')).toBe(404);
    expect(await asked('/metrics', { headers: { 'x-long': 'x'.repeat(10_000) } })).toBe(431);
    // who calls the service learns nothing there, not even with a token
    expect((await service.request('GET', '/metrics')).status).toBe(401);
    const token = await service.token({ sub: 'ads', purposes: [PURPOSE] });
    expect((await service.request('GET', '/metrics', { token })).status).toBe(404);
  });
});
