/** What README promises of `npm ci` on the oldest Node. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

it('npm warns of no package on this Node but those that README names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assent-'));
  try {
    for (const workspace of ['client', 'settings']) await mkdir(join(folder, workspace));
    for (const file of [
      'package.json',
      'package-lock.json',
      '.npmrc',
      'client/package.json',
      'settings/package.json',
    ])
      await copyFile(join(ROOT, file), join(folder, file));
    const args = ['ci', '--dry-run', '--offline', '--loglevel=warn'];
    const { stderr } = await promisify(execFile)('npm', args, { cwd: folder });
    const warned = [...stderr.matchAll(/EBADENGINE +package: '(.+)@[^@']+'/g)].map(([, name]) => name);
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    expect(warned.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('the lock file names no registry', async () => {
  const lock = await readFile(join(ROOT, 'package-lock.json'), 'utf8');
  // a workspace is found in its folder
  expect(lock.replaceAll(/"resolved": "(client|settings|console)"/g, '')).not.toContain('"resolved"');
});
