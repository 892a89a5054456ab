/**
 * One port answers for several workers: the process that looks after them asks each over its own channel. A worker that
 * does not answer in time is left out, and `assent_worker_up` says so.
 */
import type { Worker } from 'node:cluster';
import { Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { memberOf } from '../json.js';
import { joinedFamilies } from './families.js';

/** Longer than a worker waits for the database, and shorter than who collects metrics waits. */
const PATIENCE_MS = 3_000;

/** Members of messages, on a channel that others use too. */
const ASKED = 'metricsAsked';
const ANSWERED = 'metricsAnswered';
const METRICS = 'metrics';

/**
 * Lets a worker answer to {@link WorkersMetrics}.
 *
 * @param metrics its own as OpenMetrics
 * @param onTrouble called when they cannot be read
 */
export function answerSupervisor(metrics: () => Promise<string>, onTrouble: (error: unknown) => void): void {
  process.on('message', (message) => {
    const asked = memberOf(message, ASKED);
    if (typeof asked !== 'number') return;
    metrics().then(
      (text) => process.send?.({ [ANSWERED]: asked, [METRICS]: text }),
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
    const registry: Registry<OpenMetricsContentType> = new Registry();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const up = new Gauge({
      name: 'assent_worker_up',
      help: 'Whether a worker has answered in time with its metrics: 1 or 0',
      labelNames: ['worker'],
      registers: [registry],
    });
    const answers = await Promise.all(
      Array.from(this.workers(), async ([place, worker]) => {
        const metrics = worker && (await this.ask(worker));
        up.set({ worker: String(place) }, Number(metrics !== undefined));
        return metrics ?? [];
      }),
    );
    return joinedFamilies([await registry.metrics(), ...answers.flat()]);
  }

  private ask(worker: Worker): Promise<string | undefined> {
    const asked = ++this.asked;
    return new Promise((resolve) => {
      const done = (metrics: string | undefined) => {
        clearTimeout(timer);
        worker.off('message', take);
        resolve(metrics);
      };
      const take = (message: unknown) => {
        if (memberOf(message, ANSWERED) !== asked) return;
        const metrics = memberOf(message, METRICS);
        done(typeof metrics === 'string' ? metrics : undefined);
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
