/** Whatever goes wrong on the way to the service, a NestJS application shows nothing; and all once the way is well. */
import { describe, expect, test } from 'vitest';
import { createAssent } from '../../src/assent.js';
import { FakeService } from '../faults/fake-service.js';
import { FAULTS } from '../faults/faults.js';
import { MASKED, SECRET, get, ran, startNest } from './app.js';

/** As in `faults/faults.spec.ts`. */
const PATIENT = 30_000;
const IMPATIENT = 250;

describe.each(FAULTS)('a server that %s', (_what, reason, fault) => {
  test(`makes the guard refuse and the interceptor take out, \`${reason}\`, until it answers`, async () => {
    const service = await new FakeService().start();
    const timeout = reason === 'timed_out' ? IMPATIENT : PATIENT;
    const settings = { url: service.url, token: 'a-token', discharges: ['min_cohort_50'], timeout };
    const apps = await Promise.all(
      ['refused', ...Object.keys(MASKED)].map(async (route) => {
        const assent = createAssent(settings);
        return { route, assent, ...(await startNest(assent)) };
      }),
    );
    const answers = () => Promise.all(apps.map(({ route, url }) => get(`${url}/u/u-1/${route}`)));
    try {
      ran.length = 0;
      service.doing = fault;
      const [refused, ...masked] = await answers();
      expect(refused?.status).toBe(403);
      expect(JSON.parse(refused?.body ?? '')).toMatchObject({ status: 403, reason, field: 'member.skills' });
      expect(ran).toEqual([]);
      expect(JSON.stringify([refused, masked])).not.toContain(SECRET);
      expect(masked).toEqual(Object.values(MASKED).map(({ none }) => ({ status: 200, body: none })));
      service.heal();
      const expected = [`{"skills":["${SECRET}"]}`, ...Object.values(MASKED).map(({ all }) => all)];
      // one after the other: together they may take longer than the impatient wait for any of them
      for (const [at, { route, url }] of apps.entries())
        await expect.poll(async () => (await get(`${url}/u/u-1/${route}`)).body).toBe(expected[at]);
    } finally {
      await Promise.all(apps.map(({ app }) => app.close()));
      for (const { assent } of apps) assent.close();
      await service.stop();
    }
  });
});
