/** The data folder of a former build opens, verifies, and is answered from as its own build did; also under a new key. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { formerBuild, formerBuilds, formerFolder } from '../compatibility/former-folder.js';
import { EVALUATION } from './questions.js';
import { listAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

const ROOT = new URL('../..', import.meta.url).pathname;

async function answersOf(
  service: Service,
  { purposes, answers }: Awaited<ReturnType<typeof formerBuild>>['said'],
) {
  const token = await service.token({ sub: 'asker', purposes });
  const given = [];
  for (const { body } of answers) {
    const reply = await service.request('POST', EVALUATION, { token, body });
    given.push({
      body,
      decision: valueAt(reply.body, 'decision'),
      reason: valueAt(valueAt(reply.body, 'context'), 'reason'),
    });
  }
  return given;
}

it.each(await formerBuilds())(
  '%s',
  async (name) => {
    const build = await formerBuild(name);
    const { said } = build;
    const settings = { DATA_DIR: await formerFolder(build) };
    for (const key of ['its own', 'a new one']) {
      const service = await startService(settings);
      const auditor = await service.token({ sub: 'ada', roles: ['auditor', 'privacy_officer'] });
      const member = await service.token({ sub: 'anna' });
      const bodyOf = async (method: string, path: string, token: string, body?: object) =>
        (await service.request(method, path, { token, body })).body;
      try {
        expect(await answersOf(service, said), key).toEqual(said.answers);
        expect(await bodyOf('GET', '/v1/log', auditor)).toMatchObject({
          revision: said.revision,
          hash: said.hash,
        });
        expect(await bodyOf('POST', '/v1/log/verification', auditor)).toMatchObject({ intact: true });
        expect(await bodyOf('GET', '/v1/users/me/history', member)).toMatchObject({ events: said.history });
        expect(said.signed.length).toBeGreaterThan(1);
        for (const jws of said.signed)
          expect(await bodyOf('POST', '/v1/receipts/verify', member, { jws })).toMatchObject({ valid: true });
        expect(listAt(await bodyOf('GET', '/v1/users/me/uses', member), 'uses').length).toBeGreaterThan(0);
      } finally {
        await service.stop();
      }
      await promisify(execFile)(process.execPath, [`${ROOT}dist/cli/keys.js`, 'rotate'], {
        env: { ...process.env, ...settings },
      });
    }
    await rm(settings.DATA_DIR, { recursive: true });
  },
  240_000,
);
