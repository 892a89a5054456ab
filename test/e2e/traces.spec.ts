/** What the SDK of `deploy/traces.mjs` sends of the built service, as a receiver of OTLP over HTTP takes it in. */
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVALUATION, mayRead } from './questions.js';
import { type Service, startService } from './service.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;
const USER = 'traced-person';

type Attribute = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };
type Sent = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string }[];
  readonly status?: { readonly code?: number };
};
/** Of OTLP, the message `ExportTraceServiceRequest` as JSON. */
type Export = {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Sent[] }[];
  }[];
};

let receiver: Server;
let service: Service;
const bodies: string[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      response.setHeader('content-type', 'application/json').end('{}');
      receiver.emit('sent');
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = receiver.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  service = await startService(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
    ['--import', new URL('../../deploy/traces.mjs', import.meta.url).href],
  );
});

afterAll(async () => {
  await service?.stop();
  receiver?.close();
});

function spans(): readonly Sent[] {
  return bodies.flatMap((body) => {
    const sent: Export = JSON.parse(body);
    return sent.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  });
}

/** The spans sent so far, once one is among them. */
async function sent(isIt: (span: Sent) => boolean): Promise<readonly Sent[]> {
  while (!spans().some(isIt)) await once(receiver, 'sent');
  return spans();
}

function attribute({ attributes }: Sent, name: string): unknown {
  const { value } = attributes.find(({ key }) => key === name) ?? {};
  return value === undefined ? undefined : Object.values(value)[0];
}

it('a decision continues the trace of its caller and says what was decided, not about whom', async () => {
  const token = await service.token({ sub: 'ads', purposes: ['ads.personalised'] });
  const ask = (traceparent: string) =>
    service.request('POST', EVALUATION, {
      token,
      body: mayRead('ads.personalised', USER),
      headers: { traceparent },
    });
  expect(await ask(TRACEPARENT)).toMatchObject({ status: 200, body: { decision: false } });
  const all = await sent(({ name }) => name === `POST ${EVALUATION}`);
  const server = all.find(({ name }) => name === `POST ${EVALUATION}`);
  expect(server).toMatchObject({ traceId: TRACE, parentSpanId: CALLER });
  const decision = all.find(({ name }) => name === 'decision');
  expect(decision).toMatchObject({ traceId: TRACE, parentSpanId: server?.spanId });
  expect(decision && attribute(decision, 'assent.reason')).toBe('unknown_user');
  // before the router, where the token is known by now
  const second = TRACEPARENT.replace(TRACE, TRACE.replace('0a', '0b'));
  await ask(second);
  const again = await sent(({ traceId, name }) => traceId === second.split('-')[1] && name !== 'decision');
  const direct = again.filter(({ traceId }) => traceId === second.split('-')[1]);
  expect(direct.map(({ name }) => name).toSorted()).toEqual([`POST ${EVALUATION}`, 'decision']);
  expect(bodies.join()).not.toContain(USER);
});

it('a change is followed to the group that it was written in, to its statements and to its confirmation', async () => {
  const token = await service.token({ sub: 'accounts', purposes: [], scope: 'users:write' });
  const traceparent = TRACEPARENT.replace(TRACE, TRACE.replace('0a', '0c'));
  const trace = traceparent.split('-')[1];
  const answer = await service.request('PUT', `/v1/users/${USER}`, {
    token,
    body: { region: 'DE', age_band: 'adult' },
    headers: { traceparent },
  });
  expect(answer).toMatchObject({ status: 200 });
  const isGroup = ({ name, links }: Sent) =>
    name === 'group of changes' && links?.some(({ traceId }) => traceId === trace) === true;
  const group = (await sent(isGroup)).find(isGroup);
  // they come in parcels, each as it ended
  const below = () => spans().flatMap(({ traceId, name }) => (traceId === group?.traceId ? [name] : []));
  await expect.poll(below).toContain('wait for the confirmation');
  await expect.poll(below).toContain('INSERT consent_event');
  expect(bodies.join()).not.toContain(USER);
});

it('an import has its statements, and no change has them, whoever began to write', async () => {
  const traceOf = (change: number) => TRACE.replace('0a', (0x20 + change).toString(16));
  const token = await service.token({ sub: 'accounts', purposes: [], scope: 'users:write' });
  const migration = await service.token({ sub: 'migration', purposes: [], scope: 'choices:import' });
  const row = { user: `${USER}-imported`, region: 'DE', age_band: 'adult' };
  const importing = traceOf(0);
  const changes = Array.from({ length: 20 }, async (_, at) =>
    service.request('PUT', `/v1/users/${USER}-${at}`, {
      token,
      body: { region: 'DE', age_band: 'adult' },
      headers: { traceparent: TRACEPARENT.replace(TRACE, traceOf(1 + at)) },
    }),
  );
  const imported = service.request('POST', '/v1/imports/traced?from=1', {
    token: migration,
    body: `${JSON.stringify(row)}\n`,
    headers: {
      'content-type': 'application/x-ndjson',
      traceparent: TRACEPARENT.replace(TRACE, importing),
    },
  });
  for (const { status } of await Promise.all([imported, ...changes])) expect(status).toBe(200);
  const insertIn = (trace: string) => (span: Sent) =>
    span.traceId === trace && span.name === 'INSERT consent_event';
  const all = await sent(insertIn(importing));
  for (let change = 0; change < changes.length; change++)
    expect(all.filter(insertIn(traceOf(1 + change)))).toEqual([]);
});

it('what is logged of a request names its trace', async () => {
  const traceparent = TRACEPARENT.replace(TRACE, TRACE.replace('0a', '0d'));
  await service.request('GET', '/v1/me', { headers: { traceparent } });
  const line = (await service.logged())
    .split('\n')
    .find((one) => one.includes(traceparent.split('-')[1] ?? '-'));
  expect(JSON.parse(line ?? '{}')).toMatchObject({ route: '/v1/me', status: 401 });
});
