/** Fetches what an OpenID provider publishes, within bounds: no answer can fill the memory or hold a request up. */
import { codeOf } from '../../disk.js';
import { isSecureUrl } from '../../secure-url.js';
import { parseJson } from '../../json.js';
import { textOf } from '../../text.js';

const TIMEOUT_MS = 5_000;
/** The documents of real providers have about ten kilobytes. */
const MAX_BYTES = 1_048_576;
/** 4xx statuses that are temporary. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);
/** Error codes for a certificate of an unknown authority. */
const UNKNOWN_AUTHORITIES: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Error codes when the server does not speak TLS. */
const NO_TLS: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'EPROTO',
]);

/** Why the keys of a provider cannot be fetched, for the operator. */
export class ProviderTrouble extends Error {
  /**
   * @param what what is wrong
   * @param next what to do about it here
   * @param lasting whether only a change of the configuration, here or there, fixes it; otherwise it may pass by itself
   */
  constructor(
    readonly what: string,
    next: string,
    readonly lasting: boolean,
    options?: ErrorOptions,
  ) {
    super(`${what}: ${next}`, options);
    this.name = 'ProviderTrouble';
  }
}

/** A document of a provider. */
export type ProviderDocument = {
  readonly url: string;
  /** Its name in a sentence. */
  readonly named: string;
  /** What to do when the answer is something else. */
  readonly next: string;
};

const RETRIED = 'it is tried again by itself';

/**
 * Fetches a JSON object. Redirects are not followed: they could lead to other keys.
 *
 * @throws ProviderTrouble
 */
export async function fetchDocument(document: ProviderDocument): Promise<ReadonlyMap<string, unknown>> {
  const { url, named, next } = document;
  if (!isSecureUrl(url))
    throw new ProviderTrouble(`${named} is not an https URL (http only on a loopback address)`, next, true);
  const text = await fetchText(document);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new ProviderTrouble(`${named} is not JSON`, next, true, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ProviderTrouble(`${named} is no JSON object`, next, true);
  return new Map(Object.entries(value));
}

async function fetchText(document: ProviderDocument): Promise<string> {
  const { url, named, next } = document;
  try {
    const response = await fetch(url, {
      // covers the body as well
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
      headers: { accept: 'application/json' },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw refusal(response, document);
    }
    const text = textOf(await boundedBytes(response, document));
    if (text === undefined) throw new ProviderTrouble(`${named} is not UTF-8`, next, true);
    return text;
  } catch (error) {
    if (error instanceof ProviderTrouble) throw error;
    const cause = causeOf(error);
    if (NO_TLS.has(cause))
      throw new ProviderTrouble(
        `${named} cannot be reached (${cause})`,
        `what listens there speaks no TLS, as if it were an address of http: correct the issuer or its port; ${RETRIED}`,
        false,
        { cause: error },
      );
    throw new ProviderTrouble(
      `${named} cannot be reached (${cause})`,
      UNKNOWN_AUTHORITIES.has(cause)
        ? `give the certificate of its authority by NODE_EXTRA_CA_CERTS, and restart; ${RETRIED}`
        : `see that its address is right, that it runs, and that this machine can reach it; ${RETRIED}`,
      false,
      { cause: error },
    );
  }
}

function refusal({ status, headers }: Response, { named, next }: ProviderDocument): ProviderTrouble {
  const target = headers.get('location');
  if (status >= 300 && status < 400 && target !== null)
    return new ProviderTrouble(`${named} redirects to \`${target}\`, which is not followed`, next, true);
  const lasting = status >= 300 && status < 500 && !PASSING.has(status);
  return new ProviderTrouble(
    `${named} answers ${status}`,
    lasting ? next : `${RETRIED}; if it stays so, tell whoever runs the provider`,
    lasting,
  );
}

async function boundedBytes({ body }: Response, { named, next }: ProviderDocument): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (body !== null)
    for await (const chunk of body) {
      length += chunk.byteLength;
      // counted after it was decompressed; leaving the loop ends the connection
      if (length > MAX_BYTES)
        throw new ProviderTrouble(`${named} has more than ${MAX_BYTES} bytes`, next, true);
      chunks.push(chunk);
    }
  return Buffer.concat(chunks);
}

/** What went wrong on the network: the system's error code, if there is one. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return `no answer in ${TIMEOUT_MS / 1000} seconds`;
  const { cause } = error;
  return codeOf(cause) ?? (cause instanceof Error ? causeOf(cause) : error.message);
}
