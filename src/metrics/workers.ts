/**
 * One port answers for several workers: the process that looks after them asks each over its own channel. A worker that
 * does not answer in time is left out, and `assent_worker_up` says so.
 */
import type { Worker } from 'node:cluster';
import { AggregatorRegistry, Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { memberOf, parseJson } from '../json.js';
import type { Metrics } from './metrics.js';

/** Longer than a worker waits for the database, and shorter than who collects metrics waits. */
const PATIENCE_MS = 3_000;

/** Members of messages, on a channel that others use too. */
const ASKED = 'metricsAsked';
const ANSWERED = 'metricsAnswered';
const METRICS = 'metrics';

/** Lets a worker answer to {@link WorkersMetrics}. @param onTrouble called when its metrics cannot be read */
export function answerSupervisor(metrics: Metrics, onTrouble: (error: unknown) => void): void {
  process.on('message', (message) => {
    const asked = memberOf(message, ASKED);
    if (typeof asked !== 'number') return;
    metrics.json().then(
      (json) => process.send?.({ [ANSWERED]: asked, [METRICS]: json }),
      // who asked finds it absent
      onTrouble,
    );
  });
}

export class WorkersMetrics {
  private asked = 0;

  /** @param workers by their place; `undefined` where none runs now */
  constructor(private readonly workers: () => ReadonlyMap<number, Worker | undefined>) {}

  /** The metrics of all workers as OpenMetrics. */
  async text(): Promise<string> {
    const up = new Gauge({
      name: 'assent_worker_up',
      help: 'Whether a worker has answered in time with its metrics: 1 or 0',
      labelNames: ['worker'],
      registers: [],
    });
    const answers = await Promise.all(
      Array.from(this.workers(), async ([place, worker]) => {
        const metrics = worker && (await this.ask(worker));
        up.set({ worker: String(place) }, Number(metrics !== undefined));
        return metrics ?? [];
      }),
    );
    const registry = AggregatorRegistry.aggregate<OpenMetricsContentType>([[await up.get()], ...answers]);
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    return registry.metrics();
  }

  private ask(worker: Worker): Promise<object[] | undefined> {
    const asked = ++this.asked;
    return new Promise((resolve) => {
      const done = (metrics: object[] | undefined) => {
        clearTimeout(timer);
        worker.off('message', take);
        resolve(metrics);
      };
      const take = (message: unknown) => {
        if (memberOf(message, ANSWERED) === asked) done(metricsIn(memberOf(message, METRICS)));
      };
      const timer = setTimeout(() => done(undefined), PATIENCE_MS);
      worker.on('message', take);
      if (!worker.isConnected()) return done(undefined);
      worker.send({ [ASKED]: asked }, (error) => {
        if (error !== null) done(undefined);
      });
    });
  }
}

function metricsIn(json: unknown): object[] | undefined {
  const metrics = typeof json === 'string' ? parseJson(json) : undefined;
  if (!Array.isArray(metrics)) return undefined;
  return metrics.filter((metric): metric is object => typeof metric === 'object' && metric !== null);
}
