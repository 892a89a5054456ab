/** Processes of the built service that share a database, each in a folder of its own, before the eyes of a script. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { developmentToken } from '../dist/access/tokens/development-key.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** In development mode each folder has a key for tokens of its own: here all have the same. */
const TOKEN_KEY = 'development-key.json';
const KEPT_OUTPUT = 10_000;

export class Processes {
  /** Those that run now, by place: `{ child, url }`, the latter once they are ready. */
  running = new Map();

  /**
   * @param {{ folder: string, databaseUrl: string, env?: Record<string, string> }} where
   * @param {(place: number, how: string | number, written: string) => void} onDeath is told of a process that ended by itself
   */
  constructor({ folder, databaseUrl, env = {} }, onDeath) {
    this.folder = folder;
    this.databaseUrl = databaseUrl;
    this.env = env;
    this.onDeath = onDeath;
  }

  /** Resolves when the process is ready. */
  async start(place) {
    const { PATH, HOME } = process.env;
    const dataDir = this.dataDirOf(place);
    mkdirSync(dataDir, { recursive: true });
    await developmentToken(this.dataDirOf(1), 'client', { sub: 'first' });
    if (place > 1) cpSync(join(this.dataDirOf(1), TOKEN_KEY), join(dataDir, TOKEN_KEY));
    const env = {
      ...(PATH === undefined ? {} : { PATH }),
      ...(HOME === undefined ? {} : { HOME }),
      PORT: '0',
      DATABASE_URL: this.databaseUrl,
      DATA_DIR: dataDir,
      KEY_FILE: join(this.folder, 'key'),
      ...this.env,
    };
    const child = spawn(process.execPath, ['--v8-pool-size=0', '--max-semi-space-size=32', 'dist/main.js'], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.running.set(place, { child });
    let written = '';
    const ready = await new Promise((resolve, reject) => {
      const take = (chunk) => {
        written = (written + String(chunk)).slice(-KEPT_OUTPUT);
        const url = /"url":"([^"]+)"/.exec(written)?.[1];
        const metrics = /"metrics":"([^"]+)"/.exec(written)?.[1];
        if (url !== undefined && (metrics !== undefined || env.METRICS_PORT === undefined))
          resolve({ url: new URL(url), metrics });
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', () => reject(new Error(`process ${place} ended:\n${written}`)));
    });
    this.running.set(place, { child, ...ready });
    child.once('exit', (code, signal) => {
      if (this.running.get(place)?.child === child) this.onDeath(place, signal ?? code, written);
    });
  }

  /** @returns with what the process ended; `null`: by the signal */
  async end(place, signal) {
    const { child } = this.running.get(place);
    this.running.delete(place);
    child.kill(signal);
    const [code] = await once(child, 'exit');
    return code;
  }

  killAll() {
    for (const { child } of this.running.values()) child.kill('SIGKILL');
  }

  dataDirOf(place) {
    return join(this.folder, String(place));
  }

  /** Gives each request to the next process that is there. @returns its address */
  async startProxy() {
    let turn = 0;
    const proxy = createServer((asked, answer) => {
      const there = [...this.running.values()].filter(({ url }) => url !== undefined);
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

  /** What is asked at an address, with tokens that every process takes. @param {number} [patience] milliseconds, not of changes */
  targetAt(address, patience) {
    return {
      token: (claims) => developmentToken(this.dataDirOf(1), 'roles' in claims ? 'person' : 'client', claims),
      request: async (method, path, { token, body, headers }) => {
        const sent = {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
          ...(patience === undefined || isChange(method, path)
            ? {}
            : { signal: AbortSignal.timeout(patience) }),
        };
        const response = await fetch(new URL(path, address), sent);
        const { status, headers: answered } = response;
        const isJson =
          answered.get('content-type')?.includes('json') && !answered.get('content-type').includes('ndjson');
        return { status, headers: answered, body: await (isJson ? response.json() : response.text()) };
      },
    };
  }
}

/** A change that its caller gave up on may still be made, after what was said later: it is waited for. */
function isChange(method, path) {
  return method === 'PUT' || method === 'DELETE' || path.startsWith('/v1/imports/');
}
