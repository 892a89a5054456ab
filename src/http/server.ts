/** The HTTP server that every room shares: limits, request ids, validation, logs. */
import { randomUUID } from 'node:crypto';
import {
  type RequestListener,
  STATUS_CODES,
  type Server,
  type ServerResponse,
  createServer,
  maxHeaderSize,
} from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { setTimeout as pass } from 'node:timers/promises';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { SchemaObject } from 'ajv';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { DomainError } from '../errors.js';
import { readBodies } from './body.js';
import type { DirectRoutes } from './direct.js';
import { badAddress, hasReadablePath, misread } from './misread.js';
import { headersOfAll, problemAnswer } from './problem.js';
import { invalidRequest, queryOf, validatorOf } from './schema.js';
import { type Room, SILENCE_MS, boundAnswers, oneAtATime } from './waiting.js';

const REQUEST_TIMEOUT_MS = 30_000;
const CHECK_TIMEOUTS_MS = 5_000;
const KEEP_ALIVE_MS = 72_000;

/** How long a shutdown lets streams end by themselves. */
const LAST_WORDS_MS = 500;

/** Answers that are streams and have not ended. */
const answering = new Set<ServerResponse>();

/**
 * An answer that comes in pieces, when they are ready and the client takes them. A shutdown cuts it off: who reads slowly,
 * or not at all, must not hold it up. What is cut off lacks its end, by which clients tell it from what is whole.
 */
export function streamed({ raw }: FastifyReply, pieces: AsyncIterable<string | Uint8Array>): Readable {
  if (!raw.destroyed && !raw.closed) {
    answering.add(raw);
    raw.once('close', () => answering.delete(raw));
  }
  return Readable.from(pieces, { objectMode: false });
}

/** Cuts off the streams that do not end by themselves. */
async function cutOff(): Promise<void> {
  const ended = [...answering].map((answer) => new Promise((resolve) => answer.once('close', resolve)));
  await Promise.race([Promise.all(ended), pass(LAST_WORDS_MS, undefined, { ref: false })]);
  for (const answer of answering) answer.destroy();
}

/** Connections on which a stream is received. */
const streaming = new WeakSet<Duplex>();

/** Lets a body take as long as it needs to arrive, as long as bytes flow. It is to be called once it is known to be welcome. */
export function letStream({ raw }: FastifyRequest): void {
  const { socket } = raw;
  streaming.add(socket);
  socket.setTimeout(SILENCE_MS);
  raw.once('close', () => streaming.delete(socket));
}

/**
 * @param newId makes ids of requests that bring none
 * @param direct what is answered before the router
 */
export function createAdapter(bodyLimit: number, newId: () => string, direct: DirectRoutes): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit,
    serverFactory: (handle: RequestListener) => {
      const server = createServer(
        {
          keepAliveTimeout: KEEP_ALIVE_MS,
          requestTimeout: REQUEST_TIMEOUT_MS,
          // Node would otherwise take its own 60 s for the headers, and look every 30 s
          headersTimeout: REQUEST_TIMEOUT_MS,
          connectionsCheckingInterval: CHECK_TIMEOUTS_MS,
          // what is wrong is told here, and not with an empty answer
          requireHostHeader: false,
        },
        oneAtATime(direct.before(handle)),
      );
      answerUnreadable(server);
      // what else a client expects than to go on is not held against it (RFC 9110, section 10.1.1)
      server.on('checkExpectation', (request, response) => {
        server.emit('request', request, response);
      });
      return server;
    },
    // answered by the server itself, and so on every address that it listens on
    clientErrorHandler: () => undefined,
    requestIdHeader: 'x-request-id',
    genReqId: newId,
    // addresses that the router itself refuses never reach a hook or a filter
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      const id = String(request.headers['x-request-id'] ?? request.id);
      const { status, headers, body } = problemAnswer(badAddress(), id);
      void reply.code(status).headers(headers).send(body);
    },
    // an idle keep-alive connection must not hold up a shutdown
    forceCloseConnections: 'idle',
    // what was sent before its connection was closed is answered, see `endConnections`
    return503OnClosing: false,
    // as long as an address can be: an id that is too long gets the answer that says so
    routerOptions: { maxParamLength: maxHeaderSize },
  });
}

