/** The HTTP server that every room shares: limits, request ids, validation, logs. */
import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import {
  type RequestListener,
  type ServerOptions,
  STATUS_CODES,
  type Server,
  type ServerResponse,
  createServer,
  maxHeaderSize,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { setTimeout as pass } from 'node:timers/promises';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { SchemaObject } from 'ajv';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { DomainError } from '../errors.js';
import type { Admission } from './admission/admission.js';
import { readBodies } from './body.js';
import { compressAnswers } from './compression.js';
import type { DirectRoutes } from './direct.js';
import type { Ending } from './ending.js';
import { badAddress, hasReadablePath, misread } from './misread.js';
import { headersOfAll, problemAnswer } from './problem.js';
import { invalidRequest, queryOf, validatorOf } from './contract/schema.js';
import { STRICT_TRANSPORT, type ServerTls, isVouchedFor } from './tls.js';
import { nameRoute, traced } from '../traces.js';
import { type Room, SILENCE_MS, boundAnswers, oneAtATime } from './waiting.js';

const REQUEST_TIMEOUT_MS = 30_000;
const CHECK_TIMEOUTS_MS = 5_000;
const KEEP_ALIVE_MS = 72_000;

/** How long a shutdown waits for streams to end. */
const LAST_WORDS_MS = 500;

/** Open streamed answers. */
const answering = new Set<ServerResponse>();

/**
 * A streamed answer, sent as pieces are ready and the client reads them. A shutdown cuts it off, so that a slow reader
 * cannot delay it. An answer that was cut off lacks its end, by which clients recognise it.
 */
export function streamed(reply: FastifyReply, pieces: AsyncIterable<string | Uint8Array>): Readable {
  answering.add(reply.raw);
  whenClosed(reply, () => answering.delete(reply.raw));
  return Readable.from(pieces, { objectMode: false });
}

/**
 * Once the answer was sent or its reader is gone, also if it is never read. One listener, where `finished` of Node has
 * two: with those of the framework they are ten, and of more Node warns.
 */
export function whenClosed({ raw }: FastifyReply, then: () => void): void {
  if (raw.destroyed || raw.closed) then();
  else raw.once('close', then);
}

/** Cuts off the streams that do not end by themselves. */
async function cutOff(): Promise<void> {
  const ended = [...answering].map((answer) => new Promise((resolve) => answer.once('close', resolve)));
  await Promise.race([Promise.all(ended), pass(LAST_WORDS_MS, undefined, { ref: false })]);
  for (const answer of answering) answer.destroy();
}

/** How long a shutdown waits for the rest of a request. */
const REST_MS = 2_000;

/** Open connections, with the answer to the last request that began on each. */
const connections = new Map<Duplex, ServerResponse | undefined>();

function keepConnections(server: Server, isOfTls: boolean): void {
  // of TLS, those after the handshake: its own timeout ends what comes before
  server.on(isOfTls ? 'secureConnection' : 'connection', (socket: Duplex) => {
    connections.set(socket, undefined);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (request, response) => connections.set(request.socket, response));
}

/** Cuts off the connections whose request is still to come, so that one that never comes cannot delay a shutdown. */
function cutOffUnsent(): void {
  for (const [socket, answer] of connections)
    if (answer === undefined || answer.writableFinished || !answer.req.complete) socket.destroy();
}

/** Connections that receive a streamed body. */
const streaming = new WeakSet<Duplex>();

/** Exempts a body from the request timeout as long as bytes flow. To be called once the request is accepted. */
export function letStream({ raw }: FastifyRequest): void {
  const { socket } = raw;
  streaming.add(socket);
  socket.setTimeout(SILENCE_MS);
  raw.once('close', () => streaming.delete(socket));
}

/** What stands before the answers. */
export type Front = {
  /** Absent: whatever comes is answered. */
  readonly admission?: Admission | undefined;
  /** The most connections at once; those beyond are closed. */
  readonly mostConnections?: number;
  /** Absent: it speaks plain HTTP. */
  readonly tls?: ServerTls | undefined;
};

/**
 * @param newId makes ids of requests that bring none
 * @param direct what is answered before the router
 */
export function createAdapter(
  bodyLimit: number,
  newId: () => string,
  direct: DirectRoutes,
  { admission, mostConnections, tls }: Front = {},
): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit,
    serverFactory: (handle: RequestListener) => {
      const options = {
        keepAliveTimeout: KEEP_ALIVE_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        // Node would otherwise take its own 60 s for the headers, and look every 30 s
        headersTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: CHECK_TIMEOUTS_MS,
        // so that errors are answered here, not with an empty answer
        requireHostHeader: false,
      };
      const early = direct.before(handle);
      const told = traced(
        tls?.isMutual === true
          ? (request, response) => (isVouchedFor(request) ? early : handle)(request, response)
          : early,
      );
      const answer = admission?.before(told) ?? told;
      const server =
        tls === undefined ? createServer(options, oneAtATime(answer)) : tlsServer(tls, options, answer);
      if (mostConnections !== undefined) limitConnections(server, mostConnections);
      answerUnreadable(server);
      keepConnections(server, tls !== undefined);
      // an unknown `Expect` is ignored (RFC 9110, section 10.1.1)
      server.on('checkExpectation', (request, response) => {
        server.emit('request', request, response);
      });
      return server;
    },
    // answered by the server itself, so on every address that it listens on
    clientErrorHandler: () => undefined,
    requestIdHeader: 'x-request-id',
    genReqId: newId,
    // addresses that the router refuses never reach a hook or filter
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      const id = String(request.headers['x-request-id'] ?? request.id);
      const { status, headers, body } = problemAnswer(badAddress(), id);
      void reply.code(status).headers(headers).send(body);
    },
    // an idle keep-alive connection must not hold up a shutdown
    forceCloseConnections: 'idle',
    // requests that arrived before the shutdown are answered, see `endConnections`
    return503OnClosing: false,
    // as long as an address can be, so that an id that is too long gets its own error
    routerOptions: { maxParamLength: maxHeaderSize },
  });
}

