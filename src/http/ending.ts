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

/** A signal that follows sooner is the same one: a terminal and what looks after the process may both send it. */
const SAME_SIGNAL_MS = 1_000;

/** Calls back for SIGTERM and SIGINT: once for the first of them, and for each that follows later. */
export function onEndSignals(first: (signal: string) => void, again: (signal: string) => void): void {
  let since: number | undefined;
  const hear = (signal: string) => {
    const now = performance.now();
    if (since === undefined) {
      since = now;
      first(signal);
    } else if (now - since >= SAME_SIGNAL_MS) again(signal);
  };
  process.on('SIGTERM', hear);
  process.on('SIGINT', hear);
}
