/** Policy versions that are about to be published: every process makes them ready, so that none falls behind when they are. */
import { BEGINNING, type FleetStore, type News } from '../../fleet/fleet.store.js';

const AGAIN_MS = 500;
/** Who is not ready by then is out for as long as it takes. */
const PATIENCE_MS = 10_000;

/** Tells of a version again and again, until all other processes have made it ready or the patience is over. */
export async function announce(fleet: FleetStore, version: string): Promise<void> {
  const members = (await fleet.others(0, BEGINNING)) ?? [];
  const others = members.filter(({ isEvicted }) => !isEvicted).length - 1;
  if (others <= 0) return;
  const ready = new Set<string>();
  await new Promise<void>((resolve) => {
    const tell = () => void fleet.tell({ kind: 'announced', version }).catch(() => undefined);
    const hear = (news: News | undefined) => {
      if (news?.kind !== 'prepared' || news.version !== version) return;
      ready.add(news.by);
      if (ready.size >= others) done();
    };
    const done = () => {
      clearInterval(again);
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = fleet.onNews(hear);
    const again = setInterval(tell, AGAIN_MS);
    const timer = setTimeout(done, PATIENCE_MS);
    tell();
  });
}
