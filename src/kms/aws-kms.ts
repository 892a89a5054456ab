/** AWS KMS, or what speaks as it does: its actions `Encrypt` and `Decrypt` (AWS KMS API Reference), as JSON over HTTPS. */
import { setTimeout as delay } from 'node:timers/promises';
import { jsonOf, memberOf } from '../json.js';
import { type AwsCredentialSource, awsCredentialsOf } from './aws-credentials.js';
import { KeyWrapper } from './key-wrapper.js';
import { signedHeaders } from './sigv4.js';

export type AwsKmsSettings = {
  /** The key that wraps: its id, its ARN, or an alias. */
  readonly key: string;
  readonly region: string;
  /** Base URL; absent: that of AWS in the region. */
  readonly endpoint?: string | undefined;
  readonly credentials: AwsCredentialSource;
};

/** How long an attempt may take, and the pauses before each further one, in milliseconds. */
const PATIENCE = { attempt: 3_000, pauses: [200, 600, 1_800] };
/** Names what a wrapped key is for, in the encryption context: a policy of AWS can demand it, and its trail shows it. */
const CONTEXT = 'assent:store';

/** What a refusal means, by the name of its error. */
const MEANINGS: readonly (readonly [names: string, means: string])[] = [
  [
    'AccessDeniedException',
    'allow kms:Encrypt and kms:Decrypt with KMS_KEY to the credentials of this process, for the encryption context of this store',
  ],
  ['NotFoundException InvalidArnException', 'there is no such key there: correct KMS_KEY or AWS_REGION'],
  [
    'DisabledException KMSInvalidStateException KeyUnavailableException InvalidKeyUsageException',
    'its key KMS_KEY cannot be used: enable it, or name another one',
  ],
  [
    'InvalidCiphertextException IncorrectKeyException',
    'it did not wrap this key with KMS_KEY for this store: bring the key file and KMS_KEY of this store together',
  ],
  [
    'UnrecognizedClientException InvalidClientTokenId ExpiredTokenException IncompleteSignature MissingAuthenticationToken InvalidSignatureException SignatureDoesNotMatch',
    'it does not take the credentials: renew them, or set the clock right',
  ],
];

/** Attempts that may go better a moment later. */
class Passing extends Error {}

export class AwsKms extends KeyWrapper {
  readonly scheme = 'aws-kms';
  private readonly url: URL;

  /** @param now the clock, in milliseconds since the Unix epoch */
  constructor(
    private readonly settings: AwsKmsSettings,
    private readonly now: () => number = Date.now,
    private readonly patience = PATIENCE,
  ) {
    super();
    this.url = new URL(settings.endpoint ?? `https://kms.${settings.region}.amazonaws.com`);
  }

  wrap(key: Uint8Array, store: string): Promise<Uint8Array> {
    const body = {
      KeyId: this.settings.key,
      Plaintext: base64(key),
      EncryptionContext: { [CONTEXT]: store },
    };
    return this.ask('Encrypt', body, 'CiphertextBlob');
  }

  unwrap(wrapped: Uint8Array, store: string): Promise<Uint8Array> {
    // the key is named although what is wrapped names one: no other one is trusted
    const body = {
      KeyId: this.settings.key,
      CiphertextBlob: base64(wrapped),
      EncryptionContext: { [CONTEXT]: store },
    };
    return this.ask('Decrypt', body, 'Plaintext');
  }

  private async ask(action: string, body: object, member: string): Promise<Uint8Array> {
    const text = JSON.stringify(body);
    for (let attempt = 0; ; attempt++)
      try {
        return await this.askOnce(action, text, member);
      } catch (error) {
        const pause = this.patience.pauses[attempt];
        if (!(error instanceof Passing) || pause === undefined) throw error;
        await delay(pause);
      }
  }

  private async askOnce(action: string, body: string, member: string): Promise<Uint8Array> {
    const { region, credentials } = this.settings;
    const { url } = this;
    const place = `the KMS at \`${url.origin}\``;
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${action}`,
    };
    const signed = signedHeaders(
      { method: 'POST', url, headers, body },
      await awsCredentialsOf(credentials).catch(passing),
      { region, service: 'kms' },
      this.now(),
    );
    let status: number;
    let text: string;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: signed,
        body,
        redirect: 'error',
        // covers the body as well
        signal: AbortSignal.timeout(this.patience.attempt),
      });
      ({ status } = response);
      text = await response.text();
    } catch (error) {
      throw new Passing(
        `${place} cannot be reached (${causeOf(error)}): see that KMS_ENDPOINT and AWS_REGION are right, that it runs, and that this machine can reach it`,
        { cause: error },
      );
    }
    const answer = jsonOf(text);
    const value = memberOf(answer, member);
    if (status === 200 && typeof value === 'string') return Buffer.from(value, 'base64');
    throw refusal(place, action, status, errorIn(answer));
  }
}

function refusal(place: string, action: string, status: number, name: string): Error {
  const said = `${place} answers ${status}${name === '' ? '' : ` (${name})`} to ${action}`;
  const isPassing = status === 429 || status >= 500 || name === 'ThrottlingException';
  if (isPassing) return new Passing(`${said}: try again; if it stays so, tell whoever runs it`);
  const [, means = 'see that KMS_ENDPOINT is that of a KMS'] =
    MEANINGS.find(([names]) => name !== '' && names.split(' ').includes(name)) ?? [];
  return new Error(`${said}: ${means}`);
}

/** The name of the error of an answer: `namespace#Name` or `Name`; empty: it has none. */
function errorIn(answer: unknown): string {
  const type = memberOf(answer, '__type');
  const name = typeof type === 'string' ? (type.split('#').at(-1) ?? '') : '';
  return /^\w{1,80}$/.test(name) ? name : '';
}

function passing(error: unknown): never {
  throw new Passing(error instanceof Error ? error.message : String(error), { cause: error });
}

/** The code of the network's error, or the name of that which stands for it. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = memberOf(cause, 'code');
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'no reason was given';
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
