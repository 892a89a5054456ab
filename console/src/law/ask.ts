/** Asks the Worker, which is started with the first question. */
import type { Answers, Asked, FromWorker, Kind, ToWorker } from './law.js';

let worker: Worker | undefined;
let asked = 0;

function started(): Worker {
  if (worker !== undefined) return worker;
  worker = new Worker(new URL('worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('error', () => (worker = undefined), { once: true });
  return worker;
}

/**
 * @param signal ends the work when the answer is not wanted any more
 * @throws Error when the question has no answer, or the Worker ends
 */
export function askLaw<K extends Kind>(question: Asked<K>, signal?: AbortSignal): Promise<Answers[K]> {
  const id = ++asked;
  const law = started();
  const over = new AbortController();
  const post = (message: ToWorker<K>) => law.postMessage(message);
  return new Promise<Answers[K]>((resolve, reject) => {
    law.addEventListener(
      'message',
      // INVARIANT: the Worker answers a question with the answer of its kind
      ({ data }: MessageEvent<FromWorker<K>>) => {
        if (data.id !== id) return;
        if ('failed' in data) reject(new Error(data.failed));
        else resolve(data.answer);
      },
      { signal: over.signal },
    );
    law.addEventListener('error', () => reject(new Error('the worker ended')), { signal: over.signal });
    signal?.addEventListener(
      'abort',
      () => {
        post({ id, cancelled: true });
        reject(new Error('cancelled'));
      },
      { once: true, signal: over.signal },
    );
    if (signal?.aborted === true) reject(new Error('cancelled'));
    else post({ id, asked: question });
  }).finally(() => over.abort());
}
