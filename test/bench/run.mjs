// The benchmark: `npm run bench -- --help`.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What is measured beside this engine. */
const OTHERS = ['casl', 'casbin', 'casbin-whole', 'cedar', 'cedar-whole', 'map', 'cerbos', 'echo'];

const HELP = `npm run bench -- [options]

  --list          the scenarios, and what each is
  --only a,b      these scenarios alone
  --own           nothing beside this engine
  --against DIR   this build and that of another checkout, in turns: what is measured of this engine, and the ratio
  --quick         small sizes and short times, to see that all is well; its figures mean little
  --rounds N      how often each system runs (default 3)
  --json          one object a line on standard output: {"scenario","system","metric","unit","value"}
  --write         write docs/performance.md and docs/charts/*.svg (needs all scenarios)
  --cpu-prof DIR  profile this engine's processes into that folder (figures are then those of a profiled process)
  --help
`;

/** @returns {Record<string, any>} */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        list: { type: 'boolean', default: false },
        only: { type: 'string' },
        own: { type: 'boolean', default: false },
        against: { type: 'string' },
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        'cpu-prof': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.rounds !== undefined && !/^[1-9]\d?$/.test(values.rounds))
      throw new Error('--rounds takes a number from 1 to 99');
    if (values.write && [values.quick, values.only, values.own, values.against].some(Boolean))
      throw new Error('--write takes a whole run: leave --quick, --only, --own and --against out');
    if (values.against !== undefined && !existsSync(`${values.against}/test/bench/run.mjs`))
      throw new Error('--against takes the folder of a checkout of this project');
    return values;
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

const options = readOptions();
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
if (!options.own) install();
build();

const { SERVER_CORE, machine, pinned } = await import('./machine.mjs');
const { median } = await import('./timing.mjs');
const { figureOf, printed, verdictsOf, writeReport } = await import('./report.mjs');

const scenarios = await readScenarios();
if (options.list) {
  for (const { name, title, shape, size, worst, measures, load } of scenarios)
    process.stdout.write(
      `${name}: ${title}\n  shape     ${shape}\n  size      ${size}\n  worst     ${worst}\n  measures  ${measures}\n  load      ${load}\n\n`,
    );
  process.exit(0);
}
if (options.against !== undefined) {
  const { compareBuilds } = await import('./against.mjs');
  await compareBuilds(
    scenarios.map(({ name }) => name),
    options,
  );
  process.exit(0);
}
const began = performance.now();
const here = machine();
if (!here.pinned)
  say('there is no `taskset`, or only one core: processes are not pinned, so figures vary more');
const results = [];
let failed = false;
for (const scenario of scenarios) results.push(await runScenario(scenario));
say(`\nall of it took ${Math.round((performance.now() - began) / 1000)} s`);
if (options.write && !failed) await writeReport(results, { ...here, rounds: options.rounds });
process.exit(failed ? 1 : 0);

/** Installs what the benchmark runs beside the engine, at its first use. */
function install() {
  const stamp = `${HERE}node_modules/.package-lock.json`;
  const wanted = JSON.parse(readFileSync(`${HERE}package-lock.json`, 'utf8')).packages;
  if (existsSync(stamp)) {
    const present = JSON.parse(readFileSync(stamp, 'utf8')).packages;
    const missing = Object.entries(wanted).filter(
      ([path, { version, optional }]) =>
        path !== '' && optional !== true && present[path]?.version !== version,
    );
    if (missing.length === 0) return;
  }
  say('installing what is measured beside Assent (once)');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: HERE,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}

