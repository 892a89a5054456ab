/** The page shows programs that run, and names what the client has. */
import { readFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { CLIENT_REASONS } from '../src/terms/reasons.js';
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

test.each(['ask', 'test', 'nest', 'fastify'])(
  'it shows the program client/examples/%s.ts as it is',
  async (name) => {
    const program = await readFile(new URL(`../examples/${name}.ts`, import.meta.url), 'utf8');
    expect(README).toContain(`<!-- client/examples/${name}.ts -->\n\n\`\`\`ts\n${program}\`\`\``);
  },
);

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

describe('the programs for frameworks', () => {
  beforeEach(async () => {
    const asked = ['ads.personalised'];
    await everywhere(
      {
        'u-123': { region: 'US-CA', age_band: 'adult' },
        'u-456': { region: 'US-CA', age_band: 'adult', choices: { 'ads.personalised': 'denied' } },
      },
      asked,
    );
    vi.stubEnv('ASSENT_URL', inject('service').url);
    vi.stubEnv('ASSENT_TOKEN', await clientToken(asked));
  });

  test('that for NestJS answers as it says', async () => {
    const { App } = await import('../examples/nest.js');
    const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), {
      logger: false,
    });
    await app.init();
    const { body } = await app.inject('/members');
    expect(README).toContain(`answers \`${body}\``);
    expect((await app.inject('/members/u-123')).json()).toEqual({ id: 'u-123', skills: ['welding'] });
    expect((await app.inject('/members/u-456')).json()).toMatchObject({ status: 403, reason: 'opted_out' });
    await app.close();
  });

  test('that for Fastify refuses and takes out', async () => {
    const { server } = await import('../examples/fastify.js');
    const paths = ['/skills/u-123', '/skills/u-456', '/members/u-123', '/members/u-456'];
    const answers = await Promise.all(paths.map(async (path) => (await server.inject(path)).json<unknown>()));
    expect(answers).toEqual([
      ['welding'],
      expect.objectContaining({ status: 403, reason: 'opted_out' }),
      { id: 'u-123', skills: ['welding'] },
      { id: 'u-123' },
    ]);
    await server.close();
  });
});

test('its table of reasons has each reason of the client once, in order', () => {
  const [, section = ''] = README.split('## Reasons of the client');
  const [table = ''] = section.split('\n## ');
  const told = [...table.matchAll(/^\| `([a-z_]+)`/gm)].map(([, reason]) => reason);
  expect(told).toEqual(Object.keys(CLIENT_REASONS));
});