/** Closes connections beyond a number. */
function limitConnections(server: Server, most: number): void {
  if (!cluster.isWorker) {
    server.maxConnections = most;
    return;
  }
  // by `maxConnections` Node closes none here: workers that are full pass them to each other for ever
  let open = 0;
  server.on('connection', (socket: Socket) => {
    if (open >= most) return void socket.destroy();
    open++;
    socket.once('close', () => open--);
  });
}

function tlsServer(tls: ServerTls, options: ServerOptions, answer: RequestListener): Server {
  const server = createTlsServer({ ...options, ...tls.options }, oneAtATime(answer));
  tls.follow(server);
  return server;
}

/** Makes every answer say that browsers are to come by https alone. To be called before routes are registered. */
export function comeByTlsAlone(server: FastifyInstance): void {
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.header('strict-transport-security', STRICT_TRANSPORT);
    done();
  });
}

/** Ids of requests that bring none: unique across processes like a UUID, but cheaper, by counting. */
export function requestIds(): () => string {
  const process = randomUUID();
  let count = 0;
  return () => `${process}-${(count++).toString(36)}`;
}

/** Sets up validation, request ids and the log. To be called before routes are registered. */
export function prepareServer(
  server: FastifyInstance,
  log: Logger,
  bodyLimit: number,
  room: Room,
  ending: Ending,
): void {
  readBodies(server, bodyLimit);
  boundAnswers(server, room);
  compressAnswers(server);
  server.setValidatorCompiler<SchemaObject>(({ schema }) => validatorOf(schema));
  server.setSchemaErrorFormatter((errors) => invalidRequest(errors));
  server.decorateRequest('misread', null);
  server.addHook('onRequest', (request, reply, done) => {
    nameRoute(request.raw, request.routeOptions.url);
    void reply.headers(headersOfAll(request.id));
    const fault = misread(request.raw);
    request.misread = fault ?? null;
    done(fault === undefined || hasReadablePath(request.raw) ? undefined : fault);
  });
  server.addHook('preParsing', ({ misread: fault }, _reply, payload, done) => done(fault, payload));
  server.addHook('onRoute', (route) => {
    // only on our own routes: load balancers and AuthZEN clients may add parameters
    if (route.url.startsWith('/v1/')) route.schema = { querystring: queryOf(), ...route.schema };
  });
  endConnections(server, ending);
  server.addHook('preValidation', ({ query, routeOptions }, _reply, done) =>
    done(routeOptions.url?.startsWith('/v1/') === true ? saidTwice(query) : undefined),
  );
  server.addHook('preClose', (done) => {
    setTimeout(cutOffUnsent, REST_MS).unref();
    done();
  });
  server.addHook('preClose', cutOff);
  server.addHook('onResponse', (request, reply, done) => {
    const level = levelOf(request, reply, ending);
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

/**
 * Towards the end, closes each connection after its current answer: a kept-alive one would delay it. Until then keeps it,
 * also when a body is refused half-way: its sender still writes, and a connection that closes can take the answer from
 * them (RFC 9112, section 9.6). The rest of the body is read and thrown away, within the request timeout.
 */
function endConnections(server: FastifyInstance, ending: Ending): void {
  server.addHook('preClose', (done) => {
    ending.part();
    done();
  });
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (ending.isParting) void reply.header('connection', 'close');
    else if (reply.statusCode >= 400) reply.removeHeader('connection');
    done();
  });
}

/** The error of a query that names a parameter twice: the server must not choose one. */
function saidTwice(query: unknown): DomainError | undefined {
  const [name] = Object.entries(Object(query)).find(([, value]) => Array.isArray(value)) ?? [];
  return name === undefined
    ? undefined
    : new DomainError('invalid_request', `\`${name}\` occurs twice in the query: send it once`, `/${name}`);
}

/** Requests that come thousands of times a second are logged only at `debug`. */
function levelOf(
  { is404, url }: FastifyRequest,
  { statusCode }: FastifyReply,
  { isDraining }: Ending,
): 'error' | 'info' | 'debug' {
  const isProbe = !is404 && url.startsWith('/health/');
  // one that drains tells probes so, which is no fault
  if (statusCode >= 500 && !(isProbe && isDraining)) return 'error';
  return isProbe || (!is404 && url.startsWith('/access/')) ? 'debug' : 'info';
}

/** Answers what could not be parsed as a request, and so reaches no route. */
function answerUnread(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // of a handshake: there is nothing yet that an answer could be written to
  if (socket.writable && !/^ERR_(SSL|TLS)_/.test(error.code ?? '')) {
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
