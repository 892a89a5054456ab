/** The same users in a service and in a transport for tests. */
import { inject } from 'vitest';
import { type InProcess, type TestUser, inProcess } from '../src/in-process.js';
import { HttpTransport } from '../src/http/http-transport.js';
import { developmentToken } from '../../src/access/tokens/development-key.js';
import { REFERENCE } from '../../test/reference-policy.js';

/** Long enough for a slow machine: no test here is about time. */
const TIMEOUT = 60_000;

/** A token of the service that may ask for these purposes. */
export function clientToken(purposes: readonly string[], scope?: string): Promise<string> {
  const { dataDir } = inject('service');
  const claims = { sub: 'client', purposes, ...(scope === undefined ? {} : { scope }) };
  return developmentToken(dataDir, 'client', claims);
}

export async function httpTransport(purposes: readonly string[]): Promise<HttpTransport> {
  return new HttpTransport({ url: inject('service').url, token: await clientToken(purposes) }, TIMEOUT);
}

/**
 * Registers users with the service, and with a new transport for tests. What the service does not offer them is left out
 * of both.
 */
export async function everywhere(
  users: Readonly<Record<string, TestUser>>,
  purposes: readonly string[],
): Promise<InProcess> {
  const token = await clientToken([], 'users:write choices:write');
  const local = inProcess({ policy: REFERENCE, purposes });
  for (const [id, user] of Object.entries(users)) {
    const { region, age_band, choices = {}, gpc, visibility = {} } = user;
    await put(token, `/v1/users/${id}`, { region, age_band });
    const taken: Record<string, 'granted' | 'denied'> = {};
    for (const [purpose, said] of Object.entries(choices)) {
      const choice = typeof said === 'string' ? said : said.choice;
      const notice = REFERENCE.purposes.find((one) => one.id === purpose)?.notice ?? 1;
      const body = choice === 'granted' ? { choice, notice } : { choice };
      const status = await put(token, `/v1/users/${id}/choices/${purpose}`, body, [200, 409]);
      if (status === 200) taken[purpose] = choice;
    }
    for (const [group, level] of Object.entries(visibility))
      await put(token, `/v1/users/${id}/visibility/${group}`, { level });
    if (gpc === true) await send(token, 'POST', `/v1/users/${id}/signals`, { signal: 'gpc' });
    local.put(id, { ...user, choices: taken });
  }
  return local;
}

function put(token: string, path: string, body: object, expected?: readonly number[]): Promise<number> {
  return send(token, 'PUT', path, body, expected);
}

async function send(
  token: string,
  method: string,
  path: string,
  body: object,
  expected: readonly number[] = [200],
): Promise<number> {
  const { status } = await fetch(`${inject('service').url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!expected.includes(status)) throw new Error(`${method} ${path} was answered with ${status}`);
  return status;
}
