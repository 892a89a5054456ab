/** A sealer that is killed again and again, at any moment, leaves a log that verifies and goes on. */
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { integer, sample } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leafHash, rootOf } from '../../src/tlog/tree/merkle.js';
import { verifyLog } from '../../src/tlog/verify-log.js';

const DIST = new URL('../../dist/', import.meta.url).href;
const ORIGIN = 'assent.example/record';
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const { x = '' } = publicKey.export({ format: 'jwk' });
const KEY = { name: ORIGIN, publicKey: Buffer.from(x, 'base64url') };

/** Seals 1 to 400 more entries at a time, and says so before each of its writes. */
const PROGRAM = `
import { createPrivateKey, sign } from 'node:crypto';
import { Sealer } from '${DIST}tlog/sealer.js';
import { writeDurably } from '${DIST}durable.js';
const key = createPrivateKey(process.env.KEY);
const signer = { name: '${ORIGIN}', publicKey: Buffer.from('${x}', 'base64url'), sign: async (text) => sign(null, text, key) };
let count = 0;
const source = {
  resume: async () => {},
  keep: async () => {},
  async *leavesFrom(index, most) {
    for (let at = index; at < Math.min(index + most, count); at++) yield Buffer.from('entry ' + at);
  },
};
const sealer = await Sealer.open(source, {
  folder: process.env.FOLDER + '/log',
  copies: process.env.FOLDER + '/copies',
  origin: '${ORIGIN}',
  keys: { signers: async () => [signer], known: async () => [signer] },
  onTrouble: (message, cause) => { throw cause; },
  write: async (path, bytes) => { console.log('writes'); await writeDurably(path, bytes); },
});
// what was written before the kill is still there
count = sealer.size;
for (;;) {
  count += 1 + Math.floor(Math.random() * 400);
  await sealer.seal();
}
`;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'killed-sealer-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Ends at the given write of the sealer. */
async function killedAt(write: number): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    env: { FOLDER: folder, KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  let left = write;
  try {
    for await (const _line of createInterface(child.stdout)) if (--left === 0) child.kill('SIGKILL');
  } finally {
    child.kill('SIGKILL');
  }
  return said;
}

test(
  'killed ten times, the log verifies each time with all that was handed out',
  { timeout: 600_000 },
  async () => {
    let size = 0;
    for (const write of sample(integer({ min: 8, max: 30 }), 10)) {
      expect(await killedAt(write)).toBe('');
      const { head } = await verifyLog({
        folder: join(folder, 'log'),
        origin: ORIGIN,
        keys: [KEY],
        copies: join(folder, 'copies'),
      });
      // one that was killed before its first head was written has added none
      expect(head.size).toBeGreaterThanOrEqual(size);
      size = head.size;
      const leaves = Array.from({ length: size }, (_, index) => leafHash(Buffer.from(`entry ${index}`)));
      expect(head.root).toEqual(rootOf(leaves));
    }
    expect(size).toBeGreaterThan(0);
  },
);
