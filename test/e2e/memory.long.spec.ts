/** However many wait for answers that they do not read: what they hold has a bound, and everybody else is answered. */
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { type Socket, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewConsentEvent } from '../../src/decision/consent-event.js';
import { openDatabase } from '../../src/store/database/database.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { EVALUATION, EVALUATIONS, FIELDS, PURPOSES, SEARCH_RESOURCE, mayRead, purpose } from './questions.js';
import { type Service, startService, temporaryFolder } from './service.js';

const LONG = 'u-long';
/** Said by the user of the long history: more than may be in memory for each who asks. */
const EVENTS = 4_000;
const USERS = 2_000;
const BLOCK = 1_000;
const HEAP_MB = 256;
/** Megabytes that all the answers which wait may add to what the process is. */
const ROOM = 150;

let dataDir: string;
let service: Service;
let tokens: Record<'service' | 'admin' | 'user', string>;

beforeAll(async () => {
  dataDir = await temporaryFolder();
  await fill();
  service = await startService({
    DATA_DIR: dataDir,
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
  });
  tokens = {
    service: await service.token({
      sub: 'reader',
      purposes: [...PURPOSES],
      scope:
        'settings:read users:export choices:export choices:write subjects:search users:write policies:read permits:export',
    }),
    admin: await service.token({ sub: 'oda', roles: ['privacy_officer', 'policy_admin'] }),
    user: await service.token({ sub: 'u-1' }),
  };
});

