/** How loops are timed: what is asked is made first, and only the asking is timed. */

/**
 * Asks batches of questions until they have taken long enough.
 *
 * @template Q
 * @param {(question: Q) => unknown} ask
 * @param {(seed: number) => Q[]} batch
 * @param {{ warmUpMs: number, durationMs: number }} how
 * @returns {number} answers a second
 */
export function answersPerSecond(ask, batch, { warmUpMs, durationMs }) {
  let seed = 1;
  let kept = 0;
  const time = (enough) => {
    let spent = 0;
    let asked = 0;
    while (spent < enough) {
      const questions = batch(seed++);
      const start = performance.now();
      // the answers are looked at, or the compiler would leave the asking out
      for (const question of questions) if (ask(question) !== false) kept++;
      spent += performance.now() - start;
      asked += questions.length;
    }
    return (asked * 1000) / spent;
  };
  time(warmUpMs);
  const rate = time(durationMs);
  if (kept < 0) throw new Error('unreachable');
  return rate;
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Memory of this process, once what is not needed is gone. Needs `--expose-gc`. */
export function settledMemory(read) {
  for (let time = 0; time < 3; time++) globalThis.gc?.();
  return read();
}
