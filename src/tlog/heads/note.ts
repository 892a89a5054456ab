/** Signed notes (C2SP signed-note) with Ed25519: a text, and under it who signed it. */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { textOf } from '../../text.js';

/** Signature type of Ed25519. */
const ED25519 = 1;
const KEY_BYTES = 32;
const ID_BYTES = 4;
const SIGNATURE_BYTES = 64;

/** What a note may be long, in bytes. Verifiers must take 16 signatures, of which the longest have 5 kB. */
const MAX_NOTE = 1_000_000;
const MAX_SIGNATURES = 100;

const DASH = '—';
const NAME = /^[^\p{White_Space}\p{Cc}+]+$/u;
/** Control characters of ASCII but the newline. */
const CONTROL = /[^\P{Cc}\n\u{7f}-\u{9f}]/u;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Who may have signed a note. */
export type NoteKey = {
  readonly name: string;
  /** The raw 32 bytes of the public half (RFC 8032). */
  readonly publicKey: Uint8Array;
};

/** Who signs notes. */
export type NoteSigner = NoteKey & {
  /** The Ed25519 signature of these bytes. */
  sign(text: Uint8Array): Promise<Uint8Array>;
};

/** A note is malformed, forged, or signed by nobody known. The message follows the note's name. */
export class NoteFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoteFault';
  }
}

/** SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key), its first four bytes. */
function idOf({ name, publicKey }: NoteKey): Buffer {
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), publicKey]);
  return hash('sha256', bytes, 'buffer').subarray(0, ID_BYTES);
}

/** How verifiers are told of a key: `<name>+<id in hex>+<base64 of type and key>`. */
export function verifierKeyOf(key: NoteKey): string {
  const material = Buffer.concat([Buffer.of(ED25519), key.publicKey]);
  return `${key.name}+${idOf(key).toString('hex')}+${material.toString('base64')}`;
}

/** The key of {@link verifierKeyOf}. @throws NoteFault when it is none of Ed25519 */
export function readVerifierKey(text: string): NoteKey {
  const [name = '', id, ...rest] = text.split('+');
  // base64 has plus signs of its own
  const material = base64Of(rest.join('+'));
  if (!NAME.test(name) || material?.length !== 1 + KEY_BYTES || material[0] !== ED25519)
    throw new NoteFault('is no verifier key of Ed25519: give one line `<name>+<id>+<key>`');
  const key = { name, publicKey: material.subarray(1) };
  if (idOf(key).toString('hex') !== id)
    throw new NoteFault('has an id that is not that of its name and key: copy it again');
  return key;
}

/**
 * The note of a text that ends with a newline, signed by each of them.
 *
 * @throws NoteFault when the text or a name cannot stand in a note
 */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<string> {
  if (!text.endsWith('\n') || CONTROL.test(text)) throw new NoteFault('is no text of a note');
  const lines: string[] = [];
  for (const signer of signers) {
    if (!NAME.test(signer.name)) throw new NoteFault('cannot be signed by a name with spaces or `+`');
    const signature = await signer.sign(Buffer.from(text));
    lines.push(`${DASH} ${signer.name} ${Buffer.concat([idOf(signer), signature]).toString('base64')}\n`);
  }
  return `${text}\n${lines.join('')}`;
}

/**
 * The text of a note that at least one of these keys signed, and those of them that did. Signatures of others are
 * passed over, which is how keys change and witnesses sign.
 *
 * @throws NoteFault when it is malformed, when none of the keys signed it, or when one of their signatures is wrong
 */
export function openNote(
  bytes: Uint8Array,
  keys: readonly NoteKey[],
): { readonly text: string; readonly by: NoteKey[] } {
  const { text, signatures } = readNote(bytes);
  const signed = Buffer.from(text);
  const by = keys.filter((key) => {
    const own = signatures.filter(({ name, id }) => name === key.name && id.equals(idOf(key)));
    if (!own.every(({ signature }) => isSigned(signed, key, signature)))
      throw new NoteFault(`has a signature of \`${key.name}\` that is not of this text: it was altered`);
    return own.length > 0;
  });
  if (by.length === 0)
    throw new NoteFault(
      `is signed by none of the keys given: give the key of ${signatures.map(({ name }) => `\`${name}\``).join(', ')}`,
    );
  return { text, by };
}

type Signature = { readonly name: string; readonly id: Buffer; readonly signature: Buffer };

function readNote(bytes: Uint8Array): { text: string; signatures: Signature[] } {
  if (bytes.length > MAX_NOTE) throw new NoteFault(`is longer than ${MAX_NOTE} bytes`);
  const note = textOf(Buffer.from(bytes));
  if (note === undefined || CONTROL.test(note)) throw new NoteFault('is no text of a note');
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw new NoteFault('has no signatures after an empty line');
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw new NoteFault(`has more than ${MAX_SIGNATURES} signatures`);
  return { text: note.slice(0, end + 1), signatures: lines.map(readSignature) };
}

function readSignature(line: string): Signature {
  const [dash, name = '', text = '', ...more] = line.split(' ');
  const bytes = base64Of(text);
  if (dash !== DASH || !NAME.test(name) || more.length > 0 || bytes === undefined || bytes.length <= ID_BYTES)
    throw new NoteFault('has a line after its text that is no signature');
  return { name, id: bytes.subarray(0, ID_BYTES), signature: bytes.subarray(ID_BYTES) };
}

function isSigned(text: Uint8Array, key: NoteKey, signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_BYTES && verify(null, text, keyObjectOf(key), signature);
}

function keyObjectOf({ publicKey }: NoteKey): KeyObject {
  const x = Buffer.from(publicKey).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/** The bytes of base64 in its one canonical spelling (RFC 4648, section 4); `undefined` when it is none. */
export function base64Of(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return BASE64.test(text) && bytes.toString('base64') === text ? bytes : undefined;
}