afterAll(async () => {
  await service.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Writes one long history and many short ones, as a service would have over years. */
async function fill(): Promise<void> {
  const database = await openDatabase({ dataDir, keyFile: join(dataDir, 'key') });
  const store = new PrismaConsentStore(database);
  const said = (user: string, at: number, change: NewConsentEvent['change']): NewConsentEvent => ({
    user,
    by: { kind: 'service', id: 'accounts' },
    at: Date.UTC(2026, 0) + at,
    via: 'settings',
    change,
  });
  const choice = (at: number, granted: boolean) =>
    ({
      kind: 'choice',
      purpose: PURPOSES[at % PURPOSES.length] ?? '',
      choice: granted ? 'granted' : 'denied',
      notice: 0,
      signal: false,
    }) as const;
  const profile = { kind: 'profile', region: 'US-NY', ageBand: 'adult' } as const;
  const events = [
    said(LONG, 0, profile),
    ...Array.from({ length: EVENTS }, (_, at) => said(LONG, at, choice(at, at % 2 === 0))),
    ...Array.from({ length: USERS }, (_, at) => said(`u-${at}`, at, profile)),
    ...Array.from({ length: USERS }, (_, at) => said(`u-${at}`, at, choice(at, false))),
  ];
  for (let at = 0; at < events.length; at += BLOCK) await store.append(events.slice(at, at + BLOCK));
  await database.close();
}

type OpenStream = { readonly status: number; readonly abort: () => void };

/** Asks about an audience and leaves the question open: its answer waits for more of it. */
function openStream(): Promise<OpenStream> {
  const address = `${service.url}/v1/audiences?purpose=security&fields=${FIELDS[0]}`;
  const headers = { authorization: `Bearer ${tokens.service}`, 'content-type': 'text/plain' };
  return new Promise((resolve, reject) => {
    const sent = request(address, { method: 'POST', headers, agent: false }, (response) => {
      response.on('error', () => undefined);
      resolve({ status: response.statusCode ?? 0, abort: () => sent.destroy() });
    });
    // after an abort nobody listens to it any more
    sent.on('error', reject);
    sent.write('u-1\n');
  });
}

/** Opens streams until there is room for no other, and aborts them all. @returns how many there was room for */
async function streamsThatFit(): Promise<number> {
  const open: OpenStream[] = [];
  try {
    for (;;) {
      const one = await openStream();
      open.push(one);
      if (one.status === 503) return open.length - 1;
      expect(one.status).toBe(200);
    }
  } finally {
    for (const { abort } of open) abort();
  }
}

/** Megabytes of the process. */
function memory(name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${service.process.pid}/status`, 'utf8');
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_000;
}

type Asked = {
  readonly named: string;
  readonly method?: string;
  readonly path: string;
  readonly as?: keyof typeof tokens;
  readonly body?: () => unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How many ask, and how often each on one connection. */
  readonly connections: number;
  readonly times: number;
};

function requestText({ method = 'GET', path, as, body, headers = {} }: Asked): string {
  const content = body === undefined ? '' : JSON.stringify(body());
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: localhost',
    ...(as === undefined ? [] : [`authorization: Bearer ${tokens[as]}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined
      ? []
      : ['content-type: application/json', `content-length: ${Buffer.byteLength(content)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${content}`;
}

/** Asks, reads the beginning of the answer, and then nothing more. */
function askAndStopReading(text: string): Promise<Socket> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(text));
    socket.once('data', () => {
      socket.pause();
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
}

const ANSWERS: readonly Asked[] = [
  { named: 'a file of the documentation', path: '/docs/swagger-ui-bundle.js', connections: 4, times: 100 },
  { named: 'the OpenAPI document', path: '/openapi.json', connections: 20, times: 100 },
  { named: 'settings', path: '/v1/users/u-1/settings', as: 'service', connections: 10, times: 100 },
  {
    named: 'a history',
    path: `/v1/users/${LONG}/history?limit=999`,
    as: 'service',
    connections: 10,
    times: 60,
  },
  {
    named: 'receipts',
    path: `/v1/users/${LONG}/receipts?limit=200`,
    as: 'service',
    connections: 5,
    times: 20,
  },
  { named: 'an export', path: `/v1/users/${LONG}/export`, as: 'service', connections: 10, times: 1 },
  {
    named: 'an export as a page',
    path: `/v1/users/${LONG}/export`,
    as: 'service',
    headers: { accept: 'text/html' },
    connections: 10,
    times: 1,
  },
  { named: 'everybody’s choices', path: '/v1/exports/choices', as: 'service', connections: 100, times: 1 },
  {
    named: 'everybody’s permits',
    path: '/v1/permits?purpose=security',
    as: 'service',
    connections: 100,
    times: 1,
  },
  { named: 'a policy', path: '/v1/policies/current', as: 'admin', connections: 20, times: 100 },
  {
    named: 'a policy as YAML',
    path: '/v1/policies/current',
    as: 'admin',
    headers: { accept: 'application/yaml' },
    connections: 10,
    times: 50,
  },
  { named: 'rules', path: '/v1/policies/current/rules', as: 'admin', connections: 10, times: 50 },
  {
    named: 'many evaluations',
    method: 'POST',
    path: EVALUATIONS,
    as: 'service',
    body: () => ({ ...mayRead('security', 'u-1'), evaluations: Array.from({ length: 1_000 }, () => ({})) }),
    connections: 20,
    times: 50,
  },
  {
    named: 'a search',
    method: 'POST',
    path: SEARCH_RESOURCE,
    as: 'service',
    body: () => ({
      subject: purpose('security'),
      action: { name: 'read' },
      resource: { type: 'user', properties: { field: FIELDS[0] } },
      page: { limit: 1_000 },
    }),
    connections: 20,
    times: 50,
  },
  {
    named: 'an audience',
    method: 'POST',
    path: '/v1/audiences',
    as: 'service',
    body: () => ({
      purpose: 'security',
      fields: [FIELDS[0]],
      users: Array.from({ length: 20_000 }, (_, at) => `u-${at}`),
    }),
    connections: 40,
    times: 1,
  },
  {
    named: 'a verification',
    method: 'POST',
    path: '/v1/log/verification',
    as: 'admin',
    connections: 20,
    times: 1,
  },
  { named: 'the keys of receipts', path: '/.well-known/receipt-keys.json', connections: 20, times: 100 },
  {
    named: 'the versions of a notice',
    path: `/v1/notices/${PURPOSES[0] ?? ''}/versions`,
    as: 'service',
    connections: 20,
    times: 100,
  },
];

describe('those who ask and do not read', () => {
  test.each(ANSWERS)('$named: hold so much and no more, and others are answered', async (asked) => {
    // what it has held most is counted from now on (proc(5))
    writeFileSync(`/proc/${service.process.pid}/clear_refs`, '5');
    const before = memory('VmRSS');
    const text = requestText(asked).repeat(asked.times);
    const stuck = await Promise.allSettled(
      Array.from({ length: asked.connections }, () => askAndStopReading(text)),
    );
    try {
      expect((await service.request('GET', '/health/live')).status).toBe(200);
      const evaluation = { token: tokens.service, body: mayRead('security', 'u-1') };
      for (let times = 0; times < 10; times++)
        expect((await service.request('POST', EVALUATION, evaluation)).status).toBe(200);
      const no = { token: tokens.user, body: { choice: 'denied' } };
      expect((await service.request('PUT', '/v1/users/me/choices/ads.personalised', no)).status).toBe(200);
      expect(memory('VmHWM') - before).toBeLessThan(ROOM);
    } finally {
      for (const one of stuck) if (one.status === 'fulfilled') one.value.destroy();
    }
  });
});

describe('those who ask and go away', () => {
  test('leave as much room for the answers of others as they found', async () => {
    const fit = await streamsThatFit();
    expect(fit).toBeGreaterThan(100);
    await expect.poll(streamsThatFit).toBeGreaterThanOrEqual(fit);
  });
});
