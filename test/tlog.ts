import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { NoteSigner } from '../src/tlog/heads/note.js';

/** A signer of notes with a key of its own. */
export function signerNamed(name: string): NoteSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return {
    name,
    publicKey: Buffer.from(x, 'base64url'),
    sign: async (text) => sign(null, text, privateKey),
  };
}

/** Writes a file whole, without waiting for the disk, which a test of thousands of files has no time for. */
export async function writeQuickly(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.unfinished`, bytes);
  await rename(`${path}.unfinished`, path);
}
