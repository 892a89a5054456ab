/** What the service does with more than it can do: who is answered, who is refused, and how (docs/overload.md). */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { peopleOf } from './people.js';
import { EVALUATION, EVALUATIONS, mayRead } from './questions.js';
import { rawRequest } from './raw-request.js';
import { textAt } from './replies.js';
import { metricsUrlOf, scrape } from './scrape.js';
import { type Reply, type Service, startService } from './service.js';

const PURPOSE = 'security';
const OPTED = 'ads.personalised';
const FLOODING = 80;
/** Of a batch that is answered before the router. */
const ITEMS = 600;
const IDLE = 1_000;

function requestText(path: string, token: string, body: unknown): string {
  const content = JSON.stringify(body);
  return [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(content)}`,
    '',
    content,
  ].join('\r\n');
}

function open({ url }: Service): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends the same again as soon as anything is answered, whatever it is. */
class Flood {
  private readonly sockets: Socket[] = [];
  private isOver = false;
  answers = '';

  static async on(service: Service, text: string): Promise<Flood> {
    const flood = new Flood();
    const sockets = await Promise.all(Array.from({ length: FLOODING }, () => open(service)));
    for (const socket of sockets) {
      socket.removeAllListeners('error').on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        flood.answers += chunk.toString('latin1').slice(0, 1_000);
        if (chunk.includes('HTTP/1.1 ') && !flood.isOver) socket.write(text);
      });
      socket.write(text);
      flood.sockets.push(socket);
    }
    return flood;
  }

  end(): void {
    this.isOver = true;
    for (const socket of this.sockets) socket.destroy();
  }

  count(status: number): number {
    return this.answers.split(`HTTP/1.1 ${status} `).length - 1;
  }
}

function megabytes({ process }: Service): number {
  const status = readFileSync(`/proc/${process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_000;
}

describe('while a client asks for more than can be done', () => {
  let service: Service;
  let metrics: string;
  let flood: Flood;
  let quiet: string;
  beforeAll(async () => {
    service = await startService({ METRICS_PORT: '0', OVERLOAD_WAIT_MS: '5' });
    metrics = await metricsUrlOf(service);
    quiet = await service.token({ sub: 'quiet', purposes: [PURPOSE] });
    const token = await service.token({ sub: 'flood', purposes: [PURPOSE] });
    const batch = {
      ...mayRead(PURPOSE, 'u-1'),
      evaluations: Array.from({ length: ITEMS }, (_, at) => ({
        resource: mayRead(PURPOSE, `u-${at}`).resource,
      })),
    };
    await (await peopleOf(service)).register('u-1', 'DE');
    // a token that is verified is known
    for (const known of [token, quiet])
      await service.request('POST', EVALUATION, { token: known, body: mayRead(PURPOSE, 'u-1') });
    flood = await Flood.on(service, requestText(EVALUATIONS, token, batch));
    await vi.waitUntil(() => flood.count(503) > 0, { timeout: 60_000 });
  });
  afterAll(async () => {
    flood.end();
    await service.stop();
  });

  test('it is refused in words, and no refusal can be read as a permit', () => {
    const refusal = /HTTP\/1.1 503 .*?\}(?=HTTP|$)/s.exec(flood.answers)?.[0] ?? '';
    expect(refusal).toMatch(/^retry-after: [1-9]\d*\r$/m);
    expect(refusal).toContain('urn:assent:problem:overloaded');
    expect(refusal).not.toMatch(/decision"|"evaluations"/);
  });

  test('another client is answered all of what little it asks', async () => {
    const statuses: number[] = [];
    for (let asked = 0; asked < 20; asked++) {
      const body = mayRead(PURPOSE, 'u-1');
      statuses.push((await service.request('POST', EVALUATION, { token: quiet, body })).status);
    }
    expect(statuses).toEqual(Array.from({ length: 20 }, () => 200));
  });

  test('opt-outs are taken, and hold', async () => {
    const people = await peopleOf(service);
    for (const user of ['u-1', 'u-2', 'u-3']) {
      await people.register(user, 'DE');
      await people.choose(user, OPTED, 'denied');
    }
  });

  test('health and metrics answer, and the metrics say it', async () => {
    expect((await service.request('GET', '/health/ready')).status).toBe(200);
    await expect
      .poll(async () => (await scrape(metrics)).find(({ name }) => name === 'assent_overloaded')?.value)
      .toBe(1);
    const scraped = await scrape(metrics);
    const valueOf = (name: string, kind?: string) =>
      scraped.find((sample) => sample.name === name && (kind === undefined || sample.labels['kind'] === kind))
        ?.value;
    expect(valueOf('assent_requests_refused_total', 'decision')).toBeGreaterThan(0);
    expect(valueOf('assent_requests_refused_total', 'critical')).toBe(0);
    expect(valueOf('assent_connections_resting')).toBeGreaterThanOrEqual(0);
  });

  test('once it has ended, all is as before', async () => {
    flood.end();
    await expect
      .poll(async () => (await scrape(metrics)).find(({ name }) => name === 'assent_overloaded')?.value)
      .toBe(0);
  });
});

describe('with a limit for each client', () => {
  let service: Service;
  let limited: string;
  let other: string;
  const ask = (token: string): Promise<Reply> =>
    service.request('POST', EVALUATION, { token, body: mayRead(PURPOSE, 'u-1') });
  beforeAll(async () => {
    service = await startService({
      OVERLOAD_WAIT_MS: '5',
      // few, so that most of two hundred are refused however long they take
      CLIENT_RATE_LIMIT: '5',
      CONNECTION_LIMIT: String(IDLE + 20),
    });
    await (await peopleOf(service)).register('u-1', 'DE');
    const claims = { purposes: [PURPOSE], scope: 'choices:write' };
    limited = await service.token({ sub: 'limited', ...claims });
    other = await service.token({ sub: 'other', ...claims });
    for (const token of [limited, other]) await ask(token);
  });
  afterAll(() => service.stop());

  test('who asks for more is told to wait, and others are answered', async () => {
    const replies = await Promise.all(Array.from({ length: 200 }, () => ask(limited)));
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(100);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 429]));
    for (const { body, headers } of refused) {
      expect(textAt(body, 'type')).toBe('urn:assent:problem:too_many_requests');
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    expect((await ask(other)).status).toBe(200);
  });

  test('the opt-outs that it sends are taken all the same', async () => {
    const replies = await Promise.all(
      Array.from({ length: 50 }, () =>
        service.request('PUT', `/v1/users/u-1/choices/${OPTED}`, {
          token: limited,
          body: { choice: 'denied' },
        }),
      ),
    );
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
  });

  test('a thousand connections that send nothing or half a head cost little, stop nobody, and are not joined by more', async () => {
    const before = megabytes(service);
    const idle = await Promise.all(Array.from({ length: IDLE }, () => open(service)));
    try {
      for (const socket of idle.slice(0, IDLE / 2))
        socket.write('POST /access/v1/evaluation HTTP/1.1\r\nhost:');
      expect((await ask(other)).status).toBe(200);
      expect(megabytes(service) - before).toBeLessThan(100);
      const more = await Promise.all(Array.from({ length: 30 }, () => open(service)));
      await expect.poll(() => more.some(({ closed }) => closed)).toBe(true);
      for (const socket of more) socket.destroy();
    } finally {
      for (const socket of idle) socket.destroy();
    }
  });
});

