/** The page of extracts shows a program that runs. */
import { readFile } from 'node:fs/promises';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { clientToken, everywhere } from './people.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test('it shows the program client/examples/trainer.ts as it is', async () => {
  const page = await readFile(new URL('../../docs/extracts.md', import.meta.url), 'utf8');
  const program = await readFile(new URL('../examples/trainer.ts', import.meta.url), 'utf8');
  expect(page).toContain(`<!-- client/examples/trainer.ts -->\n\n\`\`\`ts\n${program}\`\`\``);
});

test('it trains on those who permit it, and not on others', async () => {
  const adult = { region: 'US-NY', age_band: 'adult' } as const;
  await everywhere({ 'u-1': adult, 'u-2': { ...adult, choices: { ai: 'denied' } } }, ['ai']);
  vi.stubEnv('ASSENT_URL', inject('service').url);
  vi.stubEnv('ASSENT_TOKEN', await clientToken(['ai']));
  const printed: unknown[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => printed.push(line));
  await import('../examples/trainer.js');
  expect(printed).toEqual(['train on 1 of 1']);
});
