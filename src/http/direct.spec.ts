import { IncomingMessage, ServerResponse, createServer } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../../test/e2e/raw-request.js';
import { DirectRoutes } from './direct.js';
import { Room } from './waiting.js';

const PATH = '/asked/often';
const PLAIN = { 'content-type': 'application/json' };

let isOpen = true;
let url = '';

/** Answers a body that says yes, from whoever does not say that they are a stranger. */
const room = new Room(100_000);
let answered = 0;
const direct = new DirectRoutes(
  room,
  () => 'made here',
  () => isOpen,
  1_000_000,
);
let settled: () => Promise<boolean> | undefined = () => undefined;
direct.add(PATH, {
  settled: () => settled(),
  open: ({ authorization }) =>
    authorization === 'stranger'
      ? undefined
      : (body, id) => {
          answered++;
          if (id === undefined) return '"no"';
          return body.toString().startsWith('"yes') ? '"direct"' : undefined;
        },
});
const server = createServer(
  direct.before((request, response) => {
    void text(request).then((body) => response.end(`handed on: ${body}`));
  }),
);

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const { port }: Pick<AddressInfo, 'port'> =
    typeof address === 'object' && address !== null ? address : { port: 0 };
  url = `http://127.0.0.1:${port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

async function ask(
  pieces: readonly string[],
  headers: Readonly<Record<string, string>> = {},
  { method = 'POST', path = PATH } = {},
) {
  const length = String(pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0));
  const all = { ...PLAIN, 'content-length': length, ...headers };
  return rawRequest(url, { method, path, headers: all, body: pieces });
}

test('a plain request is answered at once, with the headers that every answer has', async () => {
  expect(await ask(['"yes"'])).toMatchObject({
    status: 200,
    body: '"direct"',
    headers: {
      'x-request-id': 'made here',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-type': 'application/json; charset=utf-8',
      'content-length': '8',
    },
  });
  expect(await ask(['"yes"'], { 'x-request-id': 'a-1' })).toMatchObject({
    headers: { 'x-request-id': 'a-1' },
  });
  expect(await ask(['"yes', ', in pieces"'])).toMatchObject({ body: '"direct"' });
});

test('answers are collected after their turn, even when the map that they were in has grown old', async () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('nothing can be collected here');
  const path = '/asked/for/much';
  const characters = 40_000;
  const answer = () => Buffer.alloc(characters, 'x').toString('latin1');
  direct.add(path, { settled: () => undefined, open: () => answer });
  const old = () =>
    getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? NaN;
  const askFor = async (times: number) => {
    let whole = 0;
    for (let time = 0; time < times; time++) {
      const { body } = await ask(['"yes"'], {}, { path });
      if (body.length === characters) whole++;
      collect({ type: 'minor' });
    }
    expect(whole).toBe(times);
  };
  await askFor(30);
  collect();
  const before = old();
  await askFor(100);
  expect(old() - before).toBeLessThan(50 * characters);
});

test('an answer leaves when it may, and another in its place when it may not', async () => {
  let hasLeft = false;
  let may: (may: boolean) => void = () => undefined;
  let first: ReturnType<typeof ask> | undefined;
  await new Promise<void>((isAsked) => {
    settled = () => {
      isAsked();
      return new Promise((resolve) => (may = resolve));
    };
    first = ask(['"yes"']).finally(() => (hasLeft = true));
  });
  await ask(['"yes"'], { authorization: 'stranger' });
  expect(hasLeft).toBe(false);
  may(true);
  expect(await first).toMatchObject({ status: 200, body: '"direct"' });
  settled = () => Promise.resolve(false);
  expect(await ask(['"yes"'], { 'x-request-id': 'a-2' })).toMatchObject({
    status: 200,
    body: '"no"',
    headers: { 'x-request-id': 'a-2' },
  });
  settled = () => undefined;
});

describe('handed on as it came is', () => {
  const long = `"yes${' '.repeat(70_000)}"`;
  const cases: readonly (readonly [string, Parameters<typeof ask>])[] = [
    ['a body that the route does not answer', [['"no, ', 'not at once"']]],
    ['what a stranger sends', [['"yes"'], { authorization: 'stranger' }]],
    ['another method', [['"yes"'], {}, { method: 'PUT' }]],
    ['another address', [['"yes"'], {}, { path: `${PATH}?x=1` }]],
    ['another content type', [['"yes"'], { 'content-type': 'application/json; charset=utf-8' }]],
    ['a long body', [[long]]],
    ['a request id that is unusual', [['"yes"'], { 'x-request-id': 'a b' }]],
    ['a header that is not ASCII', [['"yes"'], { accept: 'caf\u00e9' }]],
  ];
  test.each(cases)('%s', async (_named, [pieces, ...rest]) => {
    expect(await ask(pieces, ...rest)).toMatchObject({ body: `handed on: ${pieces.join('')}` });
  });

  test('a body without a length', async () => {
    const request = { method: 'POST', path: PATH, headers: PLAIN, body: ['"yes', '"'] };
    expect(await rawRequest(url, request)).toMatchObject({ body: 'handed on: "yes"' });
  });

  test('everything while much waits to be read, before it is answered', async () => {
    const waiting = new ServerResponse(new IncomingMessage(new Socket()));
    room.take(waiting, 60_000);
    answered = 0;
    expect(await ask(['"yes"'])).toMatchObject({ body: 'handed on: "yes"' });
    expect(answered).toBe(0);
    waiting.emit('close');
    expect(await ask(['"yes"'])).toMatchObject({ body: '"direct"' });
  });

  test('everything while requests are to be logged', async () => {
    isOpen = false;
    expect(await ask(['"yes"'])).toMatchObject({ body: 'handed on: "yes"' });
    isOpen = true;
  });
});

test('an answer that leaves as the service closes is the last of its connection', async () => {
  direct.add('/closing', {
    settled: () => undefined,
    open: () => () => {
      // after it was asked, and before the answer is written
      queueMicrotask(() => (isOpen = false));
      return '"last"';
    },
  });
  expect(await ask(['"yes"'], {}, { path: '/closing' })).toMatchObject({
    body: '"last"',
    headers: { connection: 'close' },
  });
  isOpen = true;
});
