/** A server that permits everything, until it is told to do something wrong. */
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { memberOf, readJson } from '../src/terms/json.js';

/** A right answer to a request. */
export type Right = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** What it does with a request. */
export type Doing = (response: ServerResponse, right: Right, request: Received) => void;

export type Received = {
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
};

const TERMS = { policy: 'sha256:1', revision: 'r1', obligations: ['min_cohort_50'] };
export const PERMIT = { decision: true, context: { reason: 'permitted', ...TERMS } };

const permits: Doing = (response, { headers, body }) => {
  response.writeHead(200, headers).end(body);
};

export class FakeService {
  readonly received: Received[] = [];
  doing: Doing = permits;
  private server: Server | undefined;
  private port = 0;
  private readonly sockets = new Set<Socket>();

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens, again on the same port if it did before. */
  async start(): Promise<this> {
    const server = createServer((request, response) => {
      void this.answer(request, response);
    });
    server.on('connection', (socket) => this.sockets.add(socket));
    this.server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    return this;
  }

  heal(): void {
    this.doing = permits;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    const { server } = this;
    if (server?.listening !== true) return;
    server.close();
    await once(server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = '', headers } = request;
    const received = { path, headers, body: await text(request) };
    this.received.push(received);
    this.doing(response, rightAnswer(received), received);
  }
}

function rightAnswer({ path, body, headers }: Received): Right {
  const isAudience = path.startsWith('/v1/audiences');
  return {
    headers: {
      'content-type': isAudience ? 'application/x-ndjson' : 'application/json; charset=utf-8',
      'x-request-id': String(headers['x-request-id']),
    },
    body: isAudience ? audienceOf(path, body) : decisionsOf(body),
  };
}

function decisionsOf(body: string): string {
  const evaluations = memberOf(readJson(body), 'evaluations');
  const items: readonly unknown[] = Array.isArray(evaluations) ? evaluations : [];
  return JSON.stringify({ evaluations: items.map(() => PERMIT) });
}

function audienceOf(path: string, body: string): string {
  const fields = new URL(path, 'http://localhost').searchParams.get('fields')?.split(',');
  const users: unknown[] = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const summary = { ...TERMS, users: users.length, counts: {}, malformed_lines: 0, malformed: [] };
  return [...users.map((user) => ({ user, fields })), summary]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}
