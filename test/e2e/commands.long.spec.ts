/** The built commands against servers that are none, and called as they must not be: each says at once what to do. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService, temporaryFolder } from './service.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const PROGRAMS = {
  consent: 'dist/cli/consent/consent.js',
  policy: 'dist/cli/policy/policy.js',
  receipt: 'dist/cli/receipt.js',
  keys: 'dist/cli/keys.js',
  record: 'dist/cli/record/record.js',
  token: 'dist/cli/token.js',
  demo: 'dist/cli/demo.js',
} as const;

type Tool = keyof typeof PROGRAMS;
type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  file = join(folder, 'rows.csv');
  await writeFile(file, 'user,region\nu-1,DE\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a built command to its end. */
function run(
  tool: Tool,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [PROGRAMS[tool], ...args],
      { cwd: ROOT, env: { PATH: process.env['PATH'], DATA_DIR: folder, POLICY_TOKEN: 'x', ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe.concurrent('a command that is called wrongly', () => {
  test.each([
    ['consent', ['import', 'nowhere.csv'], 'there is no file `nowhere.csv`', 'consent -- import --help'],
    ['consent', ['import', '--fromat', 'csv'], 'there is no option `--fromat`', 'consent -- import --help'],
    ['consent', ['improt'], 'there is no command `improt`', 'consent -- --help'],
    [
      'consent',
      ['export', 'nowhere/rows.csv'],
      'there is no folder `nowhere` for `nowhere/rows.csv`: make it, or name another',
      'consent -- export --help',
    ],
    [
      'consent',
      ['import', 'rows.tsv'],
      '`rows.tsv` is CSV with tabs between its cells: give --format csv --delimiter tab',
      'consent -- import --help',
    ],
    [
      'receipt',
      ['verify', 'receipt.jws', '--keys', 'nowhere.json'],
      'there is no file `nowhere.json`',
      'receipt -- verify --help',
    ],
    ['policy', ['push'], '--message is missing: say why the policy is to change', 'policy -- push --help'],
    [
      'keys',
      ['rotate', 'all'],
      'there is no key of `all`: give receipts or checkpoints, or nothing',
      'keys -- rotate --help',
    ],
    ['keys', ['drop'], 'ID is missing', 'keys -- drop --help'],
    ['record', ['verify'], '`--keys` is missing: give the public keys', 'record -- verify --help'],
    [
      'record',
      ['verify', 'log', '--keys', 'nowhere'],
      'there is no file `nowhere`',
      'record -- verify --help',
    ],
    ['receipt', ['verify'], 'FILE is missing', 'receipt -- verify --help'],
    ['consent', ['import'], 'FILE is missing', 'consent -- import --help'],
    ['policy', ['diff'], 'BEFORE is missing', 'policy -- diff --help'],
    ['policy', ['impact'], 'DRAFT is missing', 'policy -- impact --help'],
    [
      'policy',
      ['decline', 'd', '--content', '0322a5c1', '--remark', 'no'],
      '`0322a5c1` is no content: give `sha256:` and 64 digits, as push and the draft name it',
      'policy -- decline --help',
    ],
    [
      'policy',
      ['push', '--message', 'm', '--base', 'curent'],
      'the --base `curent` is no version: write `current`, or `sha256:` and 64 digits',
      'policy -- push --help',
    ],
    ['token', ['service'], 'ID is missing', 'token -- --help'],
    ['token', ['service', 'a', 'b'], 'there is no place for `b` here', 'token -- --help'],
    [
      'token',
      ['servcie', 'ads'],
      'there is no kind `servcie`: it is service, admin or user',
      'token -- --help',
    ],
    ['token', ['user', 'u-1', '--role', 'viewer'], 'there is no option `--role`', 'token -- --help'],
    ['demo', ['--users', '2'], '--users is `2`: give a whole number from 5 up', 'demo -- --help'],
    ['demo', ['--user', '5'], 'there is no option `--user`', 'demo -- --help'],
  ] as const)(
    '%s %j: the error, one line that says where help is, and no more',
    async (tool, args, error, help) => {
      const { code, stdout, stderr } = await run(tool, args);
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: '',
        stderr: `${error}\nsee \`npm run -s ${help}\`\n`,
      });
    },
  );
});

describe.concurrent('a command', () => {
  const tools = ['consent', 'policy', 'receipt', 'record', 'token', 'demo'] as const;

  test.each(tools)('%s that is asked for help gives it, as its work', async (tool) => {
    for (const option of ['--help', '-h'])
      expect(await run(tool, [option])).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^usage: /),
        stderr: '',
      });
  });

  test.each(['consent', 'policy', 'receipt', 'record', 'token'] as const)(
    '%s that is called without arguments says how it is called, and that this was no use of it',
    async (tool) => {
      expect(await run(tool, [])).toEqual({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^usage: /),
      });
    },
  );
});

