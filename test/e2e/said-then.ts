/** That a service on what a former build left is answered from as that build was. */
import { expect } from 'vitest';
import type { FormerBuild } from '../compatibility/former-build.js';
import { EVALUATION } from './questions.js';
import { listAt, valueAt } from './replies.js';
import type { Service } from './service.js';

/** @param when for the message of a failure */
export async function expectAsThen(service: Service, said: FormerBuild['said'], when = ''): Promise<void> {
  const auditor = await service.token({ sub: 'ada', roles: ['auditor', 'privacy_officer'] });
  const member = await service.token({ sub: 'anna' });
  const bodyOf = async (method: string, path: string, token: string, body?: object) =>
    (await service.request(method, path, { token, body })).body;
  expect(await answersOf(service, said), when).toEqual(said.answers);
  expect(await bodyOf('GET', '/v1/log', auditor)).toMatchObject({ revision: said.revision, hash: said.hash });
  expect(await bodyOf('POST', '/v1/log/verification', auditor)).toMatchObject({ intact: true });
  expect(await bodyOf('GET', '/v1/users/me/history', member)).toMatchObject({ events: said.history });
  expect(said.signed.length).toBeGreaterThan(1);
  for (const jws of said.signed)
    expect(await bodyOf('POST', '/v1/receipts/verify', member, { jws })).toMatchObject({ valid: true });
  // the ledger follows the record
  await expect
    .poll(async () => listAt(await bodyOf('GET', '/v1/users/me/uses', member), 'uses').length)
    .toBeGreaterThan(0);
}

async function answersOf(service: Service, { purposes, answers }: FormerBuild['said']) {
  const token = await service.token({ sub: 'asker', purposes });
  const given = [];
  for (const { body } of answers) {
    let answer: unknown;
    // a process that the machine gave no time has no lease for a moment
    do answer = (await service.request('POST', EVALUATION, { token, body })).body;
    while (valueAt(answer, 'context', 'reason') === 'consent_unavailable');
    given.push({ body, decision: valueAt(answer, 'decision'), reason: valueAt(answer, 'context', 'reason') });
  }
  return given;
}
