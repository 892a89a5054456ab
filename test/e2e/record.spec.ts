/** What a service answers is on record, by the numbers of its users; and without a record it permits nothing. */
import { execFile } from 'node:child_process';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writersIn } from '../../src/record/segment/writer-folder.js';
import { peopleOf } from './people.js';
import { type Service, startService } from './service.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const USER = 'somebody-whose-name-is-nowhere';

let service: Service;
let token = '';
let record = '';

beforeAll(async () => {
  service = await startService();
  record = join(service.dataDir, 'record');
  token = await service.token({ sub: 'reader', purposes: ['service'] });
  const people = await peopleOf(service);
  await people.register(USER, 'US-NY');
});

afterAll(() => service.stop());

const question = (purpose: string, user = USER) => ({
  subject: { type: 'purpose', id: purpose },
  action: { name: 'read' },
  resource: { type: 'field', id: 'member.skills', properties: { user } },
});

/** As the direct route answers it, and as the ordinary one does. */
const WAYS = { 'at once': {}, 'through the router': { accept: 'application/json; q=0.9' } };

function ask(body: object, path = '/access/v1/evaluation', headers: Readonly<Record<string, string>> = {}) {
  return service.request('POST', path, { token, body, headers: { 'x-request-id': 'r-7', ...headers } });
}

function command(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, 'dist/cli/record/record.js'), ...args],
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

async function shown(...args: string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await command('show', record, ...args);
  return stdout
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('what was answered', () => {
  test('is on record when the answer arrives, by every way of asking', async () => {
    await ask(question('service'));
    await ask({ ...question('service'), evaluations: [{}, {}] }, '/access/v1/evaluations');
    await ask(
      { ...question('service'), resource: { type: 'user', properties: { field: 'member.skills' } } },
      '/access/v1/search/resource',
    );
    await ask(
      { purpose: 'service', fields: ['member.skills'], users: [USER, 'a stranger'] },
      '/v1/audiences',
    );
    const lines = await shown();
    expect(
      lines.map(({ kind: _kind, way, reason, user, request }) => [way ?? reason, user, request]),
    ).toEqual([
      ['permitted', 1, 'r-7'],
      ['permitted', 1, 'r-7'],
      ['permitted', 1, 'r-7'],
      ['search', undefined, 'r-7'],
      ['audience', undefined, 'r-7'],
    ]);
    expect(lines[0]).toMatchObject({
      client: 'reader',
      purpose: 'service',
      field: 'member.skills',
      actor: 'human',
      revision: 1,
      policy: expect.stringMatching(/^sha256:/),
      at: expect.stringMatching(/Z$/),
      id: expect.stringMatching(/^[\w-]+\.1\.\d+\.0$/),
    });
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    expect(await shown('--user', '1')).toEqual(lines);
    expect(await shown('--user', '2')).toEqual([]);
  });

  test('names nobody', async () => {
    const files = await readdir(record, { recursive: true, withFileTypes: true });
    for (const file of files.filter((one) => one.isFile()))
      expect(await readFile(join(file.parentPath, file.name), 'latin1')).not.toContain(USER);
  });

  test('is checked byte by byte', async () => {
    expect(await command('check', record)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok +[\w-]+: \d+ decisions in \d+ blocks, open\n$/),
    });
    const [writer = ''] = await writersIn(record);
    const segment = (await readdir(join(record, writer))).find((name) => name.endsWith('.rec')) ?? '';
    const path = join(record, writer, segment);
    const bytes = await readFile(path);
    const altered = Buffer.from(bytes);
    // the last block could be one that is being written
    altered[bytes.length >> 1] = (altered[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(path, altered);
    expect(await command('check', record)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`the record \`${path}\` is damaged at byte`),
    });
    await writeFile(path, bytes);
  });

  test.each([
    [['show', 'nowhere'], 'cannot read the record in `nowhere`'],
    [['show', '--user', USER], 'give the number, not the id'],
  ])('is not shown by %j', async (args, said) => {
    expect(await command(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
  });
});

describe('while nothing can be recorded', () => {
  test.each(Object.entries(WAYS))(
    'nothing is permitted, and as soon as it can be all is (%s)',
    async (_way, headers) => {
      const moved = `${record}-moved`;
      await rename(record, moved);
      await writeFile(record, 'no folder');
      // the file that is written may still be there: its folder is not, from the next segment on
      for (const writer of await writersIn(moved)) await rm(join(moved, writer), { recursive: true });
      const denied = { decision: false, context: { reason: 'record_unavailable', obligations: [] } };
      const first = await ask(question('service'), undefined, headers);
      expect(first).toMatchObject({ status: 200, body: denied });
      expect(
        await ask({ ...question('service'), evaluations: [{}] }, '/access/v1/evaluations', headers),
      ).toMatchObject({
        body: { evaluations: [denied] },
      });
      expect(
        await ask({ purpose: 'service', fields: ['member.skills'], users: [USER] }, '/v1/audiences'),
      ).toMatchObject({ status: 503, body: { type: 'urn:assent:problem:record_unavailable' } });
      expect(await service.logged()).toContain('decisions cannot be recorded: all are denied until they can');
      await rm(record);
      await rename(moved, record);
      for (;;) {
        const { body } = await ask(question('service'), undefined, headers);
        if (JSON.stringify(body).includes('"permitted"')) break;
      }
    },
  );
});
