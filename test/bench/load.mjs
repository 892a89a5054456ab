/**
 * The load generator, in a process and on a core of its own. It writes requests that are made before and reads no more of
 * an answer than where it ends and its status, so that one core of it is enough to keep one core of a server busy.
 *
 * Takes one JSON line on standard input, `Load`, and gives one on standard output, `Figures`.
 *
 * @typedef {{ port: number, requests: string, connections: number, warmUpMs: number, durationMs: number, perSecond?: number, impatient?: boolean }} Load
 * `requests`: a file with the requests, each a line of JSON text; `perSecond`: an open loop at that rate, where the time
 * of a request counts from when it was due; `impatient`: one that is due when no connection is free is given up, what is
 * refused has no time, and a connection that was closed is made anew.
 * @typedef {{ requests: number, seconds: number, p50: number, p99: number, p999: number, max: number, refused: number, unsent: number, total: number, sample: string }} Figures
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** @type {Load} */
const load = JSON.parse(await text(process.stdin));
const requests = readFileSync(load.requests, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => Buffer.from(JSON.parse(line), 'latin1'));

const HEAD_END = '\r\n\r\n';
/** Times in steps of 2 %, from a microsecond. */
const STEPS = new Float64Array(2_000);
const BASE = Math.log(1.02);
let counted = 0;
let refused = 0;
let total = 0;
let unsent = 0;
let longest = 0;
let next = 0;
let sample = '';
let from = Infinity;

function count(milliseconds, ok) {
  total++;
  if (!ok) refused++;
  if (performance.now() < from || (load.impatient === true && !ok)) return;
  counted++;
  if (milliseconds > longest) longest = milliseconds;
  STEPS[Math.max(0, Math.min(STEPS.length - 1, Math.ceil(Math.log(milliseconds * 1000) / BASE)))]++;
}

function quantile(share) {
  let left = counted * share;
  for (let step = 0; step < STEPS.length; step++) {
    left -= STEPS[step] ?? 0;
    if (left <= 0) return Math.exp(step * BASE) / 1000;
  }
  return longest;
}

/** A connection that has one request on its way at most. */
class Connection {
  since = 0;
  pending = '';
  expected = -1;

  constructor(onFree) {
    this.onFree = onFree;
    this.ready = this.open();
  }

  open() {
    this.pending = '';
    this.expected = -1;
    this.socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (chunk) => this.take(chunk));
    this.socket.on('error', (error) => {
      if (load.impatient === true) return;
      process.stderr.write(`load: ${error.message}\n`);
      process.exit(1);
    });
    this.socket.on('close', () => {
      const wasBusy = this.since > 0;
      if (wasBusy) count(performance.now() - this.since, false);
      if (load.impatient !== true) return;
      this.since = 0;
      void this.open();
      if (wasBusy) this.onFree(this);
    });
    return new Promise((resolve) => this.socket.once('connect', resolve));
  }

  send(since) {
    this.since = since;
    this.socket.write(requests[next++ % requests.length]);
  }

  take(chunk) {
    this.pending = this.pending === '' ? chunk : this.pending + chunk;
    if (this.expected < 0) {
      const head = this.pending.indexOf(HEAD_END);
      if (head < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(this.pending.slice(0, head + 2));
      if (length === null) throw new Error(`an answer without a length:\n${this.pending.slice(0, head)}`);
      this.expected = head + HEAD_END.length + Number(length[1]);
    }
    if (this.pending.length < this.expected) return;
    const ok = this.pending.startsWith('HTTP/1.1 2');
    if (sample === '' || (!ok && refused === 0)) sample = this.pending;
    this.pending = '';
    this.expected = -1;
    count(performance.now() - this.since, ok);
    this.since = 0;
    this.onFree(this);
  }
}

/** Every connection sends its next request when it has its answer. */
async function closedLoop(until) {
  const connections = Array.from(
    { length: load.connections },
    () =>
      new Connection((connection) => {
        const now = performance.now();
        if (now < until) connection.send(now);
      }),
  );
  await Promise.all(connections.map(({ ready }) => ready));
  return { connections, begin: () => connections.forEach((each) => each.send(performance.now())) };
}

/** Requests are due at a steady rate, whether or not answers come. */
async function openLoop(until) {
  const free = [];
  const due = [];
  const connections = Array.from(
    { length: load.connections },
    () =>
      new Connection((connection) => {
        const since = due.shift();
        if (since === undefined) free.push(connection);
        else connection.send(since);
      }),
  );
  await Promise.all(connections.map(({ ready }) => ready));
  free.push(...connections);
  const begin = () => {
    const start = performance.now();
    let sent = 0;
    const tick = setInterval(() => {
      const now = performance.now();
      if (now >= until) return clearInterval(tick);
      for (const wanted = ((now - start) * load.perSecond) / 1000; sent < wanted; sent++) {
        const since = start + (sent * 1000) / load.perSecond;
        const connection = free.pop();
        if (connection !== undefined) connection.send(since);
        else if (load.impatient === true) unsent += Number(now >= from);
        else due.push(since);
      }
    }, 1);
  };
  return { connections, begin };
}

const start = performance.now();
const until = start + load.warmUpMs + load.durationMs;
from = start + load.warmUpMs;
const { connections, begin } = await (load.perSecond === undefined ? closedLoop(until) : openLoop(until));
begin();
await new Promise((resolve) => setTimeout(resolve, load.warmUpMs));
// the runner looks at the server's clock when the measured part begins and when it ends
process.stdout.write('measuring\n');
await new Promise((resolve) => setTimeout(resolve, until - performance.now()));
const seconds = (performance.now() - from) / 1000;
process.stdout.write('measured\n');
const atEnd = counted;
// answers that are on their way are waited for: they are acknowledged too
for (let wait = 0; wait < 100 && connections.some(({ since }) => since > 0); wait++)
  await new Promise((resolve) => setTimeout(resolve, 20));
for (const { socket } of connections) {
  socket.removeAllListeners('close');
  socket.destroy();
}
/** @type {Figures} */
const figures = {
  requests: atEnd,
  seconds,
  p50: quantile(0.5),
  p99: quantile(0.99),
  p999: quantile(0.999),
  max: longest,
  refused,
  unsent,
  total,
  sample,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
