/** Asks the Worker, which is started with the first question. */
import type { Answers, Asked, FromWorker, ToWorker } from './law.js';

type Waiting = {
  readonly resolve: (answer: Answers[Asked['kind']]) => void;
  readonly reject: (error: Error) => void;
};

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let asked = 0;

function started(): Worker {
  if (worker !== undefined) return worker;
  const made = new Worker(new URL('worker.ts', import.meta.url), { type: 'module' });
  made.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    const one = waiting.get(data.id);
    waiting.delete(data.id);
    if ('failed' in data) one?.reject(new Error(data.failed));
    else one?.resolve(data.answer);
  });
  made.addEventListener('error', () => {
    for (const { reject } of waiting.values()) reject(new Error('the worker ended'));
    waiting.clear();
    worker = undefined;
  });
  return (worker = made);
}

/**
 * @param signal ends the work when the answer is not wanted any more
 * @throws Error when the policy is not sound, or the Worker ends
 */
export function askLaw(question: Asked, signal?: AbortSignal): Promise<Answers[Asked['kind']]> {
  const id = ++asked;
  const post = (message: ToWorker) => started().postMessage(message);
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    signal?.addEventListener(
      'abort',
      () => {
        waiting.delete(id);
        post({ id, cancelled: true });
        reject(new Error('cancelled'));
      },
      { once: true },
    );
    post({ id, asked: question });
  });
}
