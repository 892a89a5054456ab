/** What the log says of a service that has begun to listen. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Readiness } from './health.controller.js';

const LOOK_MS = 200;

export type Announced = {
  readonly onReady: () => void;
  readonly onWaiting: (state: {
    readonly parts: ReturnType<Readiness['parts']>;
    readonly because: string | undefined;
  }) => void;
};

/** Says whether the service is ready, and where it is not, also when it has become so, whichever part it waited for. */
export async function announce(
  readiness: Readiness,
  { onReady, onWaiting }: Announced,
  rest: () => Promise<unknown> = () => delay(LOOK_MS, undefined, { ref: false }),
): Promise<void> {
  const isReady = () => Object.values(readiness.parts()).every(Boolean);
  if (!isReady()) onWaiting({ parts: readiness.parts(), because: readiness.trouble() });
  while (!isReady()) await rest();
  onReady();
}
