/**
 * Signs requests to AWS: Signature Version 4, as "Create a signed AWS API request" in the IAM User Guide has it, for paths
 * and no queries.
 */
import { createHash, createHmac } from 'node:crypto';

/** Who signs. */
export type AwsCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of credentials that end; absent: they do not. */
  readonly sessionToken?: string | undefined;
};

export type AwsRequest = {
  readonly method: string;
  readonly url: URL;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Where a signature counts. */
export type AwsScope = { readonly region: string; readonly service: string };

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * The headers of a request with its signature.
 *
 * @param at the time, which the service compares with its own, in milliseconds since the Unix epoch
 */
export function signedHeaders(
  { method, url, headers, body }: AwsRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { region, service }: AwsScope,
  at: number,
): Record<string, string> {
  const time = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const all: Record<string, string> = {
    ...headers,
    host: url.host,
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(all).toSorted();
  const named = names.join(';');
  const lines = names.map((name) => `${name}:${all[name]?.trim().replaceAll(/ +/g, ' ')}\n`);
  const canonical = [method, url.pathname, '', lines.join(''), named, sha256(body)].join('\n');
  const scope = [day, region, service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>((before, part) => hmac(before, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, [ALGORITHM, time, scope.join('/'), sha256(canonical)].join('\n'));
  // `fetch` writes the host by itself
  const { host: _host, ...written } = all;
  return {
    ...written,
    authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${named}, Signature=${signature.toString('hex')}`,
  };
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
