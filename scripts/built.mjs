// Runs a command of the built service, building it first when it is not built: what it prints stays its own.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const [script, ...args] = process.argv.slice(2);
if (!existsSync(script)) {
  const build = spawnSync('npm', ['run', '-s', 'build'], {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}
process.exit(spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' }).status ?? 1);
