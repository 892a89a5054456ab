/** A server that permits everything, until it is told to do something wrong. */
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pass } from 'node:timers/promises';
import { partsOf, publicKeyIn, valueOf } from '../../src/grants/jws.js';
import { memberOf, readJson } from '../../src/terms/json.js';
import { makerOfGrants } from '../grants/grant-maker.js';

/** A right answer to a request. */
export type Right = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Absent: 200. */
  readonly status?: number;
};

/** What it does with a request. */
export type Doing = (response: ServerResponse, right: Right, request: Received) => void;

export type Received = {
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
};

const TERMS = { policy: 'sha256:1', revision: 'r1', obligations: ['min_cohort_50'] };
export const PERMIT = { decision: true, context: { reason: 'permitted', ...TERMS } };

const permits: Doing = (response, { headers, body, status = 200 }) => {
  response.writeHead(status, headers).end(body);
};
/** What it signs grants by. */
export const MAKER = makerOfGrants({ created_at: new Date(Date.now() - 60_000).toISOString() });
/** Milliseconds that it has no news for caches. */
const NO_NEWS = 100;

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
    if (path.endsWith('/acknowledgements')) await pass(NO_NEWS);
    this.doing(response, rightAnswer(received), received);
  }
}

function rightAnswer({ path, body, headers }: Received): Right {
  const isLines = path.startsWith('/v1/audiences') || path.includes('/withdrawn');
  const cache = headers['assent-cache'];
  return {
    headers: {
      'content-type': isLines ? 'application/x-ndjson' : 'application/json; charset=utf-8',
      'x-request-id': String(headers['x-request-id']),
      ...(cache === undefined ? {} : { 'assent-cache': String(cache) }),
    },
    body: bodyFor(path, body, headers),
    ...(/^\/v1\/(extracts|caches)$/.test(path) ? { status: 201 } : {}),
  };
}

const TOLD = { sequence: 1, lease_ms: 1_000, users: [] };
const KEEPABLE = { id: TERMS.policy, purposes: ['ai'], fields: ['member.skills'] };
const LOOK = { since: 's', complete: true, policy: TERMS.policy, members: 1, withdrawn: 0, erased: 0 };

function bodyFor(path: string, body: string, headers: Received['headers']): string {
  const said = readJson(body);
  if (path.startsWith('/v1/audiences')) return audienceOf(path, body);
  if (path.endsWith('/withdrawn')) return `${JSON.stringify(LOOK)}\n`;
  if (path.startsWith('/v1/extracts')) return JSON.stringify({ id: 'e-1' });
  if (path.startsWith('/v1/caches')) return JSON.stringify({ id: 'c-1', ...TOLD, policy: KEEPABLE });
  if (path.startsWith('/v1/grants')) return grantOf(said, headers);
  if (path.startsWith('/v1/budgets'))
    return JSON.stringify({ figure: memberOf(said, 'figure'), data: memberOf(said, 'data') });
  if (path === '/v1/discharges') {
    const discharges = memberOf(said, 'discharges');
    return JSON.stringify({ recorded: Array.isArray(discharges) ? discharges.length : 0 });
  }
  if (path === '/.well-known/receipt-keys.json') return JSON.stringify({ keys: [MAKER.jwk] });
  return decisionsOf(body);
}

/** A grant of all that is asked for, bound to the key of the proof. */
function grantOf(asked: unknown, headers: Received['headers']): string {
  const proof = partsOf(String(headers['dpop']));
  const key = publicKeyIn(memberOf(valueOf(proof?.header ?? ''), 'jwk'))?.thumbprint ?? '';
  const [user, users] = [memberOf(asked, 'user'), memberOf(asked, 'users')];
  const listed: unknown = memberOf(asked, 'fields');
  const fields = Object.fromEntries((Array.isArray(listed) ? listed : []).map((one) => [String(one), []]));
  const permits = [{ users: users ?? [user], fields }];
  const claims = { purpose: memberOf(asked, 'purpose'), permits, aud: memberOf(asked, 'audience') };
  const grant = MAKER.grant(key, claims);
  return JSON.stringify({ grant, policy: TERMS.policy, revision: TERMS.revision, denied: [] });
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
