/** Reads metrics as who collects them does: OpenMetrics 1.0, as much of it as the service writes. */
import { once } from 'node:events';
import type { Service } from './service.js';

export type Sampled = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};
export type Scrape = readonly Sampled[];

/** Where a service that was started with `METRICS_PORT` serves them. */
export async function metricsUrlOf(service: Service): Promise<string> {
  for (;;) {
    const url = /"metrics":"([^"]+)"/.exec(service.output())?.[1];
    if (url !== undefined) return url;
    await once(service.process.stdout ?? service.process, 'data');
  }
}

/** @throws Error when the answer is not OpenMetrics */
export async function scrapeText(url: string): Promise<string> {
  const response = await fetch(url);
  const text = await response.text();
  const isOpen = response.headers
    .get('content-type')
    ?.startsWith('application/openmetrics-text; version=1.0.0;');
  if (response.status !== 200 || isOpen !== true || !text.endsWith('\n# EOF\n'))
    throw new Error(`no metrics: ${response.status} ${text.slice(0, 200)}`);
  return text;
}

export async function scrape(url: string): Promise<Scrape> {
  const lines = (await scrapeText(url)).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map(sampleIn);
}

function sampleIn(line: string): Sampled {
  const [, name, labels = '', value] = /^([a-z0-9_:]+)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const pairs = labels.matchAll(/([a-z0-9_]+)="((?:[^"\\]|\\.)*)"/gi);
  return {
    name,
    labels: Object.fromEntries(Array.from(pairs, ([, label = '', text = '']) => [label, text])),
    value: value === '+Inf' ? Infinity : Number(value),
  };
}
