/** The built service (`dist/`) as a process of its own, over real HTTP. Build first: `npm run build`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevelopmentClaims, developmentToken } from '../../src/access/tokens/development-key.js';
import { newDataFolder } from '../data-folder.js';
import { holdToContract } from './contract.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const START_TIMEOUT_MS = 180_000;

/** The answer to a request; `body` is parsed JSON, or the text when it is not JSON. */
export type Reply = { readonly status: number; readonly headers: Headers; readonly body: unknown };

export type RequestOptions = {
  readonly token?: string;
  /** An object is sent as JSON; a text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A service that runs, whoever started it. */
export type RunningService = {
  readonly url: string;
  readonly dataDir: string;
  /** A token of development mode: a client's own if it lists purposes, and a person's if not. */
  readonly token: (claims: DevelopmentClaims) => Promise<string>;
  readonly request: (method: string, path: string, options?: RequestOptions) => Promise<Reply>;
};

export type Service = RunningService & {
  readonly process: ChildProcess;
  /** Everything the process has written so far; its log lines arrive a moment later. */
  readonly output: () => string;
  /** Resolves to the output once it has every log line of before. */
  readonly logged: () => Promise<string>;
  /** Ends the process with a signal and resolves to its exit code; `null` when the signal ended it. */
  readonly kill: (signal: NodeJS.Signals) => Promise<number | null>;
  /** Stops the process, and removes the data folder if `startService` made it. */
  readonly stop: () => Promise<void>;
};

/** A data folder for one test. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'assent-'));
}

/**
 * Starts the service on a free port and resolves when it is ready.
 *
 * @param nodeOptions of the process, such as the limit of its heap
 * @param build folder of the package whose build it is
 * @param launcher a program with its arguments that becomes the service
 * @throws Error with what it wrote, when it ends instead
 */
export async function startService(
  env: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
  build = ROOT,
  launcher: readonly string[] = [],
): Promise<Service> {
  const own = env['DATA_DIR'] === undefined;
  const dataDir =
    env['DATA_DIR'] ?? (await (env['DATABASE_URL'] === undefined ? newDataFolder() : temporaryFolder()));
  const child = spawnService(dataDir, env, nodeOptions, build, launcher);
  let written = '';
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const url = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      written += chunk.toString();
      const found = /"url":"([^"]+)"/.exec(written)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    // not at its exit: what it wrote last may come after that
    child.once('close', () => reject(new Error(`the service ended before it was ready:\n${written}`)));
    setTimeout(
      () => reject(new Error(`the service was not ready in time:\n${written}`)),
      START_TIMEOUT_MS,
    ).unref();
  });
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    ...serviceAt(url, dataDir),
    process: child,
    output: () => written,
    logged: async () => {
      const id = randomUUID();
      await request(url, 'GET', '/logged', { headers: { 'x-request-id': id } });
      while (!written.includes(id)) await once(child.stdout, 'data');
      return written;
    },
    kill,
    stop: async () => {
      await kill('SIGTERM');
      if (own) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The service at an address, with the data folder that it was started on. */
export function serviceAt(url: string, dataDir: string): RunningService {
  return {
    url,
    dataDir,
    token: (claims) => developmentToken(dataDir, claims.purposes === undefined ? 'person' : 'client', claims),
    request: (method, path, options) => request(url, method, path, options),
  };
}

/** What a service said that refused to start. */
export type RefusalToStart = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/**
 * Starts the service on settings that it must not start on, and resolves when it has ended.
 *
 * @throws Error when it starts after all
 */
export async function refusalToStart(env: Readonly<Record<string, string>>): Promise<RefusalToStart> {
  const dataDir = await newDataFolder();
  const child = spawnService(dataDir, env);
  let stdout = '';
  let stderr = '';
  try {
    return await new Promise<RefusalToStart>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (stdout.includes('"url":')) reject(new Error(`the service started:\n${stdout}`));
      });
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.once('close', (code) => resolve({ code, stdout, stderr }));
      setTimeout(
        () => reject(new Error(`the service neither started nor ended:\n${stdout}${stderr}`)),
        START_TIMEOUT_MS,
      ).unref();
    });
  } finally {
    child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  }
}

function spawnService(
  dataDir: string,
  env: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
  build = ROOT,
  launcher: readonly string[] = [],
) {
  const { PATH, HOME } = process.env;
  const [program, ...args] = [...launcher, process.execPath, ...nodeOptions, 'dist/main.js'];
  return spawn(program, args, {
    cwd: build,
    env: {
      ...(PATH === undefined ? {} : { PATH }),
      ...(HOME === undefined ? {} : { HOME }),
      PORT: '0',
      DATA_DIR: dataDir,
      // development mode has it by itself; production is to be told
      DATABASE_URL: 'embedded',
      // a test that ends a service waits for nobody to notice
      DRAIN_SECONDS: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function request(
  url: string,
  method: string,
  path: string,
  { token, body, headers }: RequestOptions = {},
): Promise<Reply> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const { status } = response;
  holdToContract({ method, path, status, header: (name) => response.headers.get(name), body: text });
  return { status, headers: response.headers, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
