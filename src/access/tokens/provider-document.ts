/** What an OpenID provider publishes, fetched within bounds: nothing that it answers can fill the memory or hold a request. */
import { isSecureUrl } from '../../secure-url.js';
import { parseJson } from '../../json.js';
import { textOf } from '../../text.js';

const TIMEOUT_MS = 5_000;
/** The documents of real providers have some ten kilobytes. */
const MAX_BYTES = 1_048_576;
/** Statuses of 4xx that pass by themselves. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Why the keys of a provider cannot be had, in words for whoever runs the service. */
export class ProviderTrouble extends Error {
  /** @param lasting whether only a change of the configuration, here or there, mends it; otherwise time may */
  constructor(
    message: string,
    readonly lasting: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ProviderTrouble';
  }
}

/**
 * Fetches a JSON object. Redirects are not followed: whoever may redirect could name other keys.
 *
 * @param what names the document in words
 * @throws ProviderTrouble
 */
export async function fetchDocument(url: string, what: string): Promise<ReadonlyMap<string, unknown>> {
  const named = `${what} \`${url}\``;
  if (!isSecureUrl(url))
    throw new ProviderTrouble(`${named} is not an https URL (http only on a loopback address)`, true);
  const text = await fetchText(url, named);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new ProviderTrouble(`${named} is not JSON`, true, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ProviderTrouble(`${named} is no JSON object`, true);
  return new Map(Object.entries(value));
}

async function fetchText(url: string, named: string): Promise<string> {
  try {
    const response = await fetch(url, {
      // holds for the body as well
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
      headers: { accept: 'application/json' },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw refusal(response, named);
    }
    const text = textOf(await boundedBytes(response, named));
    if (text === undefined) throw new ProviderTrouble(`${named} is not UTF-8`, true);
    return text;
  } catch (error) {
    if (error instanceof ProviderTrouble) throw error;
    throw new ProviderTrouble(`${named} cannot be reached (${causeOf(error)})`, false, { cause: error });
  }
}

function refusal({ status, headers }: Response, named: string): ProviderTrouble {
  const target = headers.get('location');
  if (status >= 300 && status < 400 && target !== null)
    return new ProviderTrouble(`${named} redirects to \`${target}\`, which is not followed`, true);
  return new ProviderTrouble(
    `${named} answers ${status}`,
    status >= 300 && status < 500 && !PASSING.has(status),
  );
}

async function boundedBytes({ body }: Response, named: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (body !== null)
    for await (const chunk of body) {
      length += chunk.byteLength;
      // counted after it was decompressed; leaving the loop ends the connection
      if (length > MAX_BYTES) throw new ProviderTrouble(`${named} has more than ${MAX_BYTES} bytes`, true);
      chunks.push(chunk);
    }
  return Buffer.concat(chunks);
}

/** What went wrong on the network: the code of the system where there is one. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return `no answer in ${TIMEOUT_MS / 1000} seconds`;
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? causeOf(cause) : error.message;
}
