/** All metrics of one process, read from what its rooms know (docs/metrics.md). */
import { type OpenMetricsContentType, Registry, collectDefaultMetrics } from 'prom-client';
import type { DecisionCounts } from '../evaluation/decision-counts.js';
import type { Traffic } from '../http/traffic.js';
import { Pulled } from './pulled.js';

/** What metrics are read from. */
export type Sources = {
  readonly decisions: DecisionCounts;
  readonly traffic: Traffic;
};

/** Stands for a purpose that the policy in force does not name: no id of a purpose has brackets. */
const UNKNOWN = '(unknown)';

type OpenRegistry = Registry<OpenMetricsContentType>;

export type Metrics = {
  readonly registry: OpenRegistry;
  /** All metrics as OpenMetrics. */
  readonly text: () => Promise<string>;
};

export function metricsOf(sources: Sources): Metrics {
  const registry: OpenRegistry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  collectDefaultMetrics({ register: registry });
  const pulled = new Pulled(registry);
  ofDecisions(pulled, sources);
  ofTraffic(pulled, sources);
  return { registry, text: () => registry.metrics() };
}

function ofDecisions(pulled: Pulled, { decisions }: Sources): void {
  pulled.counter(
    {
      name: 'assent_decisions_total',
      help: 'Decisions that evaluations were answered with, by purpose, verdict and reason',
      labels: ['purpose', 'verdict', 'reason'],
    },
    () =>
      decisions
        .read()
        .map(({ purpose = UNKNOWN, reason, count }) => [
          { purpose, verdict: reason === 'permitted' ? 'permit' : 'deny', reason },
          count,
        ]),
  );
}

function ofTraffic(pulled: Pulled, { traffic }: Sources): void {
  pulled.histogram(
    {
      name: 'assent_decision_duration_seconds',
      help: 'From the head of a request for decisions to its answer, by route',
      labels: ['route'],
    },
    () => traffic.readTimes().map(([route, times]) => [{ route }, times]),
  );
}
