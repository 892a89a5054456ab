import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { developmentToken } from './development-key.js';
import { TokenVerifier } from './token-verifier.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-'));
});

afterAll(() => rm(folder, { recursive: true }));

it("a development token is a client's own or a person's as it was asked for, whatever else it says", async () => {
  const verifier = await TokenVerifier.forDevelopment(folder);
  const kinds: Record<'client' | 'person', string[]> = { client: [], person: [] };
  for (const holder of ['client', 'person'] as const)
    for (const says of [{}, { purposes: [] }, { purposes: ['ads'] }, { scope: 'settings:read' }]) {
      const { credentials } = await verifier.verify(
        await developmentToken(folder, holder, { sub: 'x', ...says }),
      );
      kinds[holder].push(credentials.kind);
    }
  expect(kinds).toEqual({
    client: ['service', 'service', 'service', 'service'],
    person: ['user', 'user', 'user', 'user'],
  });
});
