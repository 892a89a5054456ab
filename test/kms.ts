/**
 * A KMS on a free loopback port, which answers as AWS KMS does where this service asks it (AWS KMS API Reference: Encrypt,
 * Decrypt, common errors). It checks signatures by a reading of their specification of its own.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { memberOf } from '../src/json.js';

export type Kms = {
  readonly url: string;
  /** The settings of a service that is to use it. */
  readonly settings: Readonly<Record<string, string>>;
  /** What was asked, by the names of the actions. */
  readonly asked: readonly string[];
  /** What it was given to wrap. */
  readonly plains: readonly Buffer[];
  /** How it answers from now on, in place of doing what it is asked. */
  fail: (how: Failure | undefined, times?: number) => void;
  /** Wraps with new material of the same key from now on, and unwraps what the former wrapped, as a rotation does. */
  rotate: () => void;
  /** Adds a key. */
  add: (key: string) => void;
  stop: () => Promise<void>;
};

/** The name of an error, `silent`: no answer at all, `torn`: the connection ends. */
export type Failure = 'AccessDeniedException' | 'KMSInternalException' | 'silent' | 'torn' | 'nonsense';

const REGION = 'eu-central-1';
const [ACCESS_KEY, SECRET_KEY, SESSION] = ['AKIDTEST', 'a secret/that only+tests know', 'a session'];
const MAY_DIFFER_MS = 300_000;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

class Refusal extends Error {}

export async function startKms(key = 'alias/assent'): Promise<Kms> {
  const keys = new Map([[key, [randomBytes(32)]]]);
  const asked: string[] = [];
  const plains: Buffer[] = [];
  const failing: { how: Failure | undefined; times: number } = { how: undefined, times: 0 };

  const answer = (action: string, body: unknown): object => {
    const [named, context] = [memberOf(body, 'KeyId'), memberOf(body, 'EncryptionContext')];
    const versions = keys.get(String(named));
    if (versions === undefined) throw new Refusal('NotFoundException');
    const bound = Buffer.from(JSON.stringify(context));
    if (action === 'TrentService.Encrypt') {
      const plain = Buffer.from(String(memberOf(body, 'Plaintext')), 'base64');
      plains.push(plain);
      return { KeyId: named, CiphertextBlob: sealed(versions, plain, bound).toString('base64') };
    }
    if (action !== 'TrentService.Decrypt') throw new Refusal('UnknownOperationException');
    const blob = Buffer.from(String(memberOf(body, 'CiphertextBlob')), 'base64');
    const plain = versions.map((version) => opened(version, blob, bound)).find((one) => one !== undefined);
    if (plain === undefined) throw new Refusal('InvalidCiphertextException');
    return { KeyId: named, Plaintext: plain.toString('base64') };
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const action = String(request.headers['x-amz-target']);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString();
    asked.push(action.replace('TrentService.', ''));
    const { how } = failing;
    if (how !== undefined && failing.times > 0) {
      failing.times--;
      if (how === 'silent') return;
      if (how === 'torn') return void request.socket.destroy();
      if (how === 'nonsense') return void response.end('<html></html>');
      response.statusCode = how === 'KMSInternalException' ? 500 : 400;
      return void response.end(JSON.stringify({ __type: how }));
    }
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    try {
      checkSignature(request, body);
      response.end(JSON.stringify(answer(action, JSON.parse(body))));
    } catch (error) {
      response.statusCode = 400;
      response.end(
        JSON.stringify({ __type: error instanceof Refusal ? error.message : 'ValidationException' }),
      );
    }
  };

  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the KMS has no port');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    settings: {
      KMS_KEY: key,
      KMS_ENDPOINT: url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_SESSION_TOKEN: SESSION,
    },
    asked,
    plains,
    fail: (how, times = Number.POSITIVE_INFINITY) => void Object.assign(failing, { how, times }),
    rotate: () => void keys.get(key)?.unshift(randomBytes(32)),
    add: (other) => void keys.set(other, [randomBytes(32)]),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function sealed([newest = Buffer.alloc(32)]: readonly Buffer[], plain: Buffer, bound: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', newest, nonce).setAAD(bound);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function opened(version: Buffer, blob: Buffer, bound: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', version, blob.subarray(0, NONCE_BYTES)).setAAD(bound);
    decipher.setAuthTag(blob.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(blob.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function checkSignature({ headers, method }: IncomingMessage, body: string): void {
  const said =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/;
  const [, id, day = '', region, names = '', signature] = said.exec(headers.authorization ?? '') ?? [];
  const time = String(headers['x-amz-date']);
  const at = Date.parse(time.replace(/^(....)(..)(..T..)(..)(..)Z$/, '$1-$2-$3:$4:$5Z'));
  if (id !== ACCESS_KEY || headers['x-amz-security-token'] !== SESSION)
    throw new Refusal('UnrecognizedClientException');
  if (region !== REGION || !time.startsWith(day) || !(Math.abs(Date.now() - at) < MAY_DIFFER_MS))
    throw new Refusal('InvalidSignatureException');
  for (const needed of ['host', 'x-amz-date', 'x-amz-target', 'x-amz-security-token'])
    if (!names.split(';').includes(needed)) throw new Refusal('InvalidSignatureException');
  const written = names.split(';').map((name) => `${name}:${String(headers[name])}\n`);
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const request = `${method}\n/\n\n${written.join('')}\n${names}\n${hash(body)}`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/kms/aws4_request\n${hash(request)}`;
  const mac = (by: Buffer | string, what: string) => createHmac('sha256', by).update(what).digest();
  const by = mac(mac(mac(mac(`AWS4${SECRET_KEY}`, day), REGION), 'kms'), 'aws4_request');
  if (mac(by, text).toString('hex') !== signature) throw new Refusal('InvalidSignatureException');
}
