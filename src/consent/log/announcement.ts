/** Announces policy versions before they are published: every process compiles them, so that none falls behind. */
import type { FleetStore } from '../../fleet/fleet.store.js';

const AGAIN_MS = 500;
/** A process that is not ready by then may be evicted until it is. */
const PATIENCE_MS = 10_000;

/**
 * Announces a version repeatedly, until all other processes are ready or the time is over. One that was killed is
 * waited for until its lease has ended.
 */
export async function announce(fleet: FleetStore, version: string): Promise<void> {
  const ready = new Set<string>();
  let others = Infinity;
  await new Promise<void>((resolve) => {
    const look = async (): Promise<void> => {
      others = (await fleet.renewing()) - 1;
      if (ready.size >= others) done();
      else await fleet.tell({ kind: 'announced', version });
    };
    // who does not hear of it compiles it when it is in force
    const lookIfPossible = () => void look().catch(() => undefined);
    const done = () => {
      clearInterval(again);
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = fleet.onNews((news) => {
      if (news?.kind !== 'prepared' || news.version !== version) return;
      ready.add(news.by);
      if (ready.size >= others) done();
    });
    const again = setInterval(lookIfPossible, AGAIN_MS);
    const timer = setTimeout(done, PATIENCE_MS);
    lookIfPossible();
  });
}
