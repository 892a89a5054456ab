/** The page shows a schema and a program that runs on it. */
import { readFile } from 'node:fs/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { PrismaClient } from '../../examples/generated/client.js';
import { lint } from '../../src/cli/lint.js';
import { clientToken, everywhere } from '../people.js';
import { type Databases, startDatabases } from './database.js';

const EXAMPLES = new URL('../../examples/', import.meta.url);
const PAGE = await readFile(new URL('../../docs/prisma.md', import.meta.url), 'utf8');

let databases: Databases;
const printed: unknown[] = [];
beforeAll(async () => {
  databases = await startDatabases();
});
afterAll(() => databases.stop());
beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => printed.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test.each([
  ['schema.prisma', 'prisma'],
  ['prisma.ts', 'ts'],
])('it shows client/examples/%s as it is', async (name, language) => {
  const text = await readFile(new URL(name, EXAMPLES), 'utf8');
  expect(PAGE).toContain(`<!-- client/examples/${name} -->\n\n\`\`\`${language}\n${text}\`\`\``);
});

test('its schema passes the linter', async () => {
  const silent = { write: (text: string) => expect.unreachable(text) };
  const file = new URL('schema.prisma', EXAMPLES).pathname;
  expect(await lint.run([file], { stdout: silent, stderr: silent })).toBe(0);
});

test('its program shows what the service permits, and refuses the count', async () => {
  const url = await databases.create('members', new URL('schema.prisma', EXAMPLES));
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  const joined = new Date('2026-02-01');
  await prisma.member.createMany({ data: ['u-1', 'u-2'].map((id) => ({ id, skills: ['welding'], joined })) });
  await prisma.$disconnect();
  const adult = { region: 'US-TX', age_band: 'adult' } as const;
  await everywhere({ 'u-1': adult, 'u-2': { ...adult, choices: { personalise: 'denied' } } }, []);
  vi.stubEnv('ASSENT_URL', inject('service').url);
  vi.stubEnv('ASSENT_TOKEN', await clientToken(['personalise']));
  vi.stubEnv('MEMBERS_DATABASE_URL', url);
  await import('../../examples/prisma.js');
  expect(printed).toEqual([
    [
      { id: 'u-1', skills: ['welding'] },
      { id: 'u-2', skills: null },
    ],
    expect.stringMatching(/^`Member\.skills` is a field: /),
  ]);
  expect(PAGE).toContain("[\n  { id: 'u-1', skills: [ 'welding' ] },\n  { id: 'u-2', skills: null }\n]");
});
