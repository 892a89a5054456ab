/** A process that is told to end says so first, and goes on answering while those who send it requests find out. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type Socket, connect, createServer } from 'node:net';
import { setTimeout as pass } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { EVALUATION, mayRead } from './questions.js';
import { startService, temporaryFolder } from './service.js';

const PURPOSE = 'service';

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a process that has not started ends at once by %s',
  async (signal) => {
    const folder = await temporaryFolder();
    const held: Socket[] = [];
    // a database that takes connections and says nothing
    const database = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1');
    await once(database, 'listening');
    const address = database.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const child = spawn(process.execPath, ['dist/main.js'], {
      cwd: new URL('../..', import.meta.url).pathname,
      env: { PORT: '0', DATA_DIR: folder, DATABASE_URL: `postgresql://a:b@127.0.0.1:${port}/c` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const closed = once(child, 'close');
    try {
      await once(database, 'connection');
      child.kill(signal);
      // a signal without a listener gives no code, and does nothing to the first process of a container
      expect(await closed).toEqual([0, null]);
      expect(said).toContain('it had not started yet');
    } finally {
      child.kill('SIGKILL');
      for (const socket of held) socket.destroy();
      database.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);

test('a process hears signals before it imports what it is made of', async () => {
  const folder = await temporaryFolder();
  // as soon as anything listens to it
  const early = `process.on('newListener', (name) => name === 'SIGTERM' && process.kill(process.pid, name))`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(early)}`, 'dist/main.js'],
    { cwd: new URL('../..', import.meta.url), env: { PORT: '0', DATA_DIR: folder } },
  );
  expect(stdout).toBe('');
  await rm(folder, { recursive: true, force: true });
});

test('two signals at once are one, also for a process that was busy between them', async () => {
  const busy = `
    import { onEndSignals } from './dist/http/ending.js';
    const until = performance.now() + 2_500;
    onEndSignals(() => {
      console.log('first');
      process.kill(process.pid, 'SIGINT');
      while (performance.now() < until);
      setTimeout(() => process.exit(), 100);
    }, () => console.log('again'));
    setInterval(() => undefined, 1_000);
    process.kill(process.pid, 'SIGTERM');`;
  const cwd = new URL('../..', import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', busy], {
    cwd,
  });
  expect(stdout).toBe('first\n');
});

describe('a process that drains', () => {
  test('is not ready, still decides, and ends at once by a second signal, not by the same one twice', async () => {
    const service = await startService({ DRAIN_SECONDS: '300' });
    const token = await service.token({ sub: 'feed', purposes: [PURPOSE] });
    const decides = () =>
      service
        .request('POST', EVALUATION, { token, body: mayRead(PURPOSE, 'u-1') })
        .then(({ status }) => status);
    const isReady = () =>
      service.request('GET', '/health/ready').then(({ status, body }) => ({ status, body }));
    expect(await isReady()).toMatchObject({ status: 200 });

    const ended = service.kill('SIGTERM');
    // as a terminal does, besides what looks after the process
    void service.kill('SIGINT');
    await expect.poll(isReady).toEqual({
      status: 503,
      body: { status: 'down', parts: { policy: true, consent: true, identity: true, running: false } },
    });
    expect(await service.request('GET', '/health/live')).toMatchObject({ status: 200 });
    expect(await decides()).toBe(200);

    expect(await service.logged()).not.toContain('"level":50');

    // longer than two signals count as one
    await pass(1_200);
    expect(await decides()).toBe(200);
    void service.kill('SIGTERM');
    expect(await ended).toBe(1);
    // what it wrote last may come after its end
    await expect.poll(service.output).toContain('"message":"ended at once, by a second signal"');
    await service.stop();
  });

  test('lets go of kept connections before its port closes, and answers what had begun', async () => {
    // connections are let go from the middle of this on, and what follows needs the rest
    const service = await startService({ DRAIN_SECONDS: '12' });
    const token = await service.token({ sub: 'feed', purposes: [PURPOSE] });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sent = request(`${service.url}${EVALUATION}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    const answered: Promise<unknown[]> = once(sent, 'response');
    const body = JSON.stringify(mayRead(PURPOSE, 'u-1'));
    sent.write(body.slice(0, 10));

    const ask = async () => {
      const asked = request(`${service.url}/health/live`, { agent });
      asked.end();
      const [answer]: IncomingMessage[] = await once(asked, 'response');
      answer?.resume();
      return [answer?.statusCode, answer?.headers.connection];
    };
    expect(await ask()).toEqual([200, 'keep-alive']);
    const { hostname, port } = new URL(service.url);
    const silent = connect(Number(port), hostname);
    silent.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(silent, 'data');
    const left = once(silent, 'close');
    const ended = service.kill('SIGTERM');
    await expect.poll(ask).toEqual([200, 'close']);

    // whoever would have sent on it finds another one
    await left;
    expect(await ask()).toEqual([200, 'close']);

    await expect.poll(() => service.output()).toContain('finishing requests');
    sent.end(body.slice(10));
    expect(await answered).toMatchObject([{ statusCode: 200, headers: { connection: 'close' } }]);
    expect(await ended).toBe(0);
    await expect(fetch(`${service.url}/health/live`)).rejects.toThrow();
    agent.destroy();
    await service.stop();
  });
});
