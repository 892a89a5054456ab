/** Servers to measure over HTTP, each a process on a core of its own, and the load on them. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DIST, ROOT, SERVICE_ARGS, newEventsOf, product } from './engine.mjs';
import { LOAD_CORE, SERVER_CORE, cpuSecondsOf, pinned } from './machine.mjs';
import { population } from './users.mjs';

const START_TIMEOUT_MS = 180_000;
const HERE = fileURLToPath(new URL('.', import.meta.url));

/** A folder for the time of a scenario, whose `finish` removes it. */
export async function temporaryFolder() {
  return mkdtemp(join(tmpdir(), 'assent-bench-'));
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Starts a process and resolves once `isReady` finds what it waits for in what the process has written.
 *
 * @template T
 * @param {string} command
 * @param {string[]} args
 * @param {{ env: Record<string, string>, cwd?: string, core?: number | string }} options
 * @param {(written: string) => T | undefined | Promise<T | undefined>} isReady
 */
async function serve(command, args, { env, cwd, core = SERVER_CORE }, isReady) {
  const [program, parameters] = pinned(core, command, args);
  const since = performance.now();
  const child = spawn(program, parameters, { cwd, env: { ...inherited(), ...env }, stdio: 'pipe' });
  let written = '';
  let ended = false;
  const take = (chunk) => (written = (written + chunk).slice(-100_000));
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const exit = new Promise((resolve) => {
    child.once('exit', () => {
      ended = true;
      resolve(undefined);
    });
  });
  for (;;) {
    const ready = await isReady(written);
    if (ready !== undefined)
      return {
        ready,
        readyMs: performance.now() - since,
        pid: child.pid,
        stop: async () => {
          child.kill('SIGTERM');
          await exit;
        },
      };
    if (ended || performance.now() - since > START_TIMEOUT_MS) {
      child.kill('SIGKILL');
      throw new Error(`${command} ${args.join(' ')} did not start:\n${written}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Nothing of the environment but what a process needs to run: settings of the service must not leak in. */
function inherited() {
  const { PATH, HOME } = process.env;
  return { ...(PATH === undefined ? {} : { PATH }), ...(HOME === undefined ? {} : { HOME }) };
}

/**
 * The built service, in development mode on a data folder.
 *
 * @param {{ dataDir: string, databaseUrl?: string, nodeArgs?: string[], env?: Record<string, string> }} options
 */
export async function startService({ dataDir, databaseUrl, nodeArgs = [], env = {}, core }) {
  const { ready, ...process_ } = await serve(
    process.execPath,
    [...SERVICE_ARGS, ...nodeArgs, fileURLToPath(new URL('main.js', DIST))],
    {
      core,
      cwd: ROOT,
      env: {
        PORT: '0',
        DATA_DIR: dataDir,
        LOG_LEVEL: 'info',
        ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
        ...env,
      },
    },
    (written) => /"url":"([^"]+)"/.exec(written)?.[1],
  );
  return { ...process_, port: Number(new URL(ready).port), url: ready };
}

/** A token that a service on this data folder accepts: of a client if it names purposes, else of a person. */
export async function tokenFor(dataDir, claims) {
  const { developmentToken } = await product('access/tokens/development-key.js');
  return developmentToken(dataDir, claims.purposes === undefined ? 'person' : 'client', claims);
}

/**
 * Writes the users numbered from 0 into a store that no service has open, by the product's own store.
 *
 * @param {{ dataDir: string, databaseUrl?: string }} where
 */
export async function fillStore({ dataDir, databaseUrl }, policy, users) {
  const { readConfig } = await product('config.js');
  const { openDatabase } = await product('store/database/database.js');
  const { PrismaConsentStore } = await product('store/prisma-consent.store.js');
  const config = readConfig({
    DATA_DIR: dataDir,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  });
  const database = await openDatabase(config);
  try {
    const store = new PrismaConsentStore(database);
    const people = population(policy);
    let block = [];
    for (let number = 0; number < users; number++) {
      block.push(...newEventsOf(people.user(number)));
      if (block.length >= 5_000 || number === users - 1) {
        await store.append(block);
        block = [];
      }
    }
  } finally {
    await database.close();
  }
}

/** Its folder goes with the process. */
function removing(process_, folder) {
  return {
    ...process_,
    stop: async () => {
      await process_.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A `node:http` server that reads a body and answers always the same: the least that an HTTP server does. */
export async function startEcho(answer) {
  const folder = await temporaryFolder();
  const file = join(folder, 'answer.json');
  await writeFile(file, JSON.stringify(answer));
  const { ready, ...process_ } = await serve(
    process.execPath,
    [join(HERE, 'echo.mjs'), file],
    { env: {} },
    (written) => /listening on (\d+)/.exec(written)?.[1],
  );
  return { ...removing(process_, folder), port: Number(ready) };
}

/** Where Cerbos' server is; `undefined` when its package is not for this platform. */
export function cerbosBinary() {
  try {
    return createRequire(import.meta.url).resolve('@cerbos/cerbos-linux-x64/cerbos-linux-x64');
  } catch {
    return undefined;
  }
}

/**
 * Cerbos' server on policies in a folder: nothing logged per request, no audit, no telemetry, one thread for one core.
 *
 * @param {Record<string, string>} policies by file name
 */
export async function startCerbos(policies) {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'policies'));
  for (const [name, policy] of Object.entries(policies))
    await writeFile(join(folder, 'policies', name), policy);
  const port = await freePort();
  const config = {
    server: {
      httpListenAddr: `127.0.0.1:${port}`,
      grpcListenAddr: `127.0.0.1:${await freePort()}`,
      adminAPI: { enabled: false },
      logRequestPayloads: false,
    },
    storage: { driver: 'disk', disk: { directory: join(folder, 'policies'), watchForChanges: false } },
    audit: { enabled: false },
    telemetry: { disabled: true },
  };
  // JSON is YAML
  await writeFile(join(folder, 'cerbos.yaml'), JSON.stringify(config));
  const { ready: _ready, ...process_ } = await serve(
    cerbosBinary(),
    ['server', `--config=${join(folder, 'cerbos.yaml')}`, '--log-level=warn'],
    { env: { GOMAXPROCS: '1', CERBOS_NO_TELEMETRY: '1' }, cwd: folder },
    async () => ((await answers(`http://127.0.0.1:${port}/_cerbos/health`)) ? true : undefined),
  );
  return { ...removing(process_, folder), port };
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** A whole request as it goes over the wire. @param {string[]} headers @param {string} body */
export function httpRequest(method, path, headers, body) {
  const bytes = Buffer.from(body, 'utf8');
  const head = [
    `${method} ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'connection: keep-alive',
    'content-type: application/json',
    `content-length: ${bytes.length}`,
    ...headers,
  ].join('\r\n');
  return `${head}\r\n\r\n${bytes.toString('latin1')}`;
}

/**
 * Loads a server.
 *
 * @param {{ port: number, pid: number }} server
 * @param {string[]} requests whole requests, sent in turn
 * @param {Omit<import('./load.mjs').Load, 'port' | 'requests'>} how
 */
export async function loadServer(server, requests, how) {
  const folder = await temporaryFolder();
  try {
    const file = join(folder, 'requests');
    await writeFile(file, requests.map((request) => JSON.stringify(request)).join('\n'));
    const [program, args] = pinned(LOAD_CORE, process.execPath, [join(HERE, 'load.mjs')]);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(JSON.stringify({ ...how, port: server.port, requests: file }));
    let written = '';
    let before;
    let after;
    child.stdout.on('data', (chunk) => {
      written += chunk;
      if (before === undefined && written.includes('measuring\n')) before = cpuSecondsOf(server.pid);
      if (after === undefined && written.includes('measured\n')) after = cpuSecondsOf(server.pid);
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    const line = written.trimEnd().split('\n').at(-1);
    if (code !== 0 || line === undefined) throw new Error('the load generator failed');
    /** @type {import('./load.mjs').Figures} */
    const figures = JSON.parse(line);
    const busy =
      before === undefined || after === undefined ? Number.NaN : (after - before) / figures.seconds;
    return { ...figures, perSecond: figures.requests / figures.seconds, busy };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Asks one request after the other and gives the parsed bodies. */
export async function askAll(port, requests) {
  const bodies = [];
  for (const { method = 'POST', path, headers = {}, body } of requests) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    bodies.push(await response.json());
  }
  return bodies;
}

export const isBuilt = existsSync(new URL('main.js', DIST));

/**
 * Streams ids to a server from the other core.
 *
 * @param {{ url: string, authorization: string, file: string, times: number, into?: string }} what
 */
export async function streamTo(what) {
  const [program, args] = pinned(LOAD_CORE, process.execPath, [join(HERE, 'stream.mjs')]);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(what));
  let written = '';
  child.stdout.on('data', (chunk) => (written += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error('the stream broke');
  /** @type {{ status: number, bytes: number, seconds: number }} */
  const figures = JSON.parse(written);
  return figures;
}
