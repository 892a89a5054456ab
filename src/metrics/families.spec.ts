import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  nat,
  oneof,
  record,
  string,
  uniqueArray,
} from 'fast-check';
import { Counter, Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { joinedFamilies } from './families.js';

const NAMES = ['assent_up', 'assent_asked_total', 'assent_room'];

type Drawn = { readonly name: string; readonly label: string; readonly value: number };

/** The text of one worker, as the package writes it. */
function textOf(worker: string, drawn: readonly Drawn[]): Promise<string> {
  const registry: Registry<OpenMetricsContentType> = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  registry.setDefaultLabels({ worker });
  for (const name of NAMES) {
    const metric = { name, help: `What ${name} is`, labelNames: ['of'], registers: [registry] };
    const samples = drawn.filter((one) => one.name === name);
    if (name.endsWith('_total')) {
      const counter = new Counter(metric);
      for (const { label, value } of samples) counter.inc({ of: label }, value);
    } else {
      const gauge = new Gauge(metric);
      for (const { label, value } of samples) gauge.set({ of: label }, value);
    }
  }
  return registry.metrics();
}

const samplesIn = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('several workers have each family once, with every sample of each of them, whatever labels say', async () => {
  const label = oneof(
    string({ unit: 'binary' }),
    constantFrom('\r# HELP a b', '\n# HELP a b\n# TYPE a gauge', '\u2028# EOF'),
  );
  const drawn = record({ name: constantFrom(...NAMES), label, value: nat() });
  await assert(
    asyncProperty(
      uniqueArray(constantFrom('1', '2', '3', '4')),
      array(drawn, { maxLength: 8 }),
      async (workers, all) => {
        const texts = await Promise.all(workers.map((worker) => textOf(worker, all)));
        const joined = joinedFamilies(texts);
        expect(samplesIn(joined).toSorted()).toEqual(texts.flatMap(samplesIn).toSorted());
        const comments = joined.split('\n').filter((line) => line.startsWith('#'));
        const heads = comments.filter((line) => line !== '# EOF');
        expect(heads).toHaveLength(workers.length === 0 ? 0 : 2 * NAMES.length);
        expect(new Set(heads).size).toBe(heads.length);
        expect(comments).toHaveLength(heads.length + 1);
        expect(joined.endsWith('# EOF\n')).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
