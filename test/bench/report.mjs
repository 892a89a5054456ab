/** What a run found, in words: verdicts, tables, and the page that `--write` makes of them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { ROOT } from './engine.mjs';
import { bars, lines } from './charts.mjs';

/** @param {{ figures: { system: string, metric: string, value: number }[] }} result */
export function figureOf({ figures }) {
  return (system, metric) =>
    figures.find((line) => line.system === system && line.metric === metric)?.value ?? Number.NaN;
}

/** A figure as people read it. */
export function printed(value, unit) {
  if (value === null || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits =
    size >= 1e6
      ? `${(value / 1e6).toPrecision(3)} million`
      : size >= 1000
        ? Number(value.toPrecision(3)).toLocaleString('en')
        : String(Number(value.toPrecision(3)));
  if (unit === '1/s') return `${digits}/s`;
  return unit === '' ? digits : unit === '%' ? `${digits} %` : `${digits} ${unit}`;
}

/** How each target of a scenario fared; `met` is `undefined` where there is no figure. */
export function verdictsOf({ scenario, skipped }, figure) {
  return scenario.targets.map(({ says, at, bound, percent, figure: read }) => {
    const value = read(figure);
    const scale = percent ? 100 : 1;
    const show = (number) => `${printed(number * scale, percent ? '%' : '')} ${says}`;
    return {
      says: `at ${at} ${printed(bound * scale, percent ? '%' : '')}`,
      text: Number.isFinite(value) ? show(value) : `no figure: ${says}`,
      wanted: `at ${at} ${show(bound)}`,
      met: Number.isFinite(value) ? (at === 'least' ? value >= bound : value <= bound) : undefined,
      skipped: [...skipped.values()][0],
    };
  });
}

/** Writes docs/performance.md and its charts. */
export async function writeReport(results, machine) {
  await mkdir(`${ROOT}docs/charts`, { recursive: true });
  const parts = [opening(machine), targetsTable(results)];
  for (const result of results) {
    parts.push(await section(result));
  }
  parts.push(CLOSING);
  const file = `${ROOT}docs/performance.md`;
  const style = await resolveConfig(file);
  await writeFile(file, await format(parts.join('\n\n'), { ...style, parser: 'markdown' }));
}

function opening({ cpu, cores, memoryGb, system, node, date, pinned, rounds }) {
  return `# Performance

<!-- written by \`npm run bench -- --write\`: do not edit -->

What a decision costs, beside what else could give it. \`npm run bench\` measures all of it again;
[its own page](../test/bench/README.md) says how.

Measured on ${date}: ${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}. ${
    pinned
      ? 'Whatever is measured runs on one core, what loads it on another (`taskset`); only PostgreSQL may use both.'
      : 'Processes were not pinned to cores: this machine has no `taskset`, or one core.'
  } Figures are ${rounds === '1' ? 'of one fresh process each' : 'medians of fresh processes that take turns'}. Before anything is timed, all systems of a scenario answer the same questions about the same users, and a run in which two of them differ fails.`;
}

function targetsTable(results) {
  const rows = results.flatMap((result) =>
    verdictsOf(result, figureOf(result)).map(
      ({ wanted, text, met, skipped }) =>
        `| [${result.scenario.title}](#${anchor(result.scenario.title)}) | ${wanted} | ${
          met === undefined ? `not measured: ${skipped ?? 'the scenario gave no figure'}` : text
        } | ${met === undefined ? '–' : met ? 'reached' : '**missed**'} |`,
    ),
  );
  return `## Targets\n\n| scenario | wanted | found | |\n|---|---|---|---|\n${rows.join('\n')}`;
}

async function section({ scenario, figures, skipped }) {
  const { name, title, shape, size, worst, measures, load, systems, omitted } = scenario;
  const metrics = [...new Map(figures.map(({ metric, unit }) => [metric, unit]))];
  const shown = systems.filter((system) => figures.some((line) => line.system === system.name));
  const cell = (system, metric) => {
    const line = figures.find((line) => line.system === system && line.metric === metric);
    return line === undefined ? '' : `${printed(line.value, line.unit)}${spread(line)}`;
  };
  const ratio = ratios(scenario, shown, figureOf({ figures }));
  const columns = [
    ...metrics.map(([metric]) => [metric, (system) => cell(system, metric)]),
    ...(ratio === undefined ? [] : [['Assent against it', ratio]]),
  ];
  const head = `| ${scenario.axis ?? ''} | ${columns.map(([column]) => column).join(' | ')} |\n|---|${'---:|'.repeat(columns.length)}`;
  const rows = shown.map(
    (system) => `| ${system.title} | ${columns.map(([, read]) => read(system.name)).join(' | ')} |`,
  );
  const notes = systems.filter(({ note }) => note !== '').map(({ title: of, note }) => `- ${of}: ${note}.`);
  const missing = [...skipped]
    .filter(([, reason]) => reason !== undefined)
    .map(
      ([system, reason]) =>
        `- ${systems.find(({ name: of }) => of === system)?.title}: not measured, because ${reason}.`,
    );
  const chart = await chartOf(scenario, figures);
  return [
    `## ${title}`,
    `- shape: ${shape}\n- size: ${size}\n- worst case: ${worst}\n- measured: ${measures}\n- load: ${load}`,
    ...(shown.length === 0 ? [] : [`${head}\n${rows.join('\n')}`]),
    ...(chart ? [`![${title}](charts/${name}.svg)`] : []),
    ...(notes.length + missing.length === 0 ? [] : [[...notes, ...missing].join('\n')]),
    ...(omitted === undefined ? [] : [omitted]),
  ].join('\n\n');
}

/** What the engine makes of the headline against each system; `undefined` where nothing stands beside the engine. */
function ratios({ headline, peers = [] }, shown, figure) {
  if (!shown.some(({ name }) => peers.includes(name))) return undefined;
  return (system) =>
    peers.includes(system)
      ? `${printed(figure('assent', headline.metric) / figure(system, headline.metric), '')} ×`
      : '';
}

/** Writes the chart of a scenario, if it has one. @returns whether it has */
async function chartOf({ name, title, axis, points, systems, headline }, figures) {
  const write = (svg) => writeFile(`${ROOT}docs/charts/${name}.svg`, svg);
  if (axis !== undefined) {
    const series = (metric) =>
      points.flatMap((point) => {
        const line = figures.find((line) => line.system === String(point) && line.metric === metric);
        return line === undefined ? [] : [[point, line.value]];
      });
    await write(
      lines(title, axis, [
        { name: 'time of a decision', unit: 'ns', points: series('time') },
        { name: 'memory', unit: 'MB', points: series('memory') },
        { name: 're-resolve', unit: 'ms', points: series('re-resolve') },
      ]),
    );
    return true;
  }
  const { metric, unit } = headline;
  const rows = systems.flatMap(({ name: system, title: label }) => {
    const line = figures.find((line) => line.system === system && line.metric === metric);
    return line === undefined ? [] : [{ label, value: line.value, text: printed(line.value, unit) }];
  });
  if (rows.length < 2 || unit !== '1/s') return false;
  await write(bars(`${title}: ${metric} a second`, rows));
  return true;
}

function spread({ values, unit }) {
  if (values.length < 2) return '';
  return ` (${printed(Math.min(...values), '')}–${printed(Math.max(...values), unit)})`;
}

function anchor(title) {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

const CLOSING = `## What cannot be compared

- Assent and CASL give a reason with every answer, casbin, Cedar and Cerbos a yes or no here. Answers are compared by
  what both sides say.
- casbin, Cedar and Cerbos are given the fewest rules that say the same: 5 for the 4 purposes and 8 fields of the
  questions. Assent and CASL always hold the whole policy; what that costs casbin and Cedar is shown in process, and
  Cerbos holds the 5 rules.
- Assent finds the user's record by itself. CASL, casbin and Cedar are given each user's attributes, made before and
  found in a \`Map\`; Cerbos is sent them with each request, as its callers would have to. What it takes to keep those
  attributes right is in none of their figures.
- Cerbos does not authenticate its callers here; Assent does.
- The echo and the \`Map\` decide nothing. They say what a server, and a look-up by id, cost by themselves.
- Load generator and server share one machine: there is no network in these figures.`;
