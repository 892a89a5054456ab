/** A browser by hand: it keeps cookies of each origin, says where its requests come from, and follows where it is sent. */
import { request } from 'node:http';
import { createServer } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { holdToContract } from './contract.js';
import type { RawReply } from './raw-request.js';

export type ByHand = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export class BrowserByHand {
  /** By origin, then by name. */
  private readonly jars = new Map<string, Map<string, string>>();

  /** @param service whose answers are held to the document */
  constructor(private readonly service: string) {}

  /** What is sent to the service as `Cookie`. */
  get cookies(): string {
    return [...this.jarOf(this.service)].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** The value of the cookie of the session; empty: there is none. */
  get session(): string {
    return this.jarOf(this.service).get('__Host-assent-session') ?? '';
  }

  /** Puts a cookie of the service in the place of the one of that name. */
  put(name: string, value: string): void {
    this.jarOf(this.service).set(name, value);
  }

  /** A browser with the same cookies. */
  copy(): BrowserByHand {
    const other = new BrowserByHand(this.service);
    for (const [origin, jar] of this.jars) other.jars.set(origin, new Map(jar));
    return other;
  }

  /** A request as a page of the service makes it. */
  fetches(method: string, path: string, { headers, body }: ByHand = {}): Promise<RawReply> {
    return this.send(method, `${this.service}${path}`, {
      headers: {
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'cors',
        'sec-fetch-dest': 'empty',
        'x-assent-request': '1',
        ...(method === 'GET' ? {} : { origin: this.service }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** The first answer to a link that is followed. */
  opens(url: string, site = 'none'): Promise<RawReply> {
    return this.send('GET', new URL(url, this.service).href, {
      headers: { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    });
  }

  /** The last answer to a link that is followed wherever it leads, or up to an address that begins so. */
  async follows(url: string, upTo?: string): Promise<RawReply & { readonly url: string }> {
    let at = new URL(url, this.service).href;
    for (let step = 0; step < 20; step++) {
      if (upTo !== undefined && at.startsWith(upTo)) return { status: 0, headers: {}, body: '', url: at };
      const reply = await this.opens(at, step === 0 ? 'none' : 'cross-site');
      const { location } = reply.headers;
      if (location === undefined) return { ...reply, url: at };
      at = new URL(location, at).href;
    }
    throw new Error(`${url} leads round and round`);
  }

  async send(method: string, url: string, { headers = {}, body }: ByHand): Promise<RawReply> {
    const { origin, hostname, port, pathname, search } = new URL(url);
    const jar = this.jarOf(origin);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const path = `${pathname}${search}`;
    const reply = await new Promise<RawReply>((resolve, reject) => {
      const sent = request(
        { hostname, port, method, path, headers: { ...(cookie === '' ? {} : { cookie }), ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
    this.keep(jar, reply.headers);
    if (origin === this.service)
      holdToContract({
        method,
        path,
        ...reply,
        header: (name) => reply.headers[name.toLowerCase()]?.toString(),
      });
    return reply;
  }

  private keep(jar: Map<string, string>, { 'set-cookie': cookies = [] }: IncomingHttpHeaders): void {
    for (const cookie of cookies) {
      const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      if (
        attributes.includes('Max-Age=0') ||
        attributes.some((one) => one.startsWith('Expires=Thu, 01 Jan 1970'))
      )
        jar.delete(name);
      else jar.set(name, pair.slice(pair.indexOf('=') + 1));
    }
  }

  private jarOf(origin: string): Map<string, string> {
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    return jar;
  }
}

/** A loopback URL where nothing listens yet. */
export function freeUrl(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(`http://127.0.0.1:${port}`));
    });
  });
}
