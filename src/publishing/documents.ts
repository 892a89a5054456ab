/** Whole documents in answers: only a few are read and written at a time, however many are requested. */
import type { FastifyReply } from 'fastify';
import pLimit from 'p-limit';

/** Limits concurrent work on whole documents: one takes many times its size while it is parsed and written. */
export const inTurnOfDocuments = pLimit(2);

/** A body as JSON bytes, which are outside the heap while a slow reader takes them. */
export function asJson(reply: FastifyReply, body: object): Buffer {
  void reply.type('application/json; charset=utf-8');
  return Buffer.from(JSON.stringify(body));
}
