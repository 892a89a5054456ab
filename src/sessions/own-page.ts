/**
 * Whether a request comes from a page of this service. A browser adds its cookies to requests of any page, so only such
 * a request may count as made by the person (OWASP Cross-Site Request Forgery Prevention, "Fetch Metadata").
 */
import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '../errors.js';
import { isLoopback } from '../secure-url.js';

/** Pages send it with every change: a page of another origin cannot, unless it is allowed to by CORS. */
export const OWN_HEADER = 'x-assent-request';

type Asked = {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** The origin of the pages of this service, by a request; `undefined`: it was sent to none that has pages. */
export type OriginOf = (request: Asked) => string | undefined;

/** The origin that is configured, whatever a request says. */
export function originOf(publicUrl: string): OriginOf {
  const { origin } = new URL(publicUrl);
  return () => origin;
}

/** Headers of proxies: what they bring does not come from this machine, although the connection does. */
const FORWARDED = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

/**
 * In development mode, the address that the browser on this machine shows. A name that is no loopback address may be one
 * that somebody else lets point here (DNS rebinding).
 */
export const loopbackOrigin: OriginOf = ({ headers, socket }) => {
  const { host } = headers;
  if (host === undefined || FORWARDED.some((name) => headers[name] !== undefined)) return undefined;
  const origin = `http://${host}`;
  if (!URL.canParse(origin) || new URL(origin).host !== host.toLowerCase().replace(/:80$/, ''))
    return undefined;
  const { hostname } = new URL(origin);
  const from = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return isLoopback(hostname.replace(/^\[|\]$/g, '')) && isLoopback(from) ? origin : undefined;
};

/** Whether a request that changes nothing may count as made by the person. */
function mayRead({ 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  // none: the person typed the address; absent: no browser of today, and no page reads the answer to another origin
  return site === undefined || site === 'same-origin' || site === 'none';
}

function mayChange({ 'sec-fetch-site': site, [OWN_HEADER]: own }: IncomingHttpHeaders): boolean {
  return site === 'same-origin' && own === '1';
}

/** Whether the `Origin` of a request is that of this service, or not sent. */
export function isOfOrigin({ origin }: IncomingHttpHeaders, own: string | undefined): boolean {
  return own !== undefined && (origin === undefined || origin === own);
}

const READING: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD']);

/** @throws DomainError `not_own_page` unless a request comes from a page of this service */
export function mustBeOwnPage(
  request: Asked & { readonly method?: string | undefined },
  originOf: OriginOf,
): void {
  const { headers, method } = request;
  const may = READING.has(method) ? mayRead(headers) : mayChange(headers);
  if (may && isOfOrigin(headers, originOf(request))) return;
  throw new DomainError(
    'not_own_page',
    `a session is for pages of this service: send \`${OWN_HEADER}: 1\` from one of them, or a token in \`Authorization\``,
  );
}
