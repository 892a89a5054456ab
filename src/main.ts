/** Where the process begins: one that serves, or one that runs several of these. */
import cluster from 'node:cluster';
import { hearEndSignals } from './http/ending.js';

// to import the rest takes a while, and the first process of a container is not ended by a signal that it does not hear
const handOver = hearEndSignals(() => process.exit(0));

// a value that is no number of processes is refused when the settings are read
if (cluster.isPrimary && Number(process.env['WORKERS']) > 1) {
  const { supervise } = await import('./supervisor.js');
  supervise(Number(process.env['WORKERS']), process.env);
  handOver();
} else {
  const { run } = await import('./start.js');
  await run(process.env, cluster.isWorker ? Number(process.argv[2]) : 1, handOver);
}
