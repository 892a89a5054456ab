// `npm run soak`: a mixed load with faults, for long, and whether anything grows by it. What is right is judged by the rules
// themselves (test/soak/load.ts), what grows by statistics that do not mind single figures (test/soak/trend.ts).
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { format, resolveConfig } from 'prettier';
import { runnerImport } from 'vite';
import { course } from '../test/bench/charts.mjs';
import { startPostgres } from '../test/bench/postgres.mjs';
import { Processes } from './processes.mjs';

const HELP = `usage: npm run soak -- [--minutes N] [--seed N] [--out FOLDER] [--write]

Starts a PostgreSQL and two processes of the service on it. Callers decide, choose, import, erase, read and publish at a steady
pace, and every answer about somebody whom nobody is changing is compared with the rules. Meanwhile a seed decides which faults
there are: the second process is killed, ended or stopped for a while, the network to the database hangs or breaks, callers
send rubbish, hang up, or never read. The first process lives through all of it, and is watched.

It ends with 1 if an answer was wrong, if a confirmed change was lost, if a process ended by itself, or if memory, handles, what
is written to disk for each operation, or the time of a decision goes up (judged from ten minutes on).

  --minutes N    how long (default 30)
  --seed N       for the same faults again (default: another one each time, which is told)
  --out FOLDER   where figures and charts are put (default soak-SEED)
  --write        put figures and charts into docs/soak.md
`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WATCHED = 1;
const OTHER = 2;
const SAMPLE_MS = 2_000;
const PROBES_PER_SECOND = 40;
/** Longer than any wait of the service: whoever is not answered by then counts as unanswered. */
const PATIENCE_MS = 15_000;
/** The share of the time until memory has the size that the load needs. */
const WARM_UP = 0.25;
const MOST_WINDOWS = 40;
const LEAST_WINDOW_MS = 5_000;
/** In less time memory has not come to the size that it needs, and its growth says nothing. */
const JUDGED_FROM_MINUTES = 10;
/** From one fault to the next, in milliseconds: the least, and what is added at random. */
const GAP_MS = [8_000, 25_000];
/** For how long changes may go on to be unconfirmed when all faults are over. */
const LAST_WAIT_MS = 120_000;
/** For how long after a fault times of decisions are left out. */
const AFTER_FAULT_MS = 3_000;

/**
 * What is watched: how it is called and drawn, and the growth, as a share of its median, that is none. Much of it is small
 * beside what a leak of some bytes for each request would be in this time.
 */
const FIGURES = {
  rss: { title: 'Resident memory of the watched process', unit: 'MB', tolerated: 0.1 },
  heap: { title: 'Heap in use, the least of each window', unit: 'MB', tolerated: 0.1 },
  handles: { title: 'Open files and active handles', unit: '', tolerated: 0.1 },
  disk: { title: 'Written to database and disk', unit: 'kB per 1,000 operations', tolerated: 0.25 },
  p50: { title: 'Time of a decision, median, outside of faults', unit: 'ms', tolerated: 0.25 },
  p99: { title: 'Time of a decision, 99th percentile, outside of faults', unit: 'ms', tolerated: 0.5 },
};

const say = (text = '') => void process.stdout.write(`${text}\n`);
const figure = (number, digits = 0) =>
  number.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @type {Processes | undefined} */
