/** Takes in rows as a service that moves from an earlier system. */
import { expect } from 'vitest';
import type { Service } from './service.js';

const NDJSON = { 'content-type': 'application/x-ndjson' };

/** @param id of the import */
export async function importRows(
  service: Pick<Service, 'request' | 'token'>,
  id: string,
  rows: readonly object[],
): Promise<void> {
  const token = await service.token({ sub: 'migration', purposes: [], scope: 'choices:import' });
  const body = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const { status } = await service.request('POST', `/v1/imports/${id}?from=1`, {
    token,
    body,
    headers: NDJSON,
  });
  expect(status).toBe(200);
}
