import { generateKeyPairSync, sign } from 'node:crypto';
import type { NoteSigner } from '../src/tlog/note.js';

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
