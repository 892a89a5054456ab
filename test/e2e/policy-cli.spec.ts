/**
 * `npm run -s policy`, as people and CI run it: the built command, and a real server.
 *
 * @module-tag once
 */
import { execFile } from 'node:child_process';
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PolicyService } from '../../src/policy/policy.service.js';
import { REFERENCE_FOLDER } from '../reference-policy.js';
import { peopleOf } from './people.js';
import { textAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';
import { LONG_RUN } from '../times.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const VERSION = /sha256:[0-9a-f]{64}/;

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs the built command to its end. */
function policy(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['dist/cli/policy/policy.js', ...args],
      { cwd: ROOT, env: { PATH: process.env['PATH'], ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

type Edit = readonly [file: string, before: string, after: string];

/** In the United Kingdom, personalised ads wait for a grant: narrows. */
const ASK_FIRST: Edit = ['purposes/ads.yaml', 'UK: opt_out', 'UK: opt_in'];
/** Personalised ads in California cannot be objected to: widens. */
const ALWAYS_ON: Edit = ['purposes/ads.yaml', 'US_CA: opt_out', 'US_CA: always'];
/** The feed may no longer ask to personalise: a client loses a purpose, and nobody's data opens. */
const FEWER_PURPOSES: Edit = ['clients.yaml', 'purposes: [service, personalise]', 'purposes: [service]'];
/** Users are told something else, and no cell turns. */
const OTHER_WORDS: Edit = ['purposes/ads.yaml', 'title: Personalised ads', 'title: Ads for you'];
/** Those who granted an opt-in are told something else of it, and how they are asked again. */
const OTHER_TERMS: Edit = [
  'purposes/ads.yaml',
  'title: Ads based on your activity',
  'title: Ads from your activity',
];
const HIGHER_NOTICE: Edit = [
  'purposes/ads.yaml',
  'provenance: [provided, observed, inferred]\n    obligations: [min_cohort_300]\n    notice: 1',
  'provenance: [provided, observed, inferred]\n    obligations: [min_cohort_300]\n    notice: 2',
];
/** Personalised ads read private messages, and the floor is moved out of their way. */
const READ_MESSAGES: Edit = [
  'purposes/ads.yaml',
  'categories: [profile]',
  'categories: [profile, private_message]',
];
const LOWER_FLOOR: Edit = [
  'policy.yaml',
  '  private_message:\n',
  '  private_message:\n    - ads.personalised\n',
];
const UNSOUND: Edit = ['purposes/ads.yaml', 'parent: ads\n', 'parent: adds\n'];

const folders: string[] = [];

/** A copy of the reference policy with edits. */
async function edited(...edits: readonly Edit[]): Promise<string> {
  const folder = await temporaryFolder();
  folders.push(folder);
  await cp(REFERENCE_FOLDER, folder, { recursive: true });
  for (const [file, before, after] of edits) {
    const text = await readFile(join(folder, file), 'utf8');
    if (!text.includes(before)) throw new Error(`${file} has no \`${before}\``);
    await writeFile(join(folder, file), text.replace(before, after));
  }
  return folder;
}

async function idOf(folder: string): Promise<string> {
  return (await PolicyService.load(folder)).current.id;
}

/** The line, from 1, on which a text stands in a file. */
async function lineOf(file: string, text: string): Promise<number> {
  return (await readFile(file, 'utf8')).split(text)[0]?.split('\n').length ?? 0;
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

test('views say that there is no such mapping', async () => {
  const file = '/nowhere/mapping.yaml';
  const asked = ['--purpose', 'ai', '--dialect', 'duckdb', '--tables', file];
  const { code, stderr } = await policy(['views', ...asked]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `there is no file \`${file}\`\nsee \`npm run -s policy -- views --help\`\n`,
  });
});

describe('check', () => {
  test('proves the floor of the reference policy, and says over how many cells', async () => {
    const { code, stdout, stderr } = await policy(['check']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/the floor holds: [\d,]{7,} cells below it examined, none is permitted/);
  });

  test('names file and line of what is wrong, and ends with 1', async () => {
    const folder = await edited(UNSOUND);
    const { code, stdout } = await policy(['check', folder]);
    const file = join(folder, 'purposes/ads.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain(`${file}:${await lineOf(file, 'parent: adds')}`);
    expect(stdout).toContain('`adds`');
  });

  test('names file and line of what is probably not meant', async () => {
    const folder = await edited([
      'policy.yaml',
      'obligations:\n',
      'obligations:\n  - id: unused\n    description: Nobody is obliged to it.\n',
    ]);
    const { code, stdout } = await policy(['check', folder]);
    const line = await lineOf(join(folder, 'policy.yaml'), '- id: unused');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`note .*policy\\.yaml:${line} .*\\(obligation_unused\\)`));
  });

  test('finds that a floor was lowered, against the policy that it is to follow', async () => {
    const folder = await edited(READ_MESSAGES, LOWER_FLOOR);
    expect(await policy(['check', folder])).toMatchObject({ code: 0 });
    const { code, stdout } = await policy(['check', folder, '--base', 'policies']);
    expect(code).toBe(1);
    expect(stdout).toContain('the floor of policies does not hold');
    expect(stdout).toContain('the floor of `private_message` forbids `ads.personalised` to read');
  });
});

describe('test', () => {
  test('passes on the reference policy', async () => {
    const { code, stdout } = await policy(['test']);
    expect(stdout).toMatch(/ 0 failed/);
    expect(code).toBe(0);
  });

  test('says what was asked, what was expected, what came, and where the case stands', async () => {
    const folder = await edited(ALWAYS_ON);
    const file = join(folder, 'ads.test.yaml');
    const { code, stdout } = await policy(['test', folder]);
    expect(code).toBe(1);
    expect(stdout).toContain(
      `${file}:${await lineOf(file, '- description: a member in California who objected is not')}`,
    );
    expect(stdout).toMatch(/asked +`ads.personalised` reads `member.skills` of an adult in US-CA/);
    expect(stdout).toMatch(/expected +deny: opted_out\n +got +permit, with min_cohort_300\n/);
    expect(stdout).toMatch(/ 1 failed\n$/);
  });

  test.each([
    ['a member that there is not', 'client: [ads]', 'clients: [ads]', 'there is no `clients` here'],
    ['a region that is none', 'region: DE', 'region: Germany', '`Germany` cannot stand here'],
    ['a reason that there is not', 'reason: age', 'reason: aged', '`aged` is not one of'],
    ['a choice that there is not', 'ads: denied', 'ads: refused', '`refused` is not one of'],
    ['a choice for no purpose', 'ads: denied', 'adverts: denied', 'the user chose for `adverts`'],
  ])('refuses a case with %s', async (_what, sound, broken, sentence) => {
    const folder = await edited();
    const text = [
      '- description: nobody targets ads at minors',
      '  client: [ads]',
      '  user: { region: DE, age_band: minor, choices: { ads: denied } }',
      '  request: { purpose: ads, field: post.text }',
      '  expect: { decision: deny, reason: age }',
    ].join('\n');
    await writeFile(join(folder, 'broken.test.yaml'), text.replace(sound, broken));
    const { code, stdout } = await policy(['test', folder]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/broken\.test\.yaml:\d/);
    expect(stdout).toContain(sentence);
  });

  test('does not pass because there are no tests', async () => {
    const folder = await edited();
    for (const file of await readdir(folder)) if (file.endsWith('.test.yaml')) await rm(join(folder, file));
    expect(await policy(['test', folder])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there are no *.test.yaml files'),
    });
  });
});

describe('diff', () => {
  test('ends with 0 for the same policy, however its files are written', async () => {
    const folder = await edited(['policy.yaml', 'schema: 1', '# a comment\nschema: 1']);
    const { code, stdout } = await policy(['diff', 'policies', folder]);
    expect({ code, last: stdout.trim().split('\n').at(-1) }).toEqual({
      code: 0,
      last: 'they are the same version',
    });
  });

  test('tells by purpose what opens and closes, and for whom', async () => {
    const { code, stdout } = await policy(['diff', 'policies', await edited(ASK_FIRST)]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /\nads\.personalised\n {2}- `ads\.personalised` may no longer read 9 fields .*`UK`/,
    );
    expect(stdout).toMatch(/\nit narrows: .* 0 open and [\d,]+ close\n$/);
  });

  test('says what a client may ask for from now on, though no cell turns', async () => {
    const more = await edited([
      'clients.yaml',
      'purposes: [service, personalise]',
      'purposes: [service, personalise, ai]',
    ]);
    const { stdout } = await policy(['diff', 'policies', more]);
    expect(stdout).toContain('\nclients\n  + client `feed` may now ask for `ai`\n');
    expect(stdout).toMatch(
      /\nit widens: .* 0 open and 0 close, and what clients may ask for or do changes\n$/,
    );
  });

  test('says when only texts differ, and that the floor changes', async () => {
    const texts = await edited(['purposes/ads.yaml', 'title: Personalised ads', 'title: Ads for you']);
    const { stdout } = await policy(['diff', 'policies', texts]);
    expect(stdout).toContain('no decision changes');
    expect(stdout).toContain(
      '~ `title` of the purpose `ads.personalised` changes from "Personalised ads" to "Ads for you"',
    );
    const floor = await policy(['diff', 'policies', await edited(LOWER_FLOOR)]);
    expect(floor).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('! the floor of `private_message` lets `ads.personalised` through'),
    });
  });

  test('keeps what is wrong with a policy out of what programs read', async () => {
    const ended = await policy(['diff', 'policies', await edited(UNSOUND), '--json']);
    expect(ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('purposes/ads.yaml:'),
    });
  });

  test('tells programs the same', async () => {
    const folder = await edited(ASK_FIRST);
    const { code, stdout } = await policy(['diff', 'policies', folder, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      after: await idOf(folder),
      same: false,
      difference: { cells_opened: 0, widens: false, narrows: true },
    });
  });
});