/** Ids of requests that bring none: as unlike those of other processes as a UUID is, and cheaper to count up. */
export function requestIds(): () => string {
  const process = randomUUID();
  let count = 0;
  return () => `${process}-${(count++).toString(36)}`;
}

/** Gives the server its validation, its request ids and its log. Before the routes are known to it. */
export function prepareServer(server: FastifyInstance, log: Logger, bodyLimit: number, room: Room): void {
  readBodies(server, bodyLimit);
  boundAnswers(server, room);
  server.setValidatorCompiler<SchemaObject>(({ schema }) => validatorOf(schema));
  server.setSchemaErrorFormatter((errors) => invalidRequest(errors));
  server.decorateRequest('misread', null);
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(headersOfAll(request.id));
    const fault = misread(request.raw);
    request.misread = fault ?? null;
    done(fault === undefined || hasReadablePath(request.raw) ? undefined : fault);
  });
  server.addHook('preParsing', ({ misread: fault }, _reply, payload, done) => done(fault, payload));
  server.addHook('onRoute', (route) => {
    // of our own routes: load balancers and AuthZEN clients may add what they want
    if (route.url.startsWith('/v1/')) route.schema = { querystring: queryOf(), ...route.schema };
  });
  endConnections(server);
  server.addHook('preValidation', ({ query, routeOptions }, _reply, done) =>
    done(routeOptions.url?.startsWith('/v1/') === true ? saidTwice(query) : undefined),
  );
  server.addHook('preClose', cutOff);
  server.addHook('onResponse', (request, reply, done) => {
    const level = levelOf(request, reply);
    if (!log.isLevelEnabled(level)) return done();
    const route = request.routeOptions.url ?? 'none';
    // the route, never the address: addresses name users
    log[level](
      {
        request_id: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
    done();
  });
}

/** Has each connection end with the answer that is under way when a shutdown begins: kept alive, it would hold that up. */
function endConnections(server: FastifyInstance): void {
  let closing = false;
  server.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done();
  });
}

/** What is wrong with a query that says something twice: which of the two counts is not for a reader to choose. */
function saidTwice(query: unknown): DomainError | undefined {
  const [name] = Object.entries(Object(query)).find(([, value]) => Array.isArray(value)) ?? [];
  return name === undefined
    ? undefined
    : new DomainError('invalid_request', `\`${name}\` stands twice in the query: send it once`, `/${name}`);
}

/** What is asked thousands of times a second is logged for who looks into it. */
function levelOf({ is404, url }: FastifyRequest, { statusCode }: FastifyReply): 'error' | 'info' | 'debug' {
  if (statusCode >= 500) return 'error';
  return !is404 && (url.startsWith('/access/') || url.startsWith('/health/')) ? 'debug' : 'info';
}

/** Answers what could not be read as a request, which no route ever sees. */
function answerUnread(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const { status, headers, body } = problemAnswer(faultOf(error), randomUUID());
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy(error);
}

function faultOf({ code }: NodeJS.ErrnoException): DomainError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new DomainError(
      'headers_too_large',
      `send at most ${maxHeaderSize} bytes of headers, the address included`,
    );
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new DomainError(
      'request_timeout',
      `send the request within ${REQUEST_TIMEOUT_MS / 1_000} seconds`,
    );
  return new DomainError('invalid_request', 'what was sent is not a request as HTTP/1.1 has it');
}

/** Answers malformed requests, and exempts connections that receive a stream from the request timeout. */
function answerUnreadable(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // said once in the life of a request; who ignores it is not told again
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && streaming.has(socket)) return;
    answerUnread(error, socket);
  });
}
