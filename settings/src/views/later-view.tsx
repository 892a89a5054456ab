/** A view whose script comes after the first screen. */
import { useEffect, useState } from 'preact/hooks';
import { type View, usePage } from '../page.js';
import { Failed } from '../parts.js';

type Later = typeof import('./later.js');

let arrived: Later | undefined;

/** Fetches the script of these views; again, where it did not arrive. */
export async function fetchLater(): Promise<Later | undefined> {
  arrived ??= await import('./later.js').catch(() => undefined);
  return arrived;
}

export function LaterView({ view }: { readonly view: Exclude<View, 'settings'> }) {
  const { user } = usePage().settings;
  const [views, setViews] = useState(arrived);
  const [isMissing, setMissing] = useState(false);
  const fetchViews = async () => {
    setMissing(false);
    const found = await fetchLater();
    setViews(found);
    setMissing(found === undefined);
  };
  useEffect(() => {
    if (views === undefined) void fetchViews();
  }, []);
  if (views !== undefined) {
    const Shown = views[view];
    return <Shown key={user} />;
  }
  return isMissing ? <Failed failure="no_answer" again={() => void fetchViews()} /> : <div class="waiting" />;
}