describe('bodies that were answered before they came', () => {
  const LENGTH = 1_000_000;
  /** More than a heap of 256 megabytes has room for. */
  const MANY = 100;
  let service: Service;
  let metrics: string;
  let token: string;
  beforeAll(async () => {
    service = await startService({ METRICS_PORT: '0' }, ['--max-old-space-size=256']);
    metrics = await metricsUrlOf(service);
    token = await service.token({ sub: 'asks', purposes: [PURPOSE], scope: 'choices:write' });
    await (await peopleOf(service)).register('u-1', 'DE');
  });
  afterAll(() => service.stop());

  /** Sends a head alone, and waits for the answer to it. */
  async function sendHead(path: string, from = 'nobody'): Promise<Socket> {
    const socket = await open(service);
    const head = ['host: x', 'content-type: application/json', `content-length: ${LENGTH}`];
    if (from !== 'nobody') head.push(`authorization: Bearer ${from}`);
    socket.write(`POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
    if (from === 'nobody') await once(socket, 'data');
    return socket;
  }

  const held = async () =>
    (await scrape(metrics)).find(({ name }) => name === 'assent_bodies_receiving_bytes')?.value;

  /** A batch that is counted, and an opt-out that does not say how long it is. */
  async function askMuch(): Promise<number[]> {
    const evaluations = Array.from({ length: ITEMS }, () => ({ resource: mayRead(PURPOSE, 'u-1').resource }));
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const [batch, choice] = await Promise.all([
      service.request('POST', EVALUATIONS, { token, body: { ...mayRead(PURPOSE, 'u-1'), evaluations } }),
      rawRequest(service.url, {
        method: 'PUT',
        path: `/v1/users/u-1/choices/${OPTED}`,
        headers,
        body: [JSON.stringify({ choice: 'denied' })],
      }),
    ]);
    return [batch.status, choice.status];
  }

  test.each([EVALUATIONS, '/v1/users/u-1/choices', '/nowhere'])(
    'hold no room at %s, whether their senders stay or leave',
    async (path) => {
      const staying: Socket[] = [];
      try {
        for (let count = 0; count < MANY; count++) staying.push(await sendHead(path));
        expect(await askMuch()).toEqual([200, 200]);
        expect(await held()).toBe(0);
      } finally {
        for (const socket of staying) socket.destroy();
      }
      for (let count = 0; count < MANY; count++) (await sendHead(path)).destroy();
      expect(await askMuch()).toEqual([200, 200]);
      expect(await held()).toBe(0);
    },
  );

  test('are told from those that are awaited, which hold theirs until their senders leave', async () => {
    const awaited = await sendHead(EVALUATIONS, token);
    await expect.poll(held).toBe(LENGTH);
    awaited.destroy();
    await expect.poll(held).toBe(0);
  });
});
