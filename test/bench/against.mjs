/** Two builds beside each other: each by the benchmark of its own checkout, in turns, so that a slow hour slows both. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { printed } from './report.mjs';
import { median } from './timing.mjs';

const HERE = fileURLToPath(new URL('../../', import.meta.url));

/**
 * @param {string[]} scenarios names, run one after the other
 * @param {{ against?: string, rounds?: string, quick?: boolean, json?: boolean }} options
 */
export async function compareBuilds(scenarios, { against = '', rounds = '3', quick, json }) {
  const builds = { this: HERE, other: resolve(against) };
  const args = [...(quick ? ['--quick'] : []), '--rounds', '1', '--own', '--json'];
  for (const scenario of scenarios) {
    const figures = new Map();
    for (let round = 0; round < Number(rounds); round++) {
      // who goes first changes, so that neither always meets the warmer machine
      const turns = round % 2 === 0 ? ['other', 'this'] : ['this', 'other'];
      for (const build of turns)
        for (const figure of await measured(builds[build], ['--only', scenario, ...args])) {
          const key = `${figure.system} ${figure.metric}`;
          if (!figures.has(key)) figures.set(key, { ...figure, this: [], other: [] });
          figures.get(key)[build].push(figure.value);
        }
    }
    for (const { system, metric, unit, this: ours, other } of figures.values()) {
      const [value, before] = [median(ours), median(other)];
      if (json)
        process.stdout.write(`${JSON.stringify({ scenario, system, metric, unit, value, before })}\n`);
      else
        process.stdout.write(
          `${scenario.padEnd(16)} ${system.padEnd(10)} ${metric.padEnd(34)} ${range(other, unit).padEnd(38)} → ${range(ours, unit).padEnd(38)} × ${(value / before).toFixed(2)}\n`,
        );
    }
  }
}

/** @param {number[]} values @param {string} unit */
function range(values, unit) {
  return `${printed(median(values), unit)} (${printed(Math.min(...values), '')}–${printed(Math.max(...values), '')})`;
}

/** @returns {Promise<{ system: string, metric: string, unit: string, value: number }[]>} */
async function measured(folder, args) {
  const child = spawn(process.execPath, [`${folder}/test/bench/run.mjs`, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let written = '';
  child.stdout.on('data', (chunk) => (written += chunk));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`the benchmark of ${folder} failed`);
  return written
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