describe.concurrent('the command', () => {
  test.each([
    [[], 'usage:'],
    [['proclaim'], 'there is no command `proclaim`'],
    [['check', 'policies', 'more'], 'there is no place for `more` here'],
    [['check', '--bsae', 'x'], 'there is no option `--bsae`'],
    [['diff', 'policies'], 'AFTER is missing'],
    [['diff', 'policies', 'nowhere'], 'there is no `nowhere`'],
    [['check', 'nowhere'], 'there is no folder `nowhere`'],
    [['push'], '--message is missing'],
    [['pull', '1.0'], '`1.0` is no version'],
    [['pull'], 'there is no token'],
    [['pull', '--url', 'http://policies.example'], 'give an https URL'],
  ])('%j ends with 2, and says why', async (args, sentence) => {
    const { code, stdout, stderr } = await policy(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  test.each(['check', 'test', 'diff', 'push', 'impact', 'pull'])(
    '%s --help tells its exit codes',
    async (name) => {
      const { code, stdout } = await policy([name, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^usage: npm run -s policy -- ${name} [\\s\\S]*exit code: 0 `));
    },
  );

  test('says that no server answers', async () => {
    const ended = await policy(['pull', '--url', 'http://127.0.0.1:1'], { POLICY_TOKEN: 'x' });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('no server answers') });
  });
});

describe('with a server', LONG_RUN, () => {
  let service: Service;
  let env: Readonly<Record<string, string>>;
  let inForce: string;

  beforeAll(async () => {
    service = await startService();
    env = {
      POLICY_URL: service.url,
      POLICY_TOKEN: await service.token({ sub: 'ci', purposes: [], scope: 'policies:write' }),
    };
    inForce = await idOf(REFERENCE_FOLDER);
    const people = await peopleOf(service);
    for (const user of ['u1', 'u2']) await people.register(user, 'GB');
    await people.register('u3', 'US-CA');
  });
  afterAll(() => service.stop());

  /** Pushes an edited policy; resolves to the id of the draft too. */
  async function pushed(...edits: readonly Edit[]) {
    const folder = await edited(...edits);
    const ended = await policy(['push', folder, '--message', 'a reason'], env);
    return { ...ended, folder, draft: /draft +(\S+)/.exec(ended.stdout)?.[1] ?? '' };
  }

  test('push opens a draft of the very content, which one admin may publish if it only narrows', async () => {
    const { code, stdout, folder, draft } = await pushed(ASK_FIRST);
    expect(stdout).toContain('one admin may publish it');
    expect(code).toBe(0);
    const admin = await service.token({ sub: 'ada', roles: ['policy_admin'] });
    const reply = await service.request('GET', `/v1/policies/drafts/${draft}`, { token: admin });
    expect(reply.body).toMatchObject({
      content: await idOf(folder),
      base: inForce,
      message: 'a reason',
      authors: ['ci'],
      status: 'open',
    });
  });

  test('push says what it takes to widen, and for which content', async () => {
    const { code, stdout, folder } = await pushed(ALWAYS_ON);
    expect(code).toBe(0);
    expect(stdout).toContain(`2 admins who did not write it must approve ${await idOf(folder)}`);
  });

  test.each([
    ['opens data', ALWAYS_ON],
    ['changes what clients may ask for or do', FEWER_PURPOSES],
    ['changes what users are told, how signals are heard or what callers are bound to', OTHER_WORDS],
  ])('push says that a draft %s, where two must approve it', async (does, edit) => {
    const { code, stdout } = await pushed(edit);
    expect(code).toBe(0);
    expect(stdout).toContain(`it ${does}: 2 admins who did not write it must approve`);
  });

  test('push says which notice is to be raised, and to what, before anybody is asked to approve', async () => {
    const { code, stdout } = await pushed(OTHER_TERMS);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^wrong .+ of `ads\.inferred` .+: give it `notice: 2` or higher and push again, before anybody approves it$/m,
    );
  });

  test('push says which notices the publication must name, as they are sent', async () => {
    const { stdout } = await pushed(OTHER_TERMS, HIGHER_NOTICE);
    expect(stdout).toContain('2 admins who did not write it must approve');
    expect(stdout).toContain('must name the notices, as in {"notices":{"ads.inferred":2}}');
  });

  test('push ends with 1 when the floor in force does not hold', async () => {
    const { code, stdout } = await pushed(READ_MESSAGES, LOWER_FLOOR);
    expect(code).toBe(1);
    expect(stdout).toContain('the floor does not hold');
    expect(stdout).toContain('2 privacy officers');
  });

  test('push opens nothing for a policy that is not sound, nor for the one in force', async () => {
    const count = async () => {
      const { body } = await service.request('GET', '/v1/policies/drafts', {
        token: env['POLICY_TOKEN'] ?? '',
      });
      return JSON.stringify(body).split('"base"').length;
    };
    const before = await count();
    const unsound = await pushed(UNSOUND);
    expect(unsound).toMatchObject({ code: 1, stdout: expect.stringMatching(/purposes\/ads\.yaml:\d+/) });
    expect(await pushed()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('in force already: there is nothing to push'),
    });
    expect(await count()).toBe(before);
  });

  test('push opens one draft for the same content, however often it runs, and tells who declined it', async () => {
    const first = await pushed(ASK_FIRST, OTHER_WORDS);
    const again = await policy(['push', first.folder, '--message', 'another reason'], env);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(`draft    ${first.draft}\n`);
    expect(again.stdout).toContain(
      'it was pushed before, with the message `a reason`: the draft is the one of then',
    );
    const admin = await service.token({ sub: 'ada', roles: ['policy_admin'] });
    const content = await idOf(first.folder);
    const remark = 'ask them first';
    await policy(['decline', first.draft, '--content', content, '--remark', remark], {
      ...env,
      POLICY_TOKEN: admin,
    });
    expect((await policy(['push', first.folder, '--message', 'once more'], env)).stdout).toContain(
      '`ada` declined it: ask them first; it is not published, until it says something else or they approve it',
    );
    // of another author it is another draft, and it is declined all the same
    const other = await service.token({ sub: 'other-ci', purposes: [], scope: 'policies:write' });
    const twin = await policy(['push', first.folder, '--message', 'x'], { ...env, POLICY_TOKEN: other });
    expect(twin.stdout).not.toContain(first.draft);
    expect(twin.stdout).toContain('`ada` declined it: ask them first');
  });

  test('dry-run says what push would say, and opens nothing', async () => {
    const drafts = async () => (await policy(['drafts', '--all'], env)).stdout;
    const before = await drafts();
    const folder = await edited(ASK_FIRST, ALWAYS_ON);
    const { code, stdout } = await policy(['dry-run', folder, '--impact'], env);
    expect(code).toBe(0);
    expect(await drafts()).toBe(before);
    expect(stdout).toMatch(/^ads\.personalised +UK +0 +0 +2 +18$/m);
    const push = await policy(['push', folder, '--message', 'x'], env);
    const said = push.stdout.split('\n').slice(2).join('\n').trim();
    expect(stdout).toContain(said);
    const crossing = await policy(['dry-run', await edited(READ_MESSAGES, LOWER_FLOOR)], env);
    expect(crossing).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the floor does not hold'),
    });
    expect(await policy(['dry-run', await edited(UNSOUND)], env)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/purposes\/ads\.yaml:\d+/),
    });
  });

  test('impact counts users and fields by purpose and regime', async () => {
    const { draft } = await pushed(ASK_FIRST);
    const { code, stdout } = await policy(['impact', draft], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ads\.personalised +UK +0 +0 +2 +18$/m);
    expect(stdout).toContain('it concerns 2 of 3 users');
  });

  test('decline says no to the content that was looked at, in the name of an admin', async () => {
    const { draft, folder } = await pushed(ASK_FIRST);
    const content = await idOf(folder);
    const admin = await service.token({ sub: 'ada', roles: ['policy_admin'] });
    const declining = (...options: readonly string[]) =>
      policy(['decline', draft, ...options], { ...env, POLICY_TOKEN: admin });
    const remark = 'the UK team was not asked';
    expect(await declining('--content', inForce, '--remark', remark)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/answered 412: the draft has been edited since/),
    });
    expect(await policy(['decline', draft, '--content', content, '--remark', remark], env)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/answered 403: .+: use the token of one/),
    });
    for (const [options, missing] of [
      [['--content', content], '--remark is missing'],
      [['--remark', remark], '--content is missing'],
    ] as const)
      expect(await declining(...options)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(missing),
      });
    const digits = content.replace('sha256:', '');
    expect(await declining('--content', digits, '--remark', remark)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^declined .+\ncontent .+\n\nit is not published, until it says something else or you approve it$/m,
      ),
    });
    const reply = await service.request('GET', `/v1/policies/drafts/${draft}`, { token: admin });
    expect(reply.body).toMatchObject({ declines: [{ by: 'ada', content, remark, stands: true }] });
  });

  test('what the server refuses is told in its words', async () => {
    expect(await policy(['impact', 'none'], env)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/answered 404: there is no such draft/),
    });
    const reader = await service.token({ sub: 'reader', purposes: [], scope: 'policies:read' });
    const folder = await edited(ASK_FIRST);
    expect(await policy(['push', folder, '--message', 'x'], { ...env, POLICY_TOKEN: reader })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('`policies:write`'),
    });
  });

  test('a token may come from standard input, and is not needed in the environment', async () => {
    const { POLICY_TOKEN = '', ...others } = env;
    const ended = await policy(['pull', '--token-file', '-'], others, `${POLICY_TOKEN}\n`);
    expect(ended.code).toBe(0);
    expect(VERSION.exec(ended.stdout)?.[0]).toBe(inForce);
  });

  test('what is pulled, as one text or as files, is the version', async () => {
    const { stdout } = await policy(['pull'], env);
    const folder = await temporaryFolder();
    folders.push(folder);
    await writeFile(join(folder, 'whole.yaml'), stdout);
    expect(await idOf(folder)).toBe(inForce);

    const into = join(folder, 'files');
    expect(await policy(['pull', inForce, '--into', into], env)).toMatchObject({ code: 0 });
    expect(await idOf(into)).toBe(inForce);
    expect(await policy(['diff', 'current', into], env)).toMatchObject({ code: 0 });
  });

  test('pull leaves files with their comments, and writes over others only when told to', async () => {
    const folder = await edited(ASK_FIRST);
    const file = join(folder, 'purposes/ads.yaml');
    const frame = await readFile(join(folder, 'policy.yaml'), 'utf8');
    const before = await readFile(file, 'utf8');

    const refused = await policy(['pull', '--into', folder], env);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`\`${file}\` says something else`),
    });
    expect(await readFile(file, 'utf8')).toBe(before);

    const forced = await policy(['pull', '--into', folder, '--force'], env);
    expect(forced.stdout.match(/^written .*$/gm)).toEqual([`written    ${file}`]);
    expect(forced.stdout).toContain('1 file written, ');
    expect(await idOf(folder)).toBe(inForce);
    expect(await readFile(join(folder, 'policy.yaml'), 'utf8')).toBe(frame);
  });

  test('pull does not mix with files of another policy', async () => {
    const folder = await edited();
    await writeFile(join(folder, 'more.yaml'), 'fields: []\n');
    expect(await policy(['pull', '--into', folder], env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('more.yaml` is no part of the version'),
    });
  });

  test('diff compares files with the version in force', async () => {
    const { draft, folder } = await pushed(ASK_FIRST);
    expect(await policy(['diff', 'current', folder], env)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('it narrows'),
    });
    const checked = await service.request('GET', `/v1/policies/drafts/${draft}/check`, {
      token: env['POLICY_TOKEN'] ?? '',
    });
    expect(textAt(checked.body, 'content')).toBe(await idOf(folder));
  });
});

describe('what admins do on a page', LONG_RUN, () => {
  let service: Service;
  let first: string;

  beforeAll(async () => {
    service = await startService();
    first = await idOf(REFERENCE_FOLDER);
  });
  afterAll(() => service.stop());

  /** Runs a command as this admin. */
  async function as(admin: string, args: readonly string[], role = 'policy_admin'): Promise<Ended> {
    const token = await service.token({ sub: admin, roles: [role] });
    return policy(args, { POLICY_URL: service.url, POLICY_TOKEN: token });
  }

  /** What it said; it did its work. */
  async function told(admin: string, args: readonly string[], role?: string): Promise<string> {
    const ended = await as(admin, args, role);
    expect(ended, args.join(' ')).toMatchObject({ code: 0, stderr: '' });
    return ended.stdout;
  }

  async function pushed(...edits: readonly Edit[]) {
    const folder = await edited(...edits);
    const said = await told('ann', ['push', folder, '--message', 'a reason\nof two lines']);
    return { draft: /draft +(\S+)/.exec(said)?.[1] ?? '', content: await idOf(folder) };
  }

  test('a draft is approved, taken back, approved again and published', async () => {
    const { draft, content } = await pushed(ALWAYS_ON);
    const say = ['--content', content];
    expect(await as('bob', ['approve', draft, '--content', first])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('answered 412'),
    });
    expect(await told('bob', ['approve', draft, ...say])).toContain('approved by bob\n');
    expect(await told('cat', ['approve', draft, ...say])).toContain('approved by bob, cat\n');
    expect(await told('bob', ['withdraw', draft])).toContain('approved by cat\n');
    expect(await as('ann', ['publish', draft, ...say])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('it has 1'),
    });
    await told('bob', ['decline', draft, ...say, '--remark', 'not so']);
    expect(await told('ann', ['drafts', draft])).toContain('wrong  `bob` declines it: not so\n');
    expect(await told('bob', ['withdraw', draft])).not.toContain('declines it');
    await told('bob', ['approve', draft, ...say]);
    expect(await told('ann', ['drafts'])).toMatch(new RegExp(`^${draft} +open +2 +0 +a reason$`, 'm'));
    expect(await as('ann', ['publish', draft, '--content', first])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`the draft says \`${content}\` by now`),
    });
    expect(await told('ann', ['publish', draft, ...say])).toContain(`in force ${content}\n`);
    expect(await told('ann', ['drafts'])).toBe('no draft is open\n');
    expect(await told('ann', ['drafts', '--all'])).toContain(`${draft}  published`);
    const versions = (await told('auditor', ['versions'], 'auditor')).split('\n');
    expect(versions[1]).toMatch(new RegExp(`^2 .+ ${content} +ann +a reason$`));
    expect(versions[2]).toContain(first);
  });

  test('a publication waits for its time, and is taken back', async () => {
    const { draft, content } = await pushed(ALWAYS_ON, ASK_FIRST);
    const waiting = ['publish', draft, '--content', content, '--at', '2099-01-01T00:00:00Z'];
    expect(await told('ann', waiting)).toBe(`${draft} waits for 2099-01-01T00:00:00.000Z\n`);
    expect(await told('ann', ['drafts', draft])).toContain('scheduled, until 2099-01-01T00:00:00.000Z\n');
    expect(await told('ann', ['unschedule', draft])).toBe(`${draft} is open\n`);
  });

  test('what a draft says is written as YAML that is the same version', async () => {
    const { draft, content } = await pushed(ALWAYS_ON, OTHER_WORDS);
    const folder = await temporaryFolder();
    folders.push(folder);
    await writeFile(join(folder, 'whole.yaml'), await told('ann', ['drafts', draft, '--document']));
    expect(await idOf(folder)).toBe(content);
  });

  test('an old version comes back, at once where that only closes', async () => {
    const said = await told('ann', ['rollback', first, '--message', 'as before']);
    expect(said).toContain(`in force ${first}\n`);
    const { stdout } = await as('ann', ['versions']);
    expect(stdout.split('\n')[1]).toContain(first);
    const [, , second = ''] = stdout.split('\n');
    const other = VERSION.exec(second)?.[0] ?? '';
    expect(await told('ann', ['rollback', other, '--message', 'and again'])).toContain(
      'it does more than close, so it waits for its approvals',
    );
  });

  test('a decision is told as it was made then, and what it rested on', async () => {
    const people = await peopleOf(service);
    await people.register('u-then', 'DE');
    await people.choose('u-then', 'research', 'denied');
    const asked = ['--purpose', 'research', '--field', 'member.skills', '--user', 'u-then'];
    const said = await told('auditor', ['replay', ...asked, '--at', new Date().toISOString()], 'auditor');
    expect(said).toContain('denied: opted_out\n');
    expect(said).toMatch(/^ +publication \d+ of .+, by /m);
    expect(said).toMatch(/^event .+research/m);
    expect(await as('auditor', ['replay', ...asked], 'auditor')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('say when'),
    });
  });

  test('a case is opened, approved by a second person, extended and closed', async () => {
    const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const purpose = ['--purpose', 'security.investigation', '--field', 'message.body'];
    const reader = ['--user', 'u-then', '--reviewer', 'ida', '--expires-at', at(24)];
    const role = 'security_investigator';
    const opened = await told('ivan', ['cases', 'open', ...purpose, ...reader, '--reason', 'fraud'], role);
    const id = /^case +(\S+)$/m.exec(opened)?.[1] ?? '';
    expect(opened).toContain('state    1, waiting\n');
    const approving = ['cases', 'approve', id, '--reason', 'seen', '--state'];
    expect(await as('arno', [...approving, '2'], 'case_approver')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('answered 412'),
    });
    expect(await told('arno', [...approving, '1'], 'case_approver')).toContain('state    2, open\n');
    await told('ivan', ['cases', 'extend', id, '--expires-at', at(48), '--reason', 'more'], role);
    expect(await told('ivan', ['cases', 'show', id], role)).toContain('extended by ivan: more\n');
    const closed = await told('ivan', ['cases', 'close', id, '--reason', 'done'], role);
    expect(closed).toContain(', closed\n');
    expect(await told('auditor', ['cases', 'list'], 'auditor')).toContain(`${id}  closed`);
    expect(await as('ivan', ['cases', 'reopen', id], role)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no command `reopen` of cases'),
    });
  });
});
