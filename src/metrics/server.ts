/** Answers `GET /metrics` on a port of its own, and nothing else there. */
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { Registry } from 'prom-client';

/** Who collects metrics needs few, and whoever else comes here gets none. */
const MOST_CONNECTIONS = 32;
const MOST_HEADER_BYTES = 8_192;
const REQUEST_TIMEOUT_MS = 5_000;
/** Short, so that idle connections do not keep others out: to connect anew costs who collects every few seconds little. */
const KEEP_ALIVE_MS = 5_000;

export type Where = { readonly host: string; readonly port: number };

/**
 * @param text all metrics, as OpenMetrics; those who ask while it is made share it
 * @param onTrouble called when it cannot be made, which whoever asks is told without the reason
 * @returns the address of the metrics
 * @throws Error with a message for people when it cannot listen
 */
export async function serveMetrics(
  { host, port }: Where,
  text: () => Promise<string>,
  onTrouble: (error: unknown) => void,
): Promise<string> {
  let making: Promise<string> | undefined;
  const shared = () => (making ??= text().finally(() => (making = undefined)));
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => answer(request, response, shared, onTrouble),
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `metrics cannot be served on port ${port} of \`${host}\` (${because}): set METRICS_PORT and METRICS_HOST to what this machine has free`,
      { cause },
    );
  }
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${listening}/metrics`;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  text: () => Promise<string>,
  onTrouble: (error: unknown) => void,
): void {
  // a body has no meaning here, and is not read
  const isBare =
    request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined;
  if (request.url !== '/metrics') return refuse(response, 404, 'there is only /metrics here');
  if (request.method !== 'GET') return refuse(response, 405, 'ask with GET', { allow: 'GET' });
  if (!isBare) return refuse(response, 400, 'ask without a body');
  text().then(
    (metrics) => {
      response.writeHead(200, {
        'content-type': Registry.OPENMETRICS_CONTENT_TYPE,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      response.end(metrics);
    },
    (error: unknown) => {
      onTrouble(error);
      refuse(response, 500, 'the metrics could not be read');
    },
  );
}

function refuse(
  response: ServerResponse,
  status: number,
  why: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    ...headers,
    'content-type': 'text/plain; charset=utf-8',
    connection: 'close',
  });
  response.end(`${why}\n`);
}
