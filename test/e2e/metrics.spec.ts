/** The metrics of the built service, on a port of their own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { type Service, startService } from './service.js';
import { type Scrape, metricsUrlOf, scrape } from './scrape.js';

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
    expect(await decisions(await scrape(url))).toEqual({
      [`${PURPOSE} permit permitted`]: 2,
      [`${PURPOSE} deny unknown_user`]: 1,
    });
    const times = (await scrape(url)).find(
      ({ name, labels }) =>
        name === 'assent_decision_duration_seconds_count' && labels['route'] === EVALUATION,
    );
    expect(times?.value).toBe(3);
  });

  test('are answered to GET /metrics on their port alone, and nothing else is', async () => {
    const asked = async (path: string, init?: RequestInit) => (await fetch(new URL(path, url), init)).status;
    expect(await asked('/metrics')).toBe(200);
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
