/** Where the process begins: one that serves, or one that runs several of these. */
import cluster from 'node:cluster';

// modules take a while to load, and the first process of a container is not ended by a signal that it does not hear
const endAtOnce = () => process.exit(0);
process.on('SIGTERM', endAtOnce);
process.on('SIGINT', endAtOnce);

// a value that is no number of processes is refused when the settings are read
if (cluster.isPrimary && Number(process.env['WORKERS']) > 1) {
  const { supervise } = await import('./supervisor.js');
  supervise(Number(process.env['WORKERS']), process.env);
} else {
  const { run } = await import('./start.js');
  void run(process.env, cluster.isWorker ? Number(process.argv[2]) : 1);
}
// by now what was loaded hears them, also one that came while it was loaded: with nobody listening between, that would be lost
process.off('SIGTERM', endAtOnce);
process.off('SIGINT', endAtOnce);
