// `npm run fleet`: a fleet before your eyes. What it sees is judged by what also judges the tests: test/e2e/storm.ts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { startPostgres } from '../test/bench/postgres.mjs';
import { developmentToken } from '../dist/access/tokens/development-key.js';

const HELP = `usage: npm run fleet -- [--seconds N]

Starts a PostgreSQL, three processes of the service on it, and a proxy that gives each request to the next one. Users opt
out one after another while services ask about the same users, and one process after another is killed and started again.
Says what was seen: it ends with 1 if any decision permitted what somebody had been told was off, or if an opt-out was lost.
It takes 30 seconds (or N, 3 or more), and leaves nothing behind.
`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PLACES = [1, 2, 3];
const WRITERS = 16;
const ASKERS = 1;
/** How long all are there before one is killed, and how long that one is missing. */
const PEACE_MS = 2_000;
const MISSING_MS = 1_000;

const say = (text = '') => void process.stdout.write(`${text}\n`);
const figure = (number) => Math.round(number).toLocaleString('en');

/** The processes that run now, by place; each with its address. */
const running = new Map();
let interrupted = false;
let sayTotal = () => undefined;
process.once('SIGINT', () => {
  // the package of PostgreSQL stops it, and then ends this process
  interrupted = true;
  sayTotal();
});
const folder = mkdtempSync(join(tmpdir(), 'assent-fleet-'));
// PostgreSQL's files are in there, and it runs as another user where this one is root
chmodSync(folder, 0o711);
process.on('exit', () => {
  for (const { child } of running.values()) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

async function start(place, databaseUrl) {
  const { PATH, HOME } = process.env;
  const env = {
    ...(PATH === undefined ? {} : { PATH }),
    ...(HOME === undefined ? {} : { HOME }),
    PORT: '0',
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDirOf(place),
    KEY_FILE: join(folder, 'key'),
  };
  const child = spawn(process.execPath, ['--v8-pool-size=0', '--max-semi-space-size=32', 'dist/main.js'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.set(place, { child });
  let written = '';
  const url = await new Promise((resolve, reject) => {
    const take = (chunk) => {
      written = (written + String(chunk)).slice(-10_000);
      const found = /"url":"([^"]+)"/.exec(written)?.[1];
      if (found !== undefined) resolve(new URL(found));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', () => reject(new Error(`process ${place} ended:\n${written}`)));
  });
  running.set(place, { child, url });
  child.once('exit', (code, signal) => {
    if (running.get(place)?.child !== child || interrupted) return;
    process.stderr.write(`process ${place} ended by itself, with ${signal ?? code}:\n${written}`);
    process.exit(1);
  });
}

async function end(place, signal) {
  const { child } = running.get(place);
  running.delete(place);
  child.kill(signal);
  await once(child, 'exit');
}

function dataDirOf(place) {
  return join(folder, String(place));
}

/** Gives each request to the next process that is there. @returns its address */
async function startProxy() {
  let turn = 0;
  const proxy = createServer((asked, answer) => {
    const there = [...running.values()].filter(({ url }) => url !== undefined);
    const { url } = there[turn++ % there.length] ?? {};
    const fail = () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end());
    if (url === undefined) return fail();
    const { method, headers } = asked;
    const passed = request(new URL(asked.url, url), { method, headers }, (answered) => {
      answer.writeHead(answered.statusCode, answered.headers);
      answered.on('error', fail).pipe(answer);
    });
    asked.pipe(passed.on('error', fail));
  });
  proxy.listen(0, '127.0.0.1').unref();
  await once(proxy, 'listening');
  return `http://127.0.0.1:${proxy.address().port}`;
}

/** What the storm asks: an address, with tokens that every process takes. */
function targetAt(address) {
  return {
    token: (claims) => developmentToken(dataDirOf(1), 'client', claims),
    request: async (method, path, { token, body, headers }) => {
      const sent = {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      };
      const response = await fetch(new URL(path, address), sent);
      const { status, headers: answered } = response;
      const isJson = answered.get('content-type')?.startsWith('application/json');
      return { status, headers: answered, body: await (isJson ? response.json() : response.text()) };
    },
  };
}

async function run(seconds) {
  say('PostgreSQL and three processes of Assent start …');
  const { module } = await runnerImport(join(ROOT, 'test/e2e/storm.ts'));
  const postgres = await startPostgres(join(folder, 'postgres'));
  const databaseUrl = await postgres.createDatabase('fleet');
  // in development mode each folder has a key for tokens of its own: here all have the same
  await developmentToken(dataDirOf(1), 'client', { sub: 'ads' });
  for (const place of PLACES) {
    mkdirSync(dataDirOf(place), { recursive: true });
    const key = 'development-key.json';
    if (place > 1) cpSync(join(dataDirOf(1), key), join(dataDirOf(place), key));
  }
  // the first one makes the tables and the key
  await start(1, databaseUrl);
  await Promise.all(PLACES.slice(1).map((place) => start(place, databaseUrl)));
  const target = targetAt(await startProxy());
  const storm = new module.Storm();
  const { seen } = storm;
  await storm.begin(
    WRITERS,
    () => target,
    Array.from({ length: ASKERS }, () => () => target),
  );
  say(`Users take back that \`${module.PURPOSE}\` may use their data, while services ask whether it may.`);

  const begun = performance.now();
  const passed = () => (performance.now() - begun) / 1000;
  const tell = (what) => say(`${passed().toFixed(1).padStart(5)} s  ${what}`);
  const tellSeen = () =>
    tell(
      `${figure(seen.decisions)} decisions, ${figure(seen.confirmed)} opt-outs confirmed, ${figure(seen.stale)} stale permits`,
    );
  let kills = 0;
  const total = () => `
${figure(seen.decisions)} decisions in ${figure(passed())} s, ${figure(seen.permits)} of them permits
${figure(seen.confirmed)} opt-outs confirmed, over ${kills === 1 ? '1 kill' : `${kills} kills`}; ${figure(seen.unconfirmed)} attempts were not, and were repeated
${figure(seen.longestWait)} ms was the longest wait for a confirmation
${figure(seen.stale)} stale permits`;
  sayTotal = () => say(total());
  while (kills === 0 || passed() < seconds) {
    await pass(PEACE_MS);
    tellSeen();
    const place = PLACES[kills++ % PLACES.length];
    await end(place, 'SIGKILL');
    tell(`process ${place} is killed`);
    await pass(MISSING_MS);
    await start(place, databaseUrl);
    tell(`process ${place} is back`);
  }
  await storm.end();
  tellSeen();

  say('Each process is asked about everybody whose opt-out was confirmed …');
  let lost = 0;
  for (const { url } of running.values()) lost += await storm.lostAt(targetAt(url));
  say(`${total()}\n${figure(lost)} lost opt-outs`);
  for (const place of PLACES) await end(place, 'SIGTERM');
  await postgres.stop();
  return lost === 0 && seen.stale === 0;
}

try {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '30' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds >= 3)) throw new Error(`--seconds is \`${values.seconds}\`: give a number from 3 up`);
  if (values.help === true) say(HELP);
  else if (!(await run(seconds))) process.exit(1);
  process.exit(0);
} catch (error) {
  if (!interrupted) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
