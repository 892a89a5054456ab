// Sends a stream of ids and reads what comes back, both as fast as the server takes and gives them.
// One JSON line on standard input: {"url","authorization","file","times"}; one on standard output.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

const PIECE = 65_536;
const { url, authorization, file, times, into } = JSON.parse(await text(process.stdin));
const body = readFileSync(file);
const start = performance.now();
const outgoing = request(url, {
  method: 'POST',
  headers: {
    authorization,
    'content-type': 'text/plain',
    accept: 'application/octet-stream',
    te: 'trailers',
    'content-length': body.length * times,
  },
});
// read from its beginning: the server reads no further than its answer is taken
const answered = new Promise((resolve, reject) => {
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    const parts = [];
    let bytes = 0;
    response.on('data', (chunk) => {
      bytes += chunk.length;
      if (into !== undefined) parts.push(chunk);
    });
    response.on('end', () => resolve({ status: response.statusCode, bytes, parts }));
    // a refusal comes before the body is sent, and nobody will read that
    if (response.statusCode >= 400) outgoing.destroy();
  });
});
const sent = (async () => {
  for (let time = 0; time < times; time++)
    for (let from = 0; from < body.length; from += PIECE)
      if (!outgoing.write(body.subarray(from, from + PIECE))) await once(outgoing, 'drain');
  outgoing.end();
})();
await Promise.race([sent, answered]);
const { status, bytes, parts } = await answered;
const seconds = (performance.now() - start) / 1000;
if (into !== undefined) writeFileSync(into, Buffer.concat(parts));
process.stdout.write(`${JSON.stringify({ status, bytes, seconds })}\n`, () => process.exit(0));
