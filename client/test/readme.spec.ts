/** The page shows programs that run, and names what the client has. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { CLIENT_REASONS } from '../src/reasons.js';
import { clientToken, everywhere } from './people.js';

const README = await readFile(new URL('../README.md', import.meta.url), 'utf8');

const printed: unknown[] = [];
beforeEach(() => {
  printed.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => printed.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test.each(['ask', 'test'])('it shows the program client/examples/%s.ts as it is', async (name) => {
  const program = await readFile(new URL(`../examples/${name}.ts`, import.meta.url), 'utf8');
  expect(README).toContain(`<!-- client/examples/${name}.ts -->\n\n\`\`\`ts\n${program}\`\`\``);
});

test('the first program reads of a service what may be read', async () => {
  await everywhere({ 'u-123': { region: 'US-CA', age_band: 'adult' } }, []);
  vi.stubEnv('ASSENT_URL', inject('service').url);
  vi.stubEnv('ASSENT_TOKEN', await clientToken(['ads.personalised']));
  await import('../examples/ask.js');
  expect(printed).toEqual(['read it, in groups of 300 or more']);
  expect(README).toContain(`says \`${String(printed[0])}\``);
});

test('the program for tests lets through what was granted until it is denied', async () => {
  await import('../examples/test.js');
  const nothing: object = Object.create(null);
  expect(printed).toEqual([
    Object.assign(nothing, { 'member.skills': ['welding'] }),
    '`research` may not read `member.skills` of this user: the user denied the purpose, or one it depends on (`opted_out`)',
  ]);
});

test('its table of reasons has each reason of the client once, in order', () => {
  const [, table = ''] = README.split('## Reasons of the client');
  const told = [...table.matchAll(/^\| `([a-z_]+)`/gm)].map(([, reason]) => reason);
  expect(told).toEqual(Object.keys(CLIENT_REASONS));
});
