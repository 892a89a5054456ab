import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tokenFor } from './servers.mjs';
import http from 'node:http';
const dir = mkdtempSync('/tmp/advlat-');
const child = spawn(process.execPath, ['dist/main.js'], { env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: dir, DATABASE_URL: 'embedded' } });
let out = '';
const url = await new Promise((r) => child.stdout.on('data', (c) => { out += c; const m = /"url":"([^"]+)"/.exec(out); if (m) r(m[1]); }));
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
function req(method, path, token, body) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const r = http.request(url + path, { method, agent, headers: { authorization: `Bearer ${token}`, ...(text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {}) } }, (res) => { let t = ''; res.on('data', (c) => (t += c)); res.on('end', () => resolve({ status: res.statusCode, body: t === '' ? undefined : JSON.parse(t) })); });
    r.on('error', reject); r.end(text);
  });
}
const writer = await tokenFor(dir, { sub: 'w', purposes: [], scope: 'users:write choices:write' });
const readers = [await tokenFor(dir, { sub: 'r', purposes: ['ads.personalised'], scope: 'decisions:cache' })];
await req('PUT', '/v1/users/u', writer, { region: 'US-CA', age_band: 'adult' });
let stop = false, told = 0;
async function cache(token) {
  const a = await req('POST', '/v1/caches', token, {});
  if (a.status !== 201) throw new Error(JSON.stringify(a));
  let { id, sequence } = a.body;
  (async () => { while (!stop) { const r = await req('POST', `/v1/caches/${id}/acknowledgements`, token, { sequence }); if (r.status !== 200) { console.log('lost', r.status); return; } if (r.body.users.length) told++; sequence = r.body.sequence; } await req('DELETE', `/v1/caches/${id}`, token); })();
}
const med = (a) => a.toSorted((x, y) => x - y);
for (const n of [0, 1, 20]) {
  stop = false;
  for (let i = 0; i < n; i++) await cache(readers[0]);
  const times = [];
  for (let i = 0; i < 220; i++) {
    const b = performance.now();
    const r = await req('PUT', '/v1/users/u/choices/ads.personalised', writer, i % 2 ? { choice: 'granted', notice: 1 } : { choice: 'denied' });
    if (r.status !== 200) console.log(r.status, JSON.stringify(r.body));
    if (i >= 20) times.push(performance.now() - b);
  }
  const s = med(times);
  console.log(n, 'caches: median', s[100].toFixed(2), 'p95', s[190].toFixed(2), 'max', s[199].toFixed(2), 'told', told);
  stop = true; await new Promise((r) => setTimeout(r, 800));
}
// SIGTERM with a cache attached that polls once and one that never does
await cache(readers[0]); stop = true; const b = performance.now();
child.kill('SIGTERM'); const code = await new Promise((r) => child.once('exit', r)); console.log('exit', code, (performance.now() - b).toFixed(0), 'ms');
process.exit(0);
