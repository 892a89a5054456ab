/** The page of grants shows two programs that run: one owns data, the other reads it. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { clientToken, everywhere } from '../people.js';

const PAGE = await readFile(new URL('../../../docs/grants.md', import.meta.url), 'utf8');
const PURPOSE = 'ads.personalised';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : expect.unreachable();
}

test.each(['reader', 'owner'])('it shows the program client/examples/%s.ts as it is', async (name) => {
  const program = await readFile(new URL(`../../examples/${name}.ts`, import.meta.url), 'utf8');
  expect(PAGE).toContain(`<!-- client/examples/${name}.ts -->\n\n\`\`\`ts\n${program}\`\`\``);
});

test('the reader gets of the owner what is granted, and is told what is not', async () => {
  await everywhere(
    {
      'u-123': { region: 'US-CA', age_band: 'adult' },
      'u-456': { region: 'US-CA', age_band: 'adult', choices: { [PURPOSE]: 'denied' } },
    },
    [PURPOSE],
  );
  const port = await freePort();
  const { url, publicUrl } = inject('service');
  vi.stubEnv('ASSENT_URL', url);
  vi.stubEnv('ASSENT_PUBLIC_URL', publicUrl);
  vi.stubEnv('ASSENT_TOKEN', await clientToken([PURPOSE]));
  vi.stubEnv('PROFILES_TOKEN', await clientToken([PURPOSE], 'changes:read'));
  vi.stubEnv('PROFILES_URL', `http://127.0.0.1:${port}`);
  const printed: unknown[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => printed.push(line));
  const { server } = await import('../../examples/owner.js');
  server.log.level = 'silent';
  await server.listen({ port, host: '127.0.0.1' });
  await import('../../examples/reader.js');
  expect(printed).toEqual(['nothing of u-456: opted_out', '["welding"]']);
  expect((await server.inject('/users/u-123/skills')).json()).toMatchObject({
    status: 403,
    reason: 'no_grant',
  });
  await server.close();
});
