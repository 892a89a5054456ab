/** Alarms and the board are about metrics that there are, and whoever is called finds what to do. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { memberOf } from '../../src/json.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'deploy/prometheus');

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const rules = read('deploy/prometheus/rules.yaml');
const runbook = read('docs/runbook.md');
const page = read('docs/metrics.md');
const board = read('deploy/grafana/assent.json');

type Alarm = {
  readonly name: string;
  readonly text: string;
  readonly runbook: unknown;
  readonly severity: unknown;
};

function alarms(): Alarm[] {
  const [group] = listAt(parse(rules), 'groups');
  return listAt(group, 'rules').map((rule) => ({
    name: String(memberOf(rule, 'alert')),
    text: String(memberOf(rule, 'expr')),
    runbook: memberOf(memberOf(rule, 'annotations'), 'runbook'),
    severity: memberOf(memberOf(rule, 'labels'), 'severity'),
  }));
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name);
  if (!Array.isArray(list)) throw new Error(`there is no list \`${name}\``);
  return list;
}

/** Every text of a document that is JSON, by the name it has. */
function textsAt(value: unknown, name: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === name && typeof inner === 'string' ? [inner] : textsAt(inner, name),
  );
}

/** Metrics that the page names, and the names of the samples that histograms have. */
const told = new Set(
  [...page.matchAll(/`((?:assent|nodejs|process)_\w+)`(?: *\| (\w+))?/g)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
  ),
);

const metricsIn = (text: string) => text.match(/\b(?:assent|nodejs|process)_\w+/g) ?? [];

describe('each alarm', () => {
  it.each(alarms())('$name says whether it can wait, and leads to its entry of the runbook', (alarm) => {
    expect(['page', 'ticket']).toContain(alarm.severity);
    expect(alarm.runbook).toBe(`docs/runbook.md#${alarm.name.toLowerCase()}`);
    const [, entry = ''] = runbook.split(`### ${alarm.name}\n`);
    const [own = ''] = entry.split(/^#/m);
    expect(own).toMatch(new RegExp(`^\\s*\`${String(alarm.severity)}\``));
    for (const part of ['Means', 'Users feel', 'Look at', 'Do']) expect(own).toContain(`- **${part}.**`);
  });

  it('is tested to ring once, and the runbook has no entry of another', () => {
    const names = alarms().map(({ name }) => name);
    const tested = listAt(parse(read('deploy/prometheus/rules.test.yaml')), 'tests');
    expect(tested.map((test) => memberOf(test, 'name'))).toEqual(names);
    expect(Array.from(runbook.matchAll(/^### (\w+)$/gm), ([, name = '']) => name).toSorted()).toEqual(
      names.toSorted(),
    );
  });
});

it('alarms and the board ask for metrics that docs/metrics.md has', () => {
  const asked = [...alarms().map(({ text }) => text), ...textsAt(JSON.parse(board), 'expr')];
  expect(asked.length).toBeGreaterThan(40);
  expect(asked.flatMap(metricsIn).filter((name) => !told.has(name))).toEqual([]);
});

const promtool = await promisify(execFile)('promtool', ['--version']).then(
  () => true,
  () => false,
);

describe.skipIf(!promtool)(`promtool${promtool ? '' : ' (skipped: it is not installed)'}`, () => {
  const run = (...args: string[]) =>
    promisify(execFile)('promtool', args, { cwd: FOLDER }).then(
      ({ stdout }) => stdout,
      (error: unknown) => expect.fail(String(error) + String(memberOf(error, 'stdout'))),
    );

  it('finds the rules and the examples of configurations sound', async () => {
    for (const file of ['prometheus.yaml', 'compose.yaml'])
      expect(await run('check', 'config', file), file).toContain('SUCCESS');
  });

  it('sees every alarm silent, then ringing, then silent again', async () => {
    expect(await run('test', 'rules', 'rules.test.yaml')).toContain('SUCCESS');
  });
});
