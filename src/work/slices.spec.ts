import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { giveWay, inBackground } from './slices.js';

function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

it('work in the background goes on while others work, and gives way to them in between', async () => {
  const ending = new AbortController();
  let turns = 0;
  const others = (async () => {
    for (; !ending.signal.aborted; turns++) {
      work(1);
      await turn();
    }
  })();
  const result = await inBackground(
    (function* () {
      for (let step = 0; step < 5; step++) {
        work(1);
        yield;
      }
      return 'done';
    })(),
  );
  ending.abort();
  await others;
  expect(result).toBe('done');
  expect(turns).toBeGreaterThan(5);
});

it('work in the background waits for nobody where nobody works', async () => {
  const before = performance.now();
  await giveWay(600_000);
  expect(performance.now() - before).toBeLessThan(600_000);
});

it('gives way no longer once it is to end, however long a piece took', async () => {
  const ended = new AbortController();
  const waits = giveWay(600_000, ended.signal);
  ended.abort();
  await waits;
});
