/**
 * Runs several processes of the service on one port, and replaces those that end. It reads no data and decides nothing.
 */
import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import { metricsFrom } from './config.js';
import { onEndSignals } from './http/ending.js';
import { createLog, exit } from './http/logger.js';
import { serveMetrics } from './metrics/server.js';
import { WorkersMetrics } from './metrics/workers.js';

/** The pause before a worker is replaced: doubled each time, until one has been ready for as long as the longest. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Runs workers until a signal ends them. The first is started alone: if it refuses the settings, that is reported once
 * and ends everything.
 *
 * @param environment the settings; the first worker validates them before they are used here
 */
export function supervise(count: number, environment: NodeJS.ProcessEnv): void {
  const logLevel = environment['LOG_LEVEL'];
  const running = new Map<Worker, number>();
  const pauses = new Set<NodeJS.Timeout>();
  let log: Logger | undefined;
  let isStopping = false;
  let exitCode = 0;

  const endIfAlone = () => {
    if (isStopping && running.size === 0) exit(log, exitCode);
  };

  const start = (place: number, pause: number) => {
    cluster.setupPrimary({ args: [String(place)] });
    const worker = cluster.fork();
    running.set(worker, place);
    let readyAt = Infinity;

    worker.once('listening', () => {
      readyAt = performance.now();
      const isFirst = log === undefined;
      log ??= createLog(logLevel === undefined || logLevel === '' ? 'info' : logLevel);
      log.info({ worker: place, pid: worker.process.pid }, 'worker ready');
      if (!isFirst || isStopping) return;
      serve(log);
      for (let other = 2; other <= count; other++) start(other, FIRST_PAUSE_MS);
    });

    const ended = (code: number | null, signal: string | null) => {
      if (!running.delete(worker)) return;
      if (isStopping) {
        // a worker that does not yet read its settings has no handler, so the signal kills it
        if (code !== 0 && signal !== 'SIGTERM' && signal !== 'SIGINT') exitCode = 1;
        return endIfAlone();
      }
      if (log === undefined) {
        if (signal !== null)
          process.stderr.write(`assent did not start: its first worker was ended by ${signal}\n`);
        process.exit(code ?? 1);
      }
      const hasKeptUp = performance.now() - readyAt >= LONGEST_PAUSE_MS;
      const thisPause = hasKeptUp ? FIRST_PAUSE_MS : pause;
      log.warn({ worker: place, code, signal, pause_ms: thisPause }, 'a worker ended: it is replaced');
      const timer = setTimeout(() => {
        pauses.delete(timer);
        start(place, Math.min(2 * thisPause, LONGEST_PAUSE_MS));
      }, thisPause);
      pauses.add(timer);
    };
    worker.once('exit', ended);
    // a worker that could not be started emits no exit; all other failures are followed by one
    worker.on('error', () => {
      if (worker.process.pid === undefined) ended(1, null);
    });
  };

  const stop = () => {
    isStopping = true;
    for (const timer of pauses) clearTimeout(timer);
    for (const worker of running.keys()) worker.process.kill('SIGTERM');
    endIfAlone();
  };
  /** Workers by place. */
  const workers = () => {
    const places = new Map<number, Worker | undefined>();
    for (let place = 1; place <= count; place++) places.set(place, undefined);
    for (const [worker, place] of running) places.set(place, worker);
    return places;
  };
  const serve = (to: Logger) => {
    const where = metricsFrom((name) => (environment[name] === '' ? undefined : environment[name]));
    if (where === undefined) return;
    const metrics = new WorkersMetrics(workers);
    const onTrouble = (error: unknown) => to.error({ err: error }, 'the metrics could not be read');
    serveMetrics(where, () => metrics.text(), onTrouble).then(
      (url) => to.info({ metrics: url }, 'metrics are served'),
      (error: unknown) => {
        to.fatal({ err: error }, 'metrics cannot be served: stopping');
        exitCode = 1;
        stop();
      },
    );
  };
  // which ends the workers at once
  onEndSignals(stop, stop);

  start(1, FIRST_PAUSE_MS);
}
