import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
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

it('a development key that is damaged is refused in words, and nothing of it is repeated', async () => {
  const path = join(folder, 'development-key.json');
  await developmentToken(folder, 'client', { sub: 'x' });
  const text = await readFile(path, 'utf8');
  const key: Record<string, unknown> = JSON.parse(text);
  const secret = String(key['d']);
  const damaged = [
    text.slice(0, -1),
    secret,
    JSON.stringify({ ...key, d: 7 }),
    JSON.stringify({ ...key, kty: 'oct', k: secret }),
    JSON.stringify({ ...key, crv: 'P-384' }),
    JSON.stringify({ ...key, x: secret }),
    JSON.stringify([key]),
    'null',
    '',
  ];
  for (const content of damaged) {
    await writeFile(path, content);
    for (const use of [
      () => developmentToken(folder, 'client', { sub: 'x' }),
      () => TokenVerifier.forDevelopment(folder),
    ]) {
      const said = await use().then(
        () => 'it was used',
        (error: unknown) => inspect(error),
      );
      expect(said, content.slice(0, 20)).toContain(
        'the development key in DATA_DIR is damaged: delete `development-key.json` there, and start again',
      );
      expect(said).not.toContain(secret.slice(0, 8));
    }
  }
});
