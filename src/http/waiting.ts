/**
 * What waits for readers who do not read, bounded in one place: of each connection one answer at a time is made, all
 * answers together hold so many bytes and no more, and who takes nothing for long is cut off (decision 026).
 */
import type { RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { getHeapStatistics } from 'node:v8';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { DomainError } from '../errors.js';
import { problemAnswer } from './problem.js';

/** Most requests that wait behind another one on the same connection (HTTP/1.1 pipelining), and on all of them. */
const MOST_BEHIND_ONE = 100;
const MOST_BEHIND_ALL = 5_000;

/** Answers up to this many bytes are not counted: they leave at once, or one waits per connection. */
const SMALL = 4_096;
/** The most that an answer which is written while it is made holds at a time. */
const STREAM_BYTES = 262_144;
/** The share of the heap's limit that waiting answers may take; they lie outside the heap. */
const SHARE = 1 / 4;

/** Bytes that are there once, however many answers they are in. */
const shared = new WeakSet<Uint8Array>();

/** Keeps an answer that is the same for everybody from being counted. */
export function share(bytes: Uint8Array): void {
  shared.add(bytes);
}

/** Hands a request on once the answers to those before it on its connection were taken. */
export function oneAtATime(handle: RequestListener): RequestListener {
  const behind = new WeakMap<object, number>();
  let behindAll = 0;
  return (request, response) => {
    // a response has its connection from the moment that the one before has left
    if (response.socket !== null) return handle(request, response);
    const { socket } = request;
    const here = behind.get(socket) ?? 0;
    if (socket.destroyed) return;
    if (here >= MOST_BEHIND_ONE || behindAll >= MOST_BEHIND_ALL) return void socket.destroy();
    behind.set(socket, here + 1);
    behindAll++;
    let waits = true;
    const leave = () => {
      if (waits) {
        behindAll--;
        behind.set(socket, (behind.get(socket) ?? 1) - 1);
      }
      waits = false;
    };
    request.once('close', leave);
    response.once('socket', () => {
      leave();
      handle(request, response);
    });
  };
}

/** After this long without a byte in either direction, what is sent or received is cut off. */
export const SILENCE_MS = 60_000;

/** The room that all answers together have while they wait to be read. */
export class Room {
  private waiting = 0;

  constructor(
    /** Bytes that all answers together may hold: by default what the process has room for. */
    private readonly most = getHeapStatistics().heap_size_limit * SHARE,
    /** How long a reader may take nothing, in milliseconds. */
    private readonly silence = SILENCE_MS,
  ) {}

  /** Whether there is room for an answer of so many bytes; it is then taken until the answer has left. */
  admits(response: ServerResponse, bytes: number): boolean {
    if (bytes <= SMALL) return true;
    if (this.waiting + bytes > this.most) return false;
    this.waiting += bytes;
    response.socket?.setTimeout(this.silence);
    response.once('close', () => (this.waiting -= bytes));
    return true;
  }
}

/** Bounds what all answers of a server hold. */
export function boundAnswers(server: FastifyInstance, room: Room): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (payload === undefined || payload === null) return done();
    // an answer whose client is gone would never report its end
    if (reply.raw.destroyed || reply.raw.closed) return done(null, payload);
    if (typeof payload === 'string' && payload.length <= SMALL) return done();
    // a text would be copied once more when it cannot be written at once, and would lie in the heap until then
    const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
    if (body instanceof Uint8Array && shared.has(body)) return done(null, body);
    if (room.admits(reply.raw, body instanceof Uint8Array ? body.length : STREAM_BYTES))
      return done(null, body);
    if (body instanceof Readable) body.destroy();
    done(null, refuse(reply, request.id));
  });
}

function refuse(reply: FastifyReply, requestId: string): string {
  const { status, headers, body } = problemAnswer(
    new DomainError(
      'answers_waiting',
      'read what was asked for before to its end, and ask for this again shortly',
    ),
    requestId,
  );
  for (const name of ['content-length', 'content-disposition', 'content-security-policy', 'etag', 'trailer'])
    void reply.removeHeader(name);
  void reply.code(status).headers(headers);
  return body;
}
