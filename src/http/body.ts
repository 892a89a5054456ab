/** Bodies: which routes take which types, and how bytes become values. */
import { Readable } from 'node:stream';
import { codeOf } from '../disk.js';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, errorCodes } from 'fastify';
import { eachQuoted, listOf } from '../decision/lists.js';
import { DomainError } from '../errors.js';
import { JsonFault, memberOf, parseJson, readJson } from '../json.js';
import { textOf } from '../text.js';

/** Route config of a route that also takes a body of lines, as a stream: `@RouteConfig(STREAMED)`. */
export const STREAMED = { streamed: true } as const;
/** Route config of a route that takes only such a stream: `@RouteConfig(LINES)`. */
export const LINES = { ...STREAMED, json: false } as const;
/** Route config of a route that also takes YAML, as text: `@RouteConfig(YAML)`. */
export const YAML = { yaml: true } as const;
export const YAML_TYPE = 'application/yaml';
/** Its older names (RFC 9512, section 2.1): an answer may be asked for by one of them. */
export const YAML_ALIASES = ['application/x-yaml', 'text/yaml', 'text/x-yaml'];
/** Route config of a route that takes a JSON Patch (RFC 6902). */
export const PATCH = { patch: true } as const;
export const PATCH_TYPE = 'application/json-patch+json';
/** Route config of a route that takes only the fields of a form, as `URLSearchParams`: `@RouteConfig(FORM)`. */
export const FORM = { form: true, json: false } as const;
export const FORM_TYPE = 'application/x-www-form-urlencoded';
/** Route config of a route with a smaller body limit, in bytes: `@RouteConfig(limitedTo(65_536))`. */
export function limitedTo(bodyLimit: number): { readonly bodyLimit: number } {
  return { bodyLimit };
}
/**
 * Route config of a route that answers each entry of a list separately: a broken one becomes a {@link BrokenEntry}.
 */
export function eachOf(list: string): { readonly eachOf: string } {
  return { eachOf: list };
}

/** The body of a route that takes lines, as it comes. @throws DomainError `invalid_request` */
export function linesOf({ body, headers }: FastifyRequest): Readable {
  if (body instanceof Readable && (headers['content-encoding'] ?? 'identity') === 'identity') return body;
  throw new DomainError('invalid_request', 'send rows as `application/x-ndjson`, without `Content-Encoding`');
}

/** Keeps a body open after reading: ending it would end the connection before a failure is reported. */
export function lasting(body: Readable): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => body.iterator({ destroyOnReturn: false }) };
}

const JSON_TYPE = 'application/json';
const STREAM_TYPES = ['application/x-ndjson', 'text/plain'];

/** Stands for an entry of a list that cannot be read. */
export class BrokenEntry {
  constructor(readonly fault: DomainError) {}
}

/** Gives the server its body parsers. To be called before routes are registered. */
export function readBodies(server: FastifyInstance, bodyLimit: number): void {
  server.removeAllContentTypeParsers();
  server.addHook('onRoute', (route) => {
    const limit = settingOf(route.config, 'bodyLimit');
    if (typeof limit === 'number') route.bodyLimit = limit;
    if (!takesBody(route)) route.onRequest = [ignoreType, ...[route.onRequest ?? []].flat()];
  });
  server.addHook('onRequest', (request, reply, done) => {
    // an unknown address is reported as such, whatever the body
    if (request.is404) ignoreType(request, reply, done);
    else done();
  });
  server.addContentTypeParser<Buffer>(JSON_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    if (settingOf(request.routeOptions.config, 'json') === false) throw new WrongType();
    mustBeUtf8(request);
    done(null, jsonOf(body, request));
  });
  server.addContentTypeParser<Buffer>(PATCH_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    mustTake(request, 'patch');
    done(null, jsonOf(body, request));
  });
  server.addContentTypeParser<Buffer>(YAML_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    mustTake(request, 'yaml');
    done(null, textIn(body, request));
  });
  server.addContentTypeParser<Buffer>(FORM_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    mustTake(request, 'form');
    done(null, new URLSearchParams(textIn(body, request)));
  });
  server.addContentTypeParser(STREAM_TYPES, (request, payload, done) => {
    mustTake(request, 'streamed');
    done(null, payload);
  });
  server.addContentTypeParser('*', (request, payload, done) => {
    if (!request.is404 && takesBody(request.routeOptions)) throw new WrongType();
    ignore(payload, bodyLimit).then(
      () => done(null),
      (error: Error) => done(error),
    );
  });
}