describe('a token for purposes', () => {
  test('is told which of them the policy does not have, and names them all the same', async () => {
    const asked = ['service', 'ads', '--purposes', 'ads,ads.personalized,anything'];
    const { code, stdout, stderr } = await run('token', asked, { POLICY_DIR: 'policies' });
    const policy = join(ROOT, 'policies');
    expect({ code, lines: stderr.split('\n').filter((line) => line.includes('purpose')) }).toEqual({
      code: 0,
      lines: [
        `the token names \`ads.personalized\`, and the policy in \`${policy}\` has no such purpose: did you mean \`ads.personalised\`?`,
        `the token names \`anything\`, and the policy in \`${policy}\` has no such purpose: correct it, unless the policy in force has it`,
      ],
    });
    const claims: unknown = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ purposes: ['ads', 'ads.personalized', 'anything'] });
  });

  test('is told what the policy does not list for the client, which the service refuses', async () => {
    const asked = ['--purposes', 'ads,ai', '--scopes', 'decisions:cache'];
    const told = async (id: string) =>
      (await run('token', ['service', id, ...asked], { POLICY_DIR: 'policies' })).stderr
        .split('\n')
        .flatMap(
          (line) =>
            /`(.*?)`.* does not list it for the client `(.*?)`, so it is refused/.exec(line)?.slice(1) ?? [],
        );
    expect(await told('ads')).toEqual(['ai', 'ads', 'decisions:cache', 'ads']);
    expect(await told('my-feed')).toEqual([]);
  });

  test('is made without a word where there is no policy to look into', async () => {
    const ended = await run('token', ['service', 'ads', '--purposes', 'anything'], { POLICY_DIR: folder });
    expect(ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining('purpose') });
  });
});

describe('where no server of Assent is', () => {
  const page = '<!doctype html><title>Welcome</title>';
  const servers: Server[] = [];
  /** A server that answers everything with a page. */
  async function strange(status: number): Promise<string> {
    const server = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end(page);
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const address: AddressInfo | string | null = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  }
  /** Where a server was. */
  async function nobody(): Promise<string> {
    const url = await strange(200);
    const server = servers.pop()?.close();
    if (server !== undefined) await once(server, 'close');
    return url;
  }
  afterAll(() => servers.forEach((server) => server.close()));

  const COMMANDS: readonly (readonly [Tool, readonly string[], string])[] = [
    ['consent', ['import', 'FILE'], 'CONSENT_URL'],
    ['consent', ['export'], 'CONSENT_URL'],
    ['policy', ['pull'], 'POLICY_URL'],
    ['policy', ['impact', 'a-draft'], 'POLICY_URL'],
  ];

  test.each(COMMANDS)(
    '%s %j says so at once, and which setting names another',
    async (tool, args, variable) => {
      const urls = [
        [await nobody(), '(the connection was refused)'],
        ['https://assent.invalid', 'no server answers at https://assent.invalid ('],
        [await strange(404), 'answered 404, but not as Assent does'],
        [await strange(200), 'answered 200, but not as Assent does'],
        [await strange(502), 'answered 502, but not as Assent does'],
        [await strange(301), 'answered 301, but not as Assent does'],
      ] as const;
      await Promise.all(
        urls.map(async ([url, sentence]) => {
          const { code, stdout, stderr } = await run(tool, [
            ...args.map((arg) => (arg === 'FILE' ? file : arg)),
            '--url',
            url,
          ]);
          expect({ code, stdout }, url).toEqual({ code: 2, stdout: '' });
          expect(stderr).toContain(sentence);
          expect(stderr).toContain(`is the URL right? set --url or ${variable}`);
          expect(stderr).not.toContain('trying again');
        }),
      );
    },
  );

  test('an export writes no file', async () => {
    const target = join(folder, 'export.csv');
    await run('consent', ['export', target, '--url', await strange(200)]);
    expect(existsSync(target)).toBe(false);
  });

  test('a receipt says that its keys could not be fetched, and why', async () => {
    const url = await nobody();
    const { stderr } = await run('receipt', ['verify', file, '--keys', `${url}/keys`]);
    expect(stderr).toContain(`no server answers at ${url}/keys (the connection was refused)`);
  });

  test.each([
    ['receipt', ['verify', 'FILE', '--keys', 'URL'], 1_048_576],
    ['policy', ['pull', '--url', 'URL'], 67_108_864],
  ] as const)('%s %j reads no more of an endless answer than any can have', async (tool, args, most) => {
    const endless = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const write = () =>
        void response.write(Buffer.alloc(1 << 16, ' '), (error) => (error ? undefined : write()));
      write();
    }).listen(0, '127.0.0.1');
    servers.push(endless);
    await once(endless, 'listening');
    const address: AddressInfo | string | null = endless.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
    const { code, stderr } = await run(
      tool,
      args.map((arg) => (arg === 'FILE' ? file : arg === 'URL' ? url : arg)),
    );
    expect(code).toBe(2);
    expect(stderr).toContain(`is longer than ${most} bytes`);
  });

  test('the help of an import says how long it is patient', async () => {
    expect((await run('consent', ['import', '--help'])).stdout).toContain('retries for 2 minutes');
  });
});

describe('without a URL', () => {
  let service: Service;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    service = await startService();
    env = {
      DATA_DIR: service.dataDir,
      PORT: new URL(service.url).port,
      POLICY_TOKEN: await service.token({ sub: 'ci', purposes: [], scope: 'policies:read' }),
    };
  });
  afterAll(() => service.stop());

  test.each([
    ['consent', ['export']],
    ['policy', ['pull']],
    ['demo', ['--users', '5']],
  ] as const)('%s %j asks the server of this machine at PORT', async (tool, args) => {
    expect(await run(tool, args, env)).toMatchObject({ code: 0 });
  });
});
