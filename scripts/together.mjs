// Runs scripts of package.json beside each other, no more than there are processors, and fails when one of them does:
// `node scripts/together.mjs lint types`. What each prints is shown when it ends.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

const waiting = process.argv.slice(2);
let failed = false;

/** @param {string} script */
function run(script) {
  const began = performance.now();
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '-s', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let written = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        written += chunk;
      });
    child.on('close', (code) => {
      if (code !== 0) failed = true;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      process.stdout.write(`${code === 0 ? '✓' : '✗'} ${script} ${seconds} s\n${written}`);
      resolve(undefined);
    });
  });
}

async function work() {
  for (let script = waiting.shift(); script !== undefined; script = waiting.shift()) await run(script);
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
process.exit(failed ? 1 : 0);