const { FST_ERR_CTP_INVALID_MEDIA_TYPE: WrongType, FST_ERR_CTP_BODY_TOO_LARGE: TooLarge } = errorCodes;

/** Whether the connection ended before the body did. */
export function wasCutOff(error: unknown): boolean {
  return codeOf(error) === 'ECONNRESET';
}

/** A body that the route does not read gets no type, so that no type is refused. */
function ignoreType({ raw }: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  delete raw.headers['content-type'];
  done();
}

/** Discards a body of any type. It is too large as soon as it passes the limit, and discarded to its end all the same. */
function ignore(body: Readable, limit: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let length = 0;
    body.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length > limit) reject(new TooLarge());
    });
    body.once('end', resolve).once('error', reject);
  });
}

type Route = { readonly config?: object; readonly schema?: { readonly body?: unknown } | undefined };

/** Whether a route reads a body: it describes one, or its config says which. */
function takesBody({ schema, config }: Route): boolean {
  if (schema?.body !== undefined) return true;
  return ['streamed', 'yaml', 'patch', 'form', 'bodyLimit'].some(
    (name) => settingOf(config, name) !== undefined,
  );
}

function settingOf(config: object | undefined, name: string): unknown {
  return config !== undefined && name in config ? Reflect.get(config, name) : undefined;
}

function mustTake(request: FastifyRequest, what: string): void {
  if (settingOf(request.routeOptions.config, what) !== true) throw new WrongType();
  mustBeUtf8(request);
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;
/** UTF-8, and charsets that are subsets of it. */
const READ_CHARSETS = /^(utf-?8|us-ascii)$/i;

/** Refuses a body that declares another charset. @throws DomainError `invalid_request` */
function mustBeUtf8({ headers }: FastifyRequest): void {
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !READ_CHARSETS.test(charset))
    throw new DomainError(
      'invalid_request',
      'bodies are read as UTF-8, and `Content-Type` names another `charset`: encode the body as UTF-8, and leave the parameter out',
    );
}

/** The error that names the types the route takes. */
export function wrongType({ config }: Route): DomainError {
  const types = [
    ...(settingOf(config, 'json') === false ? [] : [JSON_TYPE]),
    ...(settingOf(config, 'streamed') === true ? STREAM_TYPES : []),
    ...(settingOf(config, 'yaml') === true ? [YAML_TYPE] : []),
    ...(settingOf(config, 'patch') === true ? [PATCH_TYPE] : []),
    ...(settingOf(config, 'form') === true ? [FORM_TYPE] : []),
  ];
  return new DomainError(
    'invalid_request',
    `the body is of another type than this route takes: send it as ${listOf(eachQuoted(types.map((type) => `Content-Type: ${type}`)), 'or')}`,
  );
}

/** @throws DomainError `invalid_request` */
function jsonOf(body: Buffer, request: FastifyRequest): unknown {
  const text = textIn(body, request);
  // the schema reports what is missing
  if (text.trim() === '' && request.routeOptions.schema?.body !== undefined) return undefined;
  try {
    return parseJson(text);
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    const list = settingOf(request.routeOptions.config, 'eachOf');
    return typeof list === 'string' ? eachAlone(text, list) : refuse(fault);
  }
}

/** The value of a text whose list entries are checked separately. */
function eachAlone(text: string, list: string): unknown {
  try {
    const { value, faulty } = readJson(text, list);
    const entries = memberOf(value, list);
    if (Array.isArray(entries))
      for (const [index, { message, member }] of faulty)
        entries[index] = new BrokenEntry(new DomainError('invalid_request', `the item ${message}`, member));
    return value;
  } catch (fault) {
    if (fault instanceof JsonFault) refuse(fault);
    throw fault;
  }
}

function refuse({ message, member }: JsonFault): never {
  throw new DomainError('invalid_request', `the body ${message}`, member);
}

function textIn(body: Buffer, { headers }: FastifyRequest): string {
  const text = textOf(body);
  if (text !== undefined) return text;
  throw new DomainError(
    'invalid_request',
    headers['content-encoding'] === undefined
      ? 'the body is not UTF-8: encode it as such'
      : 'the body is not UTF-8, and bodies are not decompressed here: send it as it is, without `Content-Encoding`',
  );
}
