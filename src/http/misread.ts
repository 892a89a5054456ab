/** Refuses requests whose address or headers Node misreads. */
import type { IncomingMessage } from 'node:http';
import { DomainError } from '../errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The fault of its query or headers: it is refused after its signal is recorded and before its body is read. */
    misread: DomainError | null;
  }
}

export function badAddress(): DomainError {
  return new DomainError(
    'invalid_request',
    'the address is not well-formed: ids are percent-encoded UTF-8 of at most 256 bytes',
  );
}

const PRINTABLE = /^[\x20-\x7e\t]*$/;
const WITHOUT_ESCAPES = /^[!-$&-~]*$/;
/** Headers that are used; the one with the token has its own check. */
const TEXT_HEADERS = ['x-request-id', 'if-match', 'accept-language', 'accept'] as const;

/** Headers of one value: of several, Node would take the first without a word. */
const OF_ONE_VALUE = ['authorization', 'content-type', 'host'];
const THEIR_LENGTHS = new Set(OF_ONE_VALUE.map(({ length }) => length));

/** Node decodes non-ASCII addresses and headers as Latin-1, which changes their meaning. */
export function misread({
  url = '',
  headers,
  rawHeaders,
  httpVersion,
}: IncomingMessage): DomainError | undefined {
  if (headers.host === undefined && httpVersion === '1.1')
    return new DomainError('invalid_request', 'the header `host` is missing: HTTP/1.1 asks for it');
  const repeated = repeatedIn(rawHeaders);
  if (repeated !== undefined)
    return new DomainError('invalid_request', `the header \`${repeated}\` occurs twice: send it once`);
  if (!WITHOUT_ESCAPES.test(url) && !isDecodable(url)) return badAddress();
  for (const name of TEXT_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string' && !PRINTABLE.test(value))
      return new DomainError('invalid_request', `the header \`${name}\` must be ASCII: correct it`);
  }
  return undefined;
}

/** The first header of one value that occurs twice. @param rawHeaders names and values in turn */
function repeatedIn(rawHeaders: readonly string[]): string | undefined {
  const seen: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // this is on the way of every request, and a length is compared faster than a name
    if (!THEIR_LENGTHS.has(name.length)) continue;
    const known = name.toLowerCase();
    if (!OF_ONE_VALUE.includes(known)) continue;
    if (seen.includes(known)) return known;
    seen.push(known);
  }
  return undefined;
}

/** Whether the path can be decoded. If not, the router may read another path, and another user's id. */
export function hasReadablePath({ url = '' }: IncomingMessage): boolean {
  const [path = ''] = url.split('?', 1);
  return isDecodable(path);
}

/** Whether an address is ASCII, and its escapes are UTF-8. */
function isDecodable(url: string): boolean {
  try {
    return /^[!-~]*$/.test(url) && decodeURIComponent(url) !== '';
  } catch {
    return false;
  }
}