/** The product is measured as it is built. */
function build() {
  if (existsSync(`${ROOT}dist/main.js`)) return;
  say('building');
  const { status } = spawnSync('npm', ['run', '-s', 'build'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}

async function readScenarios() {
  const { ORDER } = await import('./scenarios/order.mjs');
  const files = (await readdir(`${HERE}scenarios`)).filter((file) => file !== 'order.mjs').sort();
  const all = [];
  for (const file of files) {
    const { default: scenario } = await import(`./scenarios/${file}`);
    all.push({ file, ...scenario });
  }
  all.sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  const names = options.only?.split(',') ?? all.map(({ name }) => name);
  const unknown = names.filter((name) => !all.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `there is no scenario ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}\n`,
    );
    process.exit(2);
  }
  const beside = new Set(options.own ? OTHERS : []);
  return all
    .filter(({ name }) => names.includes(name))
    .map((scenario) => ({
      ...scenario,
      systems: scenario.systems.filter(({ name }) => !beside.has(name)),
    }));
}

/** Runs a scenario: every system answers, the answers are compared, and only then is anything timed. */
async function runScenario(scenario) {
  const since = performance.now();
  say(`\n${scenario.name}: ${scenario.title}`);
  const { nodeArgs = [], ...sizes } = scenario.options(options.quick);
  const skipped = new Map();
  const figures = new Map(scenario.systems.map(({ name }) => [name, new Map()]));
  const shared = await scenario.overHttp?.prepare?.(sizes);
  try {
    for (const { name } of scenario.systems) {
      const reason = await scenario.overHttp?.skips?.(name, shared);
      if (reason !== undefined) skipped.set(name, reason);
    }
    const systems = scenario.systems.map(({ name }) => name).filter((name) => !skipped.has(name));
    if ((scenario.inProcess ?? scenario.overHttp).answers !== undefined)
      await mustAgree(scenario, systems, (system) =>
        scenario.inProcess === undefined
          ? scenario.overHttp.answers(system, shared, sizes)
          : child(scenario, 'answers', system, sizes, nodeArgs),
      );
    const rounds = Number(options.rounds ?? (options.quick ? 1 : (scenario.rounds ?? 3)));
    for (let round = 1; round <= rounds; round++)
      for (const system of scenario.together ? ['all'] : systems) {
        if (skipped.has(system)) continue;
        const profile =
          options['cpu-prof'] !== undefined && (system === 'assent' || scenario.together)
            ? ['--cpu-prof', `--cpu-prof-dir=${options['cpu-prof']}`]
            : [];
        const measured =
          scenario.inProcess === undefined
            ? await scenario.overHttp.measure(system, shared, { ...sizes, nodeArgs: profile })
            : await child(scenario, 'measure', system, sizes, [...nodeArgs, ...profile]);
        if (measured.skipped !== undefined) {
          skipped.set(system, measured.skipped);
          continue;
        }
        for (const [name, metrics] of scenario.together ? Object.entries(measured) : [[system, measured]]) {
          for (const { metric, unit, value } of metrics) {
            const of = figures.get(name);
            if (!of.has(metric)) of.set(metric, { unit, values: [] });
            of.get(metric).values.push(value);
          }
          const [{ metric, value, unit }] = metrics;
          say(`  round ${round}  ${name.padEnd(10)} ${metric} ${printed(value, unit)}`);
        }
      }
  } catch (error) {
    failed = true;
    say(`  FAILED: ${error.stack ?? error}`);
    return { scenario, figures: [], skipped, failure: String(error.message ?? error) };
  } finally {
    if (shared !== undefined) await scenario.overHttp.finish?.(shared);
  }
  const lines = [];
  for (const [system, metrics] of figures)
    for (const [metric, { unit, values }] of metrics)
      lines.push({ scenario: scenario.name, system, metric, unit, value: rounded(median(values)), values });
  for (const [system, reason] of skipped) say(`  ${system}: skipped: ${reason}`);
  for (const { values: _values, ...line } of lines) {
    if (options.json) process.stdout.write(`${JSON.stringify(line)}\n`);
    else
      process.stdout.write(
        `${line.scenario.padEnd(16)} ${line.system.padEnd(12)} ${line.metric.padEnd(34)} ${printed(line.value, line.unit)}\n`,
      );
  }
  const result = { scenario, figures: lines, skipped, seconds: (performance.now() - since) / 1000 };
  for (const { says, text, met } of verdictsOf(result, figureOf(result)))
    say(`  ${met === undefined ? '?' : met ? 'reached' : 'MISSED'}: ${text} (${says})`);
  say(`  took ${Math.round(result.seconds)} s`);
  return result;
}

/** @throws when two systems answer the same question differently */
async function mustAgree(scenario, systems, answersOf) {
  let reference;
  for (const system of systems) {
    const answers = await answersOf(system);
    if (answers === undefined || answers === null) continue;
    if (reference === undefined) {
      reference = { system, answers };
      continue;
    }
    const place = reference.answers.findIndex((answer, at) => !alike(answer, answers[at]));
    if (place >= 0 || answers.length !== reference.answers.length)
      throw new Error(
        `${reference.system} and ${system} disagree on question ${place}: ${JSON.stringify(reference.answers[place])} and ${JSON.stringify(answers[place])}`,
      );
  }
  if (reference !== undefined)
    say(`  ${systems.length} systems, ${reference.answers.length} questions: they answer alike`);
}

/** Answers are compared by what both systems say: some give no reason. */
function alike(one, other) {
  if (one === null || typeof one !== 'object') return one === other;
  if (other === null || typeof other !== 'object') return false;
  return Object.keys(one).every((key) => !(key in other) || one[key] === other[key]);
}

/** Runs a part of a scenario in a process of its own, on the core of what is measured. */
async function child(scenario, what, system, sizes, nodeArgs) {
  const [command, args] = pinned(SERVER_CORE, process.execPath, [
    ...nodeArgs,
    ...(scenario.systems.find(({ name }) => name === system)?.nodeArgs ?? []),
    `${HERE}child.mjs`,
    scenario.file,
    what,
    system,
    JSON.stringify(sizes),
  ]);
  const running = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let written = '';
  running.stdout.on('data', (chunk) => (written += chunk));
  const code = await new Promise((resolve) => running.once('close', resolve));
  const line = written.trimEnd().split('\n').at(-1);
  if (code !== 0 || line === undefined) throw new Error(`the process of ${system} ended with ${code}`);
  return line === 'undefined' ? undefined : JSON.parse(line);
}

function rounded(value) {
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : null;
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
