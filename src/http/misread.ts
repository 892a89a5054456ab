/** Requests whose address or headers are not what Node takes them for. */
import type { IncomingMessage } from 'node:http';
import { DomainError } from '../errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What is wrong with its query or headers: the reason to refuse it, after its signal is heard and before its body is read. */
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
/** Headers of which something is read; that of tokens refuses by itself. */
const TEXT_HEADERS = ['x-request-id', 'if-match', 'accept-language', 'accept'] as const;

/** What Node takes for Latin-1 where anything else than ASCII was sent: an address or a header of another meaning. */
export function misread({ url = '', headers, httpVersion }: IncomingMessage): DomainError | undefined {
  if (headers.host === undefined && httpVersion === '1.1')
    return new DomainError('invalid_request', 'the header `host` is missing: HTTP/1.1 asks for it');
  if (!WITHOUT_ESCAPES.test(url) && !isDecodable(url)) return badAddress();
  for (const name of TEXT_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string' && !PRINTABLE.test(value))
      return new DomainError('invalid_request', `the header \`${name}\` must be ASCII: correct it`);
  }
  return undefined;
}

/** Whether the path can be decoded. If not, the router may take it for another, and the id in it for another user's. */
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
