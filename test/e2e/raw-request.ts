/** Requests that `fetch` will not send: a forged Host, an address as it is, bytes that are no text, no content type. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { Readable } from 'node:stream';
import { holdToContract } from './contract.js';

export type RawReply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type RawRequest = {
  readonly method: string;
  readonly path: string;
  /** A header with several values is sent as several headers. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Sent in these pieces, without a Content-Length unless the headers say one. */
  readonly body?: Iterable<string | Buffer> | AsyncIterable<string>;
};

export function rawRequest(url: string, { method, path, headers, body = [] }: RawRequest): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: { ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        const body = Buffer.concat(chunks).toString();
        const header = (name: string) => headers[name.toLowerCase()]?.toString();
        try {
          holdToContract({ method, path, status, header, body });
          resolve({ status, headers, body });
        } catch (fault) {
          reject(fault instanceof Error ? fault : new Error(String(fault)));
        }
      });
    });
    sent.on('error', reject);
    Readable.from(body).pipe(sent);
  });
}
