import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newDataFolder, refusalToStart, startService, temporaryFolder } from './service.js';

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

// a disk that is full or read-only is made by mounting one: where nobody may, there is none to start on
describe.skipIf(!canMount())('a start on a disk that cannot be written', () => {
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
