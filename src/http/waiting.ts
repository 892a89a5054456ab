/**
 * Limits for answers that slow readers leave unread: one at a time per connection, a byte total for all, and a cut-off
 * for readers that take nothing (decision 026).
 */
import type { RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { getHeapStatistics } from 'node:v8';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { DomainError } from '../errors.js';
import { problemAnswer } from './problem.js';

/** Maximum requests that wait behind another on one connection (HTTP/1.1 pipelining), and on all of them. */
const MOST_BEHIND_ONE = 100;
const MOST_BEHIND_ALL = 5_000;

/** Answers up to this many bytes are not counted: they leave at once, or one waits per connection. */
const SMALL = 4_096;
/** Maximum bytes that a streamed answer holds at a time. */
const STREAM_BYTES = 262_144;
/** The share of the heap's limit that waiting answers may take; they lie outside the heap. */
const SHARE = 1 / 4;

/** Buffers that several answers share. */
const shared = new WeakSet<Uint8Array>();

/** Excludes an answer that is the same for everybody from the total. */
export function share(bytes: Uint8Array): void {
  shared.add(bytes);
}

/** Passes a request on once earlier answers on its connection were read. */
export function oneAtATime(handle: RequestListener): RequestListener {
  const behind = new WeakMap<object, number>();
  let behindAll = 0;
  return (request, response) => {
    // a response gets the connection when the one before has been sent
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

/** A connection is cut off after this long without a byte in either direction. */
export const SILENCE_MS = 60_000;

/** Memory for all answers that wait to be read. */
export class Room {
  private waiting = 0;

  constructor(
    /** Maximum bytes of all waiting answers: by default what the process has room for. */
    private readonly most = getHeapStatistics().heap_size_limit * SHARE,
    /** How long a reader may take nothing, in milliseconds. */
    private readonly silence = SILENCE_MS,
  ) {}

  /** Bytes of answers that wait to be read, of those that are counted. */
  get taken(): number {
    return this.waiting;
  }

  /** Whether so much is free that any one answer has room. */
  get isAmple(): boolean {
    return this.waiting <= this.most / 2;
  }

  /** Whether there is room for an answer of this size, which is then taken. */
  admits(response: ServerResponse, bytes: number): boolean {
    if (bytes > SMALL && this.waiting + bytes > this.most) return false;
    this.take(response, bytes);
    return true;
  }

  /** Takes the room of an answer until it was sent. */
  take(response: ServerResponse, bytes: number): void {
    if (bytes <= SMALL) return;
    this.waiting += bytes;
    response.socket?.setTimeout(this.silence);
    response.once('close', () => (this.waiting -= bytes));
  }
}

/** Limits the memory of all answers of a server. */
export function boundAnswers(server: FastifyInstance, room: Room): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (payload === undefined || payload === null) return done();
    // an answer to a client that is gone never reports its end
    if (reply.raw.destroyed || reply.raw.closed) return done(null, payload);
    if (typeof payload === 'string' && payload.length <= SMALL) return done();
    // a string that cannot be written at once would be copied again, and stay in the heap until then
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
