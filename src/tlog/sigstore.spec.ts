/** What the sealer wrote is read by software that we did not write: sigstore's, as npm uses it for the provenance of packages. */
import { createPublicKey } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint.js';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signerNamed, writeQuickly } from '../../test/tlog.js';
import { LogKeys } from './heads/log-keys.js';
import { type NoteSigner, verifierKeyOf } from './heads/note.js';
import { LeafSource, Sealer } from './sealer.js';
import { Tiles } from './tiles.js';
import { inclusionPath } from './tree/merkle.js';

const ORIGIN = 'assent.example/record';
const SIZE = 66_000;
const [OLDER, NEWER] = [signerNamed(ORIGIN), signerNamed(ORIGIN)];

let folder = '';

class Keys extends LogKeys {
  override async signers() {
    return [OLDER, NEWER];
  }
  override async known() {
    return [OLDER, NEWER];
  }
}

class Leaves extends LeafSource {
  override async resume() {}

  override async keep() {}

  override async *leavesFrom(index: number, most: number) {
    for (let at = index; at < Math.min(SIZE, index + most); at++) yield entryAt(at);
  }
}

function entryAt(index: number): Buffer {
  return Buffer.from(`entry ${index}`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sigstore-'));
  const sealer = await Sealer.open(new Leaves(), {
    folder,
    origin: ORIGIN,
    keys: new Keys(),
    onTrouble: (message, cause) => {
      throw new Error(message, { cause });
    },
    write: writeQuickly,
  });
  await sealer.seal();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A log as sigstore knows it: by the id of its key, which begins as that of the note's key. */
function authorityOf(signer: NoteSigner) {
  const [, id = ''] = verifierKeyOf(signer).split('+');
  const x = Buffer.from(signer.publicKey).toString('base64url');
  return {
    logID: Buffer.concat([Buffer.from(id, 'hex'), Buffer.alloc(28)]),
    baseURL: `https://${ORIGIN}`,
    publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
    validFor: { start: new Date(0), end: new Date(8.64e15) },
  };
}

/** An entry of the log with its proof, as sigstore takes it from a bundle. */
async function provenEntry(index: number, body = entryAt(index)) {
  const envelope = await readFile(join(folder, 'checkpoint'), 'utf8');
  const proof = await new Tiles(folder).proof(inclusionPath(index, SIZE), SIZE);
  return {
    logIndex: String(index),
    logId: { keyId: Buffer.of() },
    kindVersion: { kind: '', version: '' },
    integratedTime: '0',
    inclusionPromise: undefined,
    inclusionProof: {
      logIndex: String(index),
      rootHash: Buffer.of(),
      treeSize: String(SIZE),
      hashes: proof.map((hash) => Buffer.from(hash)),
      checkpoint: { envelope },
    },
    canonicalizedBody: body,
  };
}

describe('sigstore', () => {
  it('takes the head by the old key and by the new one, and by no other', async () => {
    const entry = await provenEntry(0);
    for (const signer of [OLDER, NEWER]) {
      const head = verifyCheckpoint(entry, [authorityOf(signer)]);
      expect(head).toMatchObject({ origin: ORIGIN, logSize: BigInt(SIZE), rest: [] });
    }
    expect(() => verifyCheckpoint(entry, [authorityOf(signerNamed(ORIGIN))])).toThrow(
      'invalid checkpoint signature',
    );
  });

  it('takes the proof of each entry, and of none that is another', async () => {
    for (const index of [0, 1, 255, 256, 40_000, 65_535, 65_536, 65_900, SIZE - 1]) {
      const entry = await provenEntry(index);
      const head = verifyCheckpoint(entry, [authorityOf(NEWER)]);
      verifyMerkleInclusion(entry, head);
      const forged = await provenEntry(index, Buffer.from('forged'));
      expect(() => verifyMerkleInclusion(forged, head)).toThrow('does not match');
    }
  });
});
