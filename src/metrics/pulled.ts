/** Metrics whose values are read when somebody asks for them, so that they cost nothing before. */
import { Counter, Gauge, Histogram, type OpenMetricsContentType, type Registry } from 'prom-client';
import type { Buckets } from '../histogram.js';

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];
export type Observed = readonly [labels: Labels, buckets: Buckets];

/** What a metric is, besides its values. */
export type Metric = {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
};

type Read = () => number | readonly Sample[] | undefined;

/** Adds metrics to a registry. A value that is `undefined` is left out: it is not known, or there is no such thing here. */
export class Pulled {
  constructor(private readonly registry: Registry<OpenMetricsContentType>) {}

  /** @param read what only grows, from the start of the process on */
  counter(metric: Metric, read: Read): void {
    const { name, help, labels = [] } = metric;
    const counter = new Counter({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      collect: () => {
        refill(counter, metric, read, (label, value) => counter.inc(label, value));
      },
    });
  }

  gauge(metric: Metric, read: Read): void {
    const { name, help, labels = [] } = metric;
    const gauge = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      collect: () => {
        refill(gauge, metric, read, (label, value) => gauge.set(label, value));
      },
    });
  }

  histogram(metric: Metric, read: () => readonly Observed[]): void {
    this.registry.registerMetric(new ReadHistogram(metric, read));
  }
}

/** Puts what is known now in the place of what a metric had. */
function refill(
  filled: Pick<Gauge, 'reset' | 'remove'>,
  { labels = [] }: Metric,
  read: Read,
  add: (labels: Labels, value: number) => void,
): void {
  filled.reset();
  const samples = samplesIn(read());
  if (samples.length === 0 && labels.length === 0) filled.remove();
  for (const [label, value] of samples) add(label, value);
}

function samplesIn(value: ReturnType<Read>): readonly Sample[] {
  if (value === undefined) return [];
  return typeof value === 'number' ? [[{}, value]] : value;
}

/** A histogram that others have filled: that of the package takes only one observation after the other. */
class ReadHistogram extends Histogram {
  constructor(
    private readonly metric: Metric,
    private readonly read: () => readonly Observed[],
  ) {
    super({ name: metric.name, help: metric.help, labelNames: [...(metric.labels ?? [])], registers: [] });
  }

  /** By this the package reads a histogram. */
  async getForPromString() {
    const { name, help } = this.metric;
    const values = this.read().flatMap((one) => this.valuesOf(one));
    return { name, help, type: 'histogram', values };
  }

  /** `sharedLabels` are those of every sample of a series, as the package has it. */
  private valuesOf([sharedLabels, { bounds, upTo, count, sum }]: Observed) {
    const { name } = this.metric;
    const buckets = [
      ...bounds.map((le, at) => [String(le), upTo[at] ?? 0] as const),
      ['+Inf', count] as const,
    ];
    return [
      ...buckets.map(([le, value]) => ({
        metricName: `${name}_bucket`,
        labels: { le },
        sharedLabels,
        value,
      })),
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
    ];
  }
}
