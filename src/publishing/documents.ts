/** Whole documents in answers: a few at a time are read and written, however many ask. */
import type { FastifyReply } from 'fastify';
import pLimit from 'p-limit';

/** Does work that holds whole documents: one takes many times its size while it is parsed and written. */
export const inTurnOfDocuments = pLimit(2);

/** A body as the bytes of its JSON, which lie outside the heap while a slow reader takes them. */
export function asJson(reply: FastifyReply, body: object): Buffer {
  void reply.type('application/json; charset=utf-8');
  return Buffer.from(JSON.stringify(body));
}
