// Runs the built service on another version of Node (`npm run smoke -- 24`): starts, answers a first decision, of which the
// SDK of deploy/traces.mjs sends a trace, stops.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [version = '24'] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'assent-smoke-'));
const START_TIMEOUT_MS = 60_000;

/** Installs that Node, from the package that holds its binary for this platform. */
function install() {
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const binary = `node-${process.platform}-${process.arch}`;
  const result = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--loglevel=error', `node-bin@npm:${binary}@${version}`],
    {
      cwd: folder,
      stdio: 'inherit',
    },
  );
  if (result.status !== 0) throw new Error(`Node ${version} could not be installed`);
  return join(folder, 'node_modules/node-bin/bin/node');
}

/** Takes in what an SDK of OpenTelemetry sends; `spanOf` resolves when a span of the name has come. */
async function receiver() {
  let received = '';
  const server = createServer((request, response) => {
    request.on('data', (chunk) => (received += chunk));
    request.once('end', () => {
      response.setHeader('content-type', 'application/json').end('{}');
      server.emit('received');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    spanOf: async (name) => {
      const late = AbortSignal.timeout(START_TIMEOUT_MS);
      while (!received.includes(`"name":"${name}"`)) await once(server, 'received', { signal: late });
    },
    close: () => server.close().closeAllConnections(),
  };
}

async function firstDecision(node) {
  const traces = await receiver();
  const env = {
    ...process.env,
    PORT: '0',
    DATA_DIR: join(folder, 'data'),
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
    OTEL_BSP_SCHEDULE_DELAY: '50',
  };
  const token = spawnSync(node, ['dist/cli/token.js', 'service', 'ads', '--purposes', 'ads'], {
    cwd: root,
    env,
  })
    .stdout.toString()
    .trim();
  const service = spawn(node, ['--import', './deploy/traces.mjs', 'dist/main.js'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => service.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    let written = '';
    service.stdout.on('data', (chunk) => {
      written += chunk;
      const found = /"url":"([^"]+)"/.exec(written);
      if (found) resolve(found[1]);
    });
    void exited.then(() => reject(new Error(`the service ended:\n${written}`)));
    setTimeout(
      () => reject(new Error(`the service was not ready in time:\n${written}`)),
      START_TIMEOUT_MS,
    ).unref();
  });
  const response = await fetch(`${url}/access/v1/evaluation`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      subject: { type: 'purpose', id: 'ads' },
      action: { name: 'read' },
      resource: { type: 'field', id: 'article.body', properties: { user: 'u-1' } },
    }),
  });
  const answer = await response.json();
  await traces.spanOf('decision');
  traces.close();
  service.kill('SIGTERM');
  const code = await exited;
  if (answer.decision !== true || answer.context.obligations[0] !== 'contextual_only')
    throw new Error(`the first decision is wrong: ${JSON.stringify(answer)}`);
  if (code !== 0) throw new Error(`the service stopped with ${code}`);
}

try {
  const node = install();
  const { stdout } = spawnSync(node, ['--version']);
  await firstDecision(node);
  process.stdout.write(
    `smoke on Node ${stdout.toString().trim()}: started, decided, traced, stopped\n1 passed, 0 failed\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
