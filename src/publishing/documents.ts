/** Whole documents in answers: a few at a time are read and written, however many ask. */
import type { FastifyReply } from 'fastify';

/** A document takes many times its size while it is parsed and written. */
const AT_ONCE = 2;

let working = 0;
const waiting: (() => void)[] = [];

/** Does work that holds whole documents once there is room for it, in the order in which it was asked for. */
export async function inTurnOfDocuments<T>(work: () => Promise<T>): Promise<T> {
  if (working >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else working++;
  try {
    return await work();
  } finally {
    // whoever is next takes the place over
    const next = waiting.shift();
    if (next === undefined) working--;
    else next();
  }
}

/** A body as the bytes of its JSON, which lie outside the heap while a slow reader takes them. */
export function asJson(reply: FastifyReply, body: object): Buffer {
  void reply.type('application/json; charset=utf-8');
  return Buffer.from(JSON.stringify(body));
}
