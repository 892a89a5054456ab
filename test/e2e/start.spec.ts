/** @module-tag once */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusalToStart, startService, temporaryFolder } from './service.js';
import { newDataFolder } from '../data-folder.js';
import { LONG_RUN, isLong } from '../times.js';

describe('the service', () => {
  test('starts with its defaults, answers a first decision, and stops cleanly on SIGTERM', async () => {
    const dataDir = await temporaryFolder();
    const service = await startService({ DATA_DIR: dataDir }, ['--enable-source-maps']);
    const token = await service.token({ sub: 'ads', purposes: ['ads.personalised'] });
    const reply = await service.request('POST', '/access/v1/evaluation', {
      token,
      body: {
        subject: { type: 'purpose', id: 'ads.personalised' },
        action: { name: 'read' },
        resource: { type: 'field', id: 'member.skills', properties: { user: 'u-1' } },
      },
    });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      decision: false,
      context: { reason: 'unknown_user', obligations: [] },
    });
    expect(await service.kill('SIGTERM')).toBe(0);
    await rm(dataDir, { recursive: true });
  });
});

test('a service whose log nobody reads any more stops all the same', LONG_RUN, async () => {
  const service = await startService();
  const { stdout } = service.process;
  await new Promise((resolve) => stdout?.once('close', resolve).destroy());
  expect(await service.kill('SIGTERM')).toBe(0);
  await service.stop();
});

describe('a start that cannot listen', () => {
  test('because the port is taken says so once, and which setting chooses another', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    const { code, stdout, stderr } = await refusalToStart({ PORT: port });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `assent did not start: cannot listen on port ${port} of \`127.0.0.1\`: another process does already; stop it, or set PORT to another one\n`,
    );
    expect(stdout).not.toMatch(/EADDRINUSE|"level":50/);
  });

  test('because the address is not of this machine names HOST', async () => {
    const { stderr } = await refusalToStart({
      HOST: '192.0.2.1',
      PUBLIC_URL: 'https://assent.example',
      OIDC_ISSUER: 'https://127.0.0.1:1',
      OIDC_AUDIENCE: 'assent',
    });
    expect(stderr).toContain('of `192.0.2.1`: this machine has no such address; set HOST to one that it has');
  });
});

test.skipIf(!existsSync('/proc/self'))(
  'a start in a folder that no folder can be made in ends, and says what to set',
  async () => {
    const { code, stderr } = await refusalToStart({ DATA_DIR: '/proc/assent/data' });
    expect(code).toBe(1);
    expect(stderr).toContain('cannot write to `/proc/assent/data`: its file system takes no folders');
    expect(stderr).toContain('set DATA_DIR to another folder');
  },
);

/** Where no database is. */
const NOWHERE = 'postgresql://assent:hidden@127.0.0.1:1/assent';

test.each(['embedded', NOWHERE])('a start whose folder is a file says so, on %s', async (DATABASE_URL) => {
  const DATA_DIR = join(await temporaryFolder(), 'data');
  writeFileSync(DATA_DIR, '');
  const { code, stderr } = await refusalToStart({ DATA_DIR, DATABASE_URL });
  expect(code).toBe(1);
  expect(stderr).toBe(
    `assent did not start: cannot write to \`${DATA_DIR}\`: its path leads through a file: name a folder; or set DATA_DIR to another folder\n`,
  );
});

test('a start that cannot reach its database says where, and the setting that names it', async () => {
  const file = join(await temporaryFolder(), 'url');
  writeFileSync(file, `${NOWHERE}\n`, { mode: 0o600 });
  const { code, stderr } = await refusalToStart({ DATABASE_URL: '', DATABASE_URL_FILE: file });
  expect(code).toBe(1);
  expect(stderr).toBe(
    'assent did not start: cannot connect to the database at `127.0.0.1:1`; check the file of DATABASE_URL_FILE and that its server runs: nothing listens at its host and port\n',
  );
});

/** A start on an environment that says where it is read from. */
const TRACED_START = `
  import { run } from './dist/start.js';
  const ownKeys = () => {
    process.stdout.write(new Error('read here').stack);
    process.exit(0);
  };
  await run(new Proxy({}, { ownKeys }));
`;

test('a stack trace of the built service names the TypeScript file and line', () => {
  const stack = execFileSync(
    process.execPath,
    ['--enable-source-maps', '--input-type=module', '--eval', TRACED_START],
    { encoding: 'utf8' },
  );
  const lineIn = (file: string) => {
    const [, line] = new RegExp(`/src/${file}:(\\d+):\\d+`).exec(stack) ?? [];
    return readFileSync(`src/${file}`, 'utf8').split('\n')[Number(line) - 1];
  };
  expect(lineIn('config.ts')).toContain('withSecrets(given');
  expect(lineIn('start.ts')).toContain('readConfig(environment)');
});

/** Whether a disk of its own can be mounted: it takes root, and more than many containers give it. */
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'assent-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// a disk that is full or read-only is made by mounting one: where nobody may, there is none to start on. It takes three
// starts, which is for the long run
describe('a start on a disk that cannot be written', { skip: !isLong || !canMount() }, () => {
  let disk: string;
  let dataDir: string;

  beforeAll(async () => {
    disk = await temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120m', 'tmpfs', disk]);
    dataDir = await newDataFolder(join(disk, 'data'));
    await (await startService({ DATA_DIR: dataDir })).stop();
  });

  afterAll(() => {
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });

  test('because it is full says that it is full, and sends nobody to a backup, which lacks opt-outs', async () => {
    const filler = join(disk, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(120 * 1_048_576))).toThrow('ENOSPC');
    const { code, stderr } = await refusalToStart({ DATA_DIR: dataDir });
    rmSync(filler);
    expect(code).toBe(1);
    expect(stderr).toContain('the disk is full: free some space');
    expect(stderr).not.toMatch(/restore it|backup/);
    // nothing was lost by it
    const service = await startService({ DATA_DIR: dataDir });
    expect(await service.kill('SIGTERM')).toBe(0);
  });

  test('because it is mounted for reading only says that', async () => {
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const { code, stderr } = await refusalToStart({ DATA_DIR: dataDir });
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    expect(code).toBe(1);
    expect(stderr).toContain('mounted for reading only');
  });
});
