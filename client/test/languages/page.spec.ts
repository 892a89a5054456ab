/** The page for other languages and gateways shows the programs as they are. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { LANGUAGES } from './languages.js';

const PAGE = await readFile(new URL('../../../docs/clients.md', import.meta.url), 'utf8');
const GATEWAY = [
  { file: 'envoy/routes.json', fence: 'json' },
  { file: 'envoy/main.ts', fence: 'ts' },
  { file: 'envoy/envoy.yaml', fence: 'yaml' },
];

test.each([...LANGUAGES, ...GATEWAY])('it shows client/examples/$file as it is', async ({ file, fence }) => {
  const program = await readFile(new URL(`../../examples/${file}`, import.meta.url), 'utf8');
  expect(PAGE).toContain(`<!-- client/examples/${file} -->\n\n\`\`\`${fence}\n${program}\`\`\``);
});
