/** How far a process is with ending. It never goes back. */
export class Ending {
  private step: 'runs' | 'drains' | 'parts' = 'runs';

  /** Whether the process is to get no new requests: it is not ready, so that those who send them go elsewhere. */
  get isDraining(): boolean {
    return this.step !== 'runs';
  }

  /** Whether each answer is the last of its connection. */
  get isParting(): boolean {
    return this.step === 'parts';
  }

  drain(): void {
    if (this.step === 'runs') this.step = 'drains';
  }

  part(): void {
    this.step = 'parts';
  }
}

/**
 * Calls back for each signal that is to end the process.
 *
 * @returns what stops that, once somebody else hears them
 */
export function hearEndSignals(hear: (signal: string) => void): () => void {
  const signals = ['SIGTERM', 'SIGINT'] as const;
  for (const signal of signals) process.on(signal, hear);
  return () => {
    for (const signal of signals) process.off(signal, hear);
  };
}

/**
 * A signal that follows sooner is the same one: a terminal and what looks after the process may both send it. It may be heard
 * later, where the process was busy meanwhile.
 */
const SAME_SIGNAL_MS = 1_000;

/** The same: once for the first of them, and for each that follows later. */
export function onEndSignals(first: (signal: string) => void, again: (signal: string) => void): void {
  let heard: 'none' | 'one' | 'all of one' = 'none';
  hearEndSignals((signal) => {
    if (heard === 'all of one') return again(signal);
    if (heard === 'one') return;
    heard = 'one';
    // signals that came by then are heard between the two
    setTimeout(() => setImmediate(() => (heard = 'all of one')), SAME_SIGNAL_MS).unref();
    first(signal);
  });
}
