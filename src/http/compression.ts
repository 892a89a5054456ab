/**
 * Compresses answers for those who take them compressed ([decision 057](../../docs/decisions/057-a-change-rests-on-what-was-seen.md)).
 */
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Coding, acceptedCoding } from './headers/accept-encoding.js';

/** Below that the headers are most of an answer. */
const FEWEST_BYTES = 1_000;
/** As long as an answer is on its way, a better ratio would cost more time than it saves. */
const QUALITY = 4;

/** What is text, and becomes smaller. */
const TEXTS = /^(?:text\/|application\/(?:[\w.+-]+\+)?(?:json|yaml|javascript)\b)/;

/**
 * Decisions, which are small and many; and what carries a credential: the length of a compressed body tells of it to whoever
 * can have a text of theirs put beside it.
 */
const NEVER = /^\/(?:access|health|session|v1\/(?:grants|caches))(?:\/|$)/;

/** To be called before routes are registered. A route that is never compressed does not run the hook. */
export function compressAnswers(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (NEVER.test(route.url)) return;
    const others = route.onSend === undefined ? [] : [route.onSend].flat();
    route.onSend = [...others, compress];
  });
}

function compress(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: Error | null, payload?: unknown) => void,
): void {
  // streams are sent piece by piece
  if (!isWhole(payload) || !isText(reply) || reply.hasHeader('content-encoding')) return done(null, payload);
  addToVary(reply, 'Accept-Encoding');
  const coding = acceptedCoding(request.headers['accept-encoding']?.toString());
  if (coding === undefined || Buffer.byteLength(payload) < FEWEST_BYTES || request.method === 'HEAD')
    return done(null, payload);
  compressed(Buffer.from(payload), coding, (error, smaller) => {
    // what cannot be compressed is sent as it is
    if (error !== null) return done(null, payload);
    void reply.removeHeader('content-length').header('content-encoding', coding);
    done(null, smaller);
  });
}

function compressed(
  bytes: Buffer,
  coding: Coding,
  done: (error: Error | null, smaller: Buffer) => void,
): void {
  if (coding === 'gzip') return gzip(bytes, done);
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  brotliCompress(
    bytes,
    { params: { [BROTLI_PARAM_QUALITY]: QUALITY, [BROTLI_PARAM_SIZE_HINT]: bytes.length } },
    done,
  );
}

function isWhole(payload: unknown): payload is string | Uint8Array {
  return typeof payload === 'string' || payload instanceof Uint8Array;
}

function isText(reply: FastifyReply): boolean {
  return TEXTS.test(String(reply.getHeader('content-type') ?? ''));
}

function addToVary(reply: FastifyReply, name: string): void {
  const before = String(reply.getHeader('vary') ?? '');
  const known = before.toLowerCase().split(/[\s,]+/);
  if (!known.includes(name.toLowerCase()))
    void reply.header('vary', before === '' ? name : `${before}, ${name}`);
}
