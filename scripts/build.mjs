// Compiles and bundles the service into `dist/`, unless what is there is already of these sources; its page is built apart.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { unlessBuilt } from './unless-built.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const SOURCES = [
  'src',
  'package.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/bundle.mjs',
  'scripts/licences.mjs',
  'scripts/programs.mjs',
];

await unlessBuilt(DIST, SOURCES, async () => {
  const { status } = spawnSync('npm', ['run', '-s', 'compile'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
});