let fleet;
let isEnding = false;
const folder = mkdtempSync(join(tmpdir(), 'assent-soak-'));
// PostgreSQL's files are in there, and it runs as another user where this one is root
chmodSync(folder, 0o711);
process.on('exit', () => {
  fleet?.killAll();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

async function run({ minutes, seed, out, write }) {
  say(`seed ${seed}: PostgreSQL and two processes of Assent start …`);
  const load = async (path) => (await runnerImport(join(ROOT, 'test', path))).module;
  const { Load } = await load('soak/load.ts');
  const { seeded } = await load('soak/seeded.ts');
  const { freezingProxy } = await load('e2e/freezing-proxy.ts');
  const { medianOf, trendOf } = await load('soak/trend.ts');

  const postgres = await startPostgres(join(folder, 'postgres'));
  const direct = await postgres.createDatabase('soak');
  const network = await freezingProxy(direct);
  const database = new Client({ connectionString: direct });
  // it is used for as long as PostgreSQL runs, and breaks off with it
  database.on('error', () => undefined);
  await database.connect();
  const faults = [];
  const deaths = [];
  fleet = new Processes(
    { folder, databaseUrl: network.url, env: { METRICS_PORT: '0' } },
    (place, how, written) => {
      if (isEnding) return;
      deaths.push(`process ${place} ended by itself, with ${how}`);
      process.stderr.write(`${deaths.at(-1)}:\n${written}\n`);
    },
  );
  await fleet.start(WATCHED);
  await fleet.start(OTHER);
  const anyone = fleet.targetAt(await fleet.startProxy(), PATIENCE_MS);
  const work = new Load(seeded(seed), () => anyone);
  say('users are registered …');
  await work.register((users) => say(`  ${figure(users)}`));
  const token = await work.tokenOf(anyone, 'pep');

  const begun = performance.now();
  const now = () => performance.now() - begun;
  const end = minutes * 60_000;
  const tell = (what) => say(`${clock(now())}  ${what}`);
  const samples = [];
  const probes = [];
  work.begin();
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const watching = [
    setInterval(() => probe(agent, work, token, now, probes), 1_000 / PROBES_PER_SECOND),
    setInterval(() => void sample(database, work, now).then((one) => one && samples.push(one)), SAMPLE_MS),
    setInterval(() => tell(progressOf(work.seen)), Math.max(60_000, end / 20)),
  ];

  const chance = seeded(seed + 1);
  const kinds = faultsOf({ chance, network, database, token });
  while (now() < end && deaths.length === 0) {
    await pass(Math.min(GAP_MS[0] + chance.below(GAP_MS[1]), Math.max(0, end - now())));
    if (now() >= end) break;
    const kind = chance.pick(Object.keys(kinds));
    const from = now();
    tell(kinds[kind].says);
    await kinds[kind].happens();
    faults.push({ kind, from, to: now() });
  }
  for (const timer of watching) clearInterval(timer);
  say('what is under way is finished, and each process is asked about everybody …');
  const unproved = [];
  const isConfirmed = await Promise.race([
    work.end().then(() => true),
    pass(LAST_WAIT_MS, false, { ref: false }),
  ]);
  if (!isConfirmed) unproved.push('changes are not confirmed, however often they are sent');
  agent.destroy();
  for (const [place, { url }] of fleet.running) {
    const target = fleet.targetAt(url, PATIENCE_MS);
    let left = await work.askAll(target);
    for (let again = 0; left > 0 && again < 10; again++) {
      await pass(1_000);
      left = await work.askAll(target);
    }
    if (left > 0) unproved.push(`process ${place} leaves ${left} questions open`);
  }
  isEnding = true;
  const codes = await Promise.all([...fleet.running.keys()].map((place) => fleet.end(place, 'SIGTERM')));
  if (codes.some((code) => code !== 0)) deaths.push(`told to end, processes ended with ${codes.join(', ')}`);
  network.close();
  await database.end();
  await postgres.stop();

  const windows = windowsOf({ samples, probes, faults, end }, medianOf);
  const trends = Object.fromEntries(
    Object.entries(FIGURES).map(([name, { tolerated }]) => {
      const figures = windows.map((window) => window[name]).filter((value) => value !== undefined);
      return [name, trendOf(figures, tolerated * medianOf(figures))];
    }),
  );
  const { seen } = work;
  const complaints = [
    ...deaths,
    ...unproved,
    ...(seen.wrongPermits > 0 ? [`${seen.wrongPermits} wrong permits`] : []),
    ...(seen.wrongDenials > 0 ? [`${seen.wrongDenials} wrong denials or reasons`] : []),
    ...work.wrong.map((one) => `  ${one}`),
    ...Object.entries(trends)
      .filter(([, { isUp }]) => isUp && minutes >= JUDGED_FROM_MINUTES)
      .map(([name]) => `${FIGURES[name].title.toLowerCase()} goes up`),
  ];
  const report = reportOf({ minutes, seed, seen, faults, trends, complaints });
  say(`\n${report}`);
  mkdirSync(out, { recursive: true });
  const result = { minutes, seed, seen, faults, windows, trends, complaints };
  writeFileSync(join(out, 'soak.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  const charts = chartsOf(windows, faults, end);
  for (const [name, svg] of charts) writeFileSync(join(out, `${name}.svg`), svg);
  say(`figures and charts: ${out}`);
  if (write) await writeDocs(report, charts);
  return complaints.length === 0;
}

/** What can happen, by name: what is said of it, and what it is. Each ends when all is as it was. */
function faultsOf({ chance, network, database, token }) {
  const { url } = fleet.running.get(WATCHED);
  const address = [Number(url.port), url.hostname];
  const between = (least, most) => pass(least + chance.below(most - least));
  const other = () => fleet.running.get(OTHER).child;
  const again = async (signal) => {
    await fleet.end(OTHER, signal);
    await between(500, 4_000);
    await fleet.start(OTHER);
  };
  const together = (count, one) => Promise.all(Array.from({ length: count }, one));
  return {
    kill: { says: 'process 2 is killed', happens: () => again('SIGKILL') },
    end: { says: 'process 2 is told to end', happens: () => again('SIGTERM') },
    stop: {
      says: 'process 2 stops for a while, and goes on',
      happens: async () => {
        other().kill('SIGSTOP');
        await between(500, 8_000);
        other().kill('SIGCONT');
      },
    },
    freeze: {
      says: 'the network to the database hangs',
      happens: async () => {
        network.freeze();
        await between(200, 6_000);
        network.thaw();
      },
    },
    break: {
      says: 'the database breaks off all connections',
      happens: () =>
        database.query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
          ['soak'],
        ),
    },
    rubbish: {
      says: 'callers send what is no HTTP',
      happens: () => together(50, () => spoken(address, randomText(chance), 1_000)),
    },
    hangUp: {
      says: 'callers hang up within a request',
      happens: () => together(100, () => spoken(address, head(token, 10_000), chance.below(300))),
    },
    unread: {
      says: 'callers ask for much, and never read',
      happens: () => {
        const users = Array.from({ length: 5_000 }, (_, at) => `u-${at}\n`).join('');
        const asked = head(
          token,
          users.length,
          '/v1/audiences?purpose=personalise&fields=post.text',
          'text/plain',
        );
        return together(20, () => spoken(address, asked + users, 5_000));
      },
    },
  };
}

/** Says something over a connection of its own, whose answer is never read, and breaks it off after so many milliseconds. */
async function spoken([port, host], text, ms) {
  const socket = connect(port, host);
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(text, 'latin1');
  await pass(ms);
  socket.destroy();
}

function head(token, length, path = '/access/v1/evaluations', type = 'application/json') {
  return `POST ${path} HTTP/1.1\r\nhost: soak\r\nauthorization: Bearer ${token}\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;
}

function randomText({ below }) {
  return Array.from({ length: 2_000 }, () => String.fromCharCode(below(256))).join('');
}

/** Measures one decision of the watched process, from the request to its whole answer. */
function probe(agent, work, token, now, probes) {
  const { url } = fleet.running.get(WATCHED) ?? {};
  if (url === undefined) return;
  const at = now();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  request(new URL('/access/v1/evaluation', url), { method: 'POST', agent, headers, timeout: PATIENCE_MS })
    .on('response', (answer) => {
      answer.resume().on('end', () => answer.statusCode === 200 && probes.push({ at, ms: now() - at }));
    })
    .on('error', () => undefined)
    .end(work.body());
}

/** What there is now. @returns nothing when it could not be read */
async function sample(database, work, now) {
  try {
    const { metrics } = fleet.running.get(WATCHED);
    const at = now();
    const text = await (await fetch(metrics, { signal: AbortSignal.timeout(SAMPLE_MS) })).text();
    const of = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    const { rows } = await database.query('SELECT pg_database_size($1)::float8 AS size', ['soak']);
    const { decisions, changes, imported, erased } = work.seen;
    return {
      at,
      rss: of('process_resident_memory_bytes') / 1e6,
      heap: of('nodejs_heap_size_used_bytes') / 1e6,
      handles: of('process_open_fds') + of('nodejs_active_resources_total'),
      disk: rows[0].size + (await sizeOf(fleet.dataDirOf(WATCHED))),
      operations: decisions + changes + imported + erased,
    };
  } catch {
    return undefined;
  }
}

/** Bytes of all files below a folder. */
async function sizeOf(where) {
  const entries = await readdir(where, { withFileTypes: true, recursive: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(
      async (entry) =>
        (await stat(join(entry.parentPath ?? entry.path, entry.name)).catch(() => undefined))?.size,
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + (size ?? 0), 0);
}

/** The figures of each window after the warm-up. */
function windowsOf({ samples, probes, faults, end }, medianOf) {
  const middle = (values) => (values.length === 0 ? undefined : medianOf(values));
  const from = end * WARM_UP;
  const count = Math.max(1, Math.min(MOST_WINDOWS, Math.floor((end - from) / LEAST_WINDOW_MS)));
  const length = (end - from) / count;
  const isCalm = ({ at }) =>
    !faults.some((fault) => at >= fault.from - 1_000 && at <= fault.to + AFTER_FAULT_MS);
  const calm = probes.filter(isCalm);
  return Array.from({ length: count }, (_, window) => {
    const begin = from + window * length;
    const isIn = ({ at }) => at >= begin && at < begin + length;
    const inIt = samples.filter(isIn);
    const times = calm
      .filter(isIn)
      .map(({ ms }) => ms)
      .toSorted((a, b) => a - b);
    const first = inIt[0];
    const last = inIt.at(-1);
    return {
      minute: (begin + length / 2) / 60_000,
      rss: middle(inIt.map(({ rss }) => rss)),
      heap: inIt.length === 0 ? undefined : Math.min(...inIt.map(({ heap }) => heap)),
      handles: middle(inIt.map(({ handles }) => handles)),
      disk:
        first === undefined || last.operations === first.operations
          ? undefined
          : (last.disk - first.disk) / (last.operations - first.operations),
      p50: middle(times),
      p99: times[Math.floor(times.length * 0.99)],
    };
  });
}

function clock(ms) {
  const seconds = Math.floor(ms / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}`;
}

function progressOf({
  decisions,
  compared,
  changes,
  erased,
  imported,
  published,
  unproved,
  failed,
  wrongPermits,
}) {
  return `${figure(decisions)} decisions, ${figure(compared)} compared, ${figure(changes + imported)} changes, ${figure(erased)} erasures, ${figure(published)} publications; ${figure(unproved)} unproved, ${figure(failed)} failed, ${figure(wrongPermits)} wrong permits`;
}

/** What came of it, in Markdown. */
function reportOf({ minutes, seed, seen, faults, trends, complaints }) {
  const counts = new Map();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const rows = Object.entries(trends).map(([name, { median, growth, chance, isUp }]) => {
    const { title, unit } = FIGURES[name];
    const digits = median < 20 ? 2 : 0;
    const grown = median === 0 ? 0 : (growth / median) * 100;
    return `| ${title} | ${figure(median, digits)} ${unit} | ${figure(grown, 1)} % | ${figure(chance, 3)} | ${isUp ? '**goes up**' : 'no trend'} |`;
  });
  return `${figure(minutes)} minutes, seed ${seed}, ${faults.length} faults (${Array.from(counts, ([kind, count]) => `${kind} ${count}`).join(', ')}).

| What                                        | How many |
| ------------------------------------------- | -------: |
| decisions                                   | ${figure(seen.decisions)} |
| of them permits                             | ${figure(seen.permits)} |
| compared with the rules                     | ${figure(seen.compared)} |
| wrong permits                               | ${figure(seen.wrongPermits)} |
| wrong denials, or another reason            | ${figure(seen.wrongDenials)} |
| denied, as nothing could be proved          | ${figure(seen.unproved)} |
| changes confirmed, and imported             | ${figure(seen.changes + seen.imported)} |
| erasures, each followed by a return         | ${figure(seen.erased)} |
| publications                                | ${figure(seen.published)} |
| requests that failed, mostly within a fault | ${figure(seen.failed)} |

| Figure | Median | Growth, first to last window | By chance | |
| ------ | -----: | ---------------------------: | --------: | - |
${rows.join('\n')}

${verdictOn(minutes, complaints)}`;
}

function verdictOn(minutes, complaints) {
  if (complaints.length > 0) return complaints.join('\n');
  return minutes < JUDGED_FROM_MINUTES
    ? `Nothing was wrong. Whether something goes up is judged from ${JUDGED_FROM_MINUTES} minutes on.`
    : 'Nothing was wrong, and nothing goes up.';
}

function chartsOf(windows, faults, end) {
  const marks = faults.map(({ from }) => from / 60_000);
  return Object.entries(FIGURES).map(([name, { title, unit }]) => {
    const points = windows
      .filter((window) => window[name] !== undefined)
      .map((window) => [window.minute, window[name]]);
    return [name, course(`${title}${unit === '' ? '' : `, ${unit}`}`, points, marks, end / 60_000)];
  });
}

const BEGIN = '<!-- by npm run soak -- --write -->';
const END = '<!-- until here -->';

async function writeDocs(report, charts) {
  const page = join(ROOT, 'docs/soak.md');
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest.split(END)[1];
  const images = charts.map(([name]) => `![${FIGURES[name].title}](charts/soak-${name}.svg)`).join('\n\n');
  const written = `${before}${BEGIN}\n\n${report}\n\n${images}\n\n${END}${after}`;
  writeFileSync(page, await format(written, { ...(await resolveConfig(page)), parser: 'markdown' }));
  for (const [name, svg] of charts) writeFileSync(join(ROOT, 'docs/charts', `soak-${name}.svg`), svg);
}

try {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string' },
      out: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const minutes = Number(values.minutes);
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed);
  if (!(minutes >= 0.5)) throw new Error(`--minutes is \`${values.minutes}\`: give a number from 0.5 up`);
  if (!Number.isInteger(seed)) throw new Error(`--seed is \`${values.seed}\`: give a whole number`);
  if (values.help === true) say(HELP);
  else if (!(await run({ minutes, seed, out: resolve(values.out ?? `soak-${seed}`), write: values.write })))
    process.exit(1);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
