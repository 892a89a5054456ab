// `npm run fleet`: a fleet before your eyes. What it sees is judged by what also judges the tests: test/e2e/storm.ts.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { startPostgres } from '../test/bench/postgres.mjs';
import { Processes } from './processes.mjs';

const HELP = `usage: npm run fleet -- [--seconds N]

Starts a PostgreSQL, three processes of the service on it, and a proxy that gives each request to the next one. Users opt
out one after another while services ask about the same users, and one process after another is killed and started again.
Says what was seen: it ends with 1 if any decision permitted what somebody had been told was off, or if an opt-out was lost.
It takes 30 seconds (or N, 3 or more), and leaves nothing behind.
`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PLACES = [1, 2, 3];
const WRITERS = 16;
const ASKERS = 1;
/** How long all are there before one is killed, and how long that one is missing. */
const PEACE_MS = 2_000;
const MISSING_MS = 1_000;

const say = (text = '') => void process.stdout.write(`${text}\n`);
const figure = (number) => Math.round(number).toLocaleString('en');

/** @type {Processes | undefined} */
let processes;
let interrupted = false;
let sayTotal = () => undefined;
process.once('SIGINT', () => {
  // the package of PostgreSQL stops it, and then ends this process
  interrupted = true;
  sayTotal();
});
const folder = mkdtempSync(join(tmpdir(), 'assent-fleet-'));
// PostgreSQL's files are in there, and it runs as another user where this one is root
chmodSync(folder, 0o711);
process.on('exit', () => {
  processes?.killAll();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

async function run(seconds) {
  say('PostgreSQL and three processes of Assent start …');
  const { module } = await runnerImport(join(ROOT, 'test/e2e/storm.ts'));
  const postgres = await startPostgres(join(folder, 'postgres'));
  const databaseUrl = await postgres.createDatabase('fleet');
  const fleet = new Processes({ folder, databaseUrl }, (place, how, written) => {
    if (interrupted) return;
    process.stderr.write(`process ${place} ended by itself, with ${how}:\n${written}`);
    process.exit(1);
  });
  processes = fleet;
  // the first one makes the tables and the key
  await fleet.start(1);
  await Promise.all(PLACES.slice(1).map((place) => fleet.start(place)));
  const target = fleet.targetAt(await fleet.startProxy());
  const storm = new module.Storm();
  const { seen } = storm;
  await storm.begin(
    WRITERS,
    () => target,
    Array.from({ length: ASKERS }, () => () => target),
  );
  say(`Users take back that \`${module.PURPOSE}\` may use their data, while services ask whether it may.`);

  const begun = performance.now();
  const passed = () => (performance.now() - begun) / 1000;
  const tell = (what) => say(`${passed().toFixed(1).padStart(5)} s  ${what}`);
  const tellSeen = () =>
    tell(
      `${figure(seen.decisions)} decisions, ${figure(seen.confirmed)} opt-outs confirmed, ${figure(seen.stale)} stale permits`,
    );
  let kills = 0;
  const total = () => `
${figure(seen.decisions)} decisions in ${figure(passed())} s, ${figure(seen.permits)} of them permits
${figure(seen.confirmed)} opt-outs confirmed, over ${kills === 1 ? '1 kill' : `${kills} kills`}; ${figure(seen.unconfirmed)} attempts were not, and were repeated
${figure(seen.longestWait)} ms was the longest wait for a confirmation
${figure(seen.stale)} stale permits`;
  sayTotal = () => say(total());
  while (kills === 0 || passed() < seconds) {
    await pass(PEACE_MS);
    tellSeen();
    const place = PLACES[kills++ % PLACES.length];
    await fleet.end(place, 'SIGKILL');
    tell(`process ${place} is killed`);
    await pass(MISSING_MS);
    await fleet.start(place);
    tell(`process ${place} is back`);
  }
  await storm.end();
  tellSeen();

  say('Each process is asked about everybody whose opt-out was confirmed …');
  let lost = 0;
  for (const { url } of fleet.running.values()) lost += await storm.lostAt(fleet.targetAt(url));
  say(`${total()}\n${figure(lost)} lost opt-outs`);
  for (const place of PLACES) await fleet.end(place, 'SIGTERM');
  await postgres.stop();
  return lost === 0 && seen.stale === 0;
}

try {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '30' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds >= 3)) throw new Error(`--seconds is \`${values.seconds}\`: give a number from 3 up`);
  if (values.help === true) say(HELP);
  else if (!(await run(seconds))) process.exit(1);
  process.exit(0);
} catch (error) {
  if (!interrupted) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
