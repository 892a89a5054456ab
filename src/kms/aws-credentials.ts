/** Where the credentials for AWS come from. */
import { diskFaultOf, readWithin } from '../disk.js';
import { jsonOf, memberOf } from '../json.js';
import type { AwsCredentials } from './sigv4.js';

/**
 * Credentials, with the absolute paths of those that are in files, which are renewed where they are temporary; or the place
 * where the machine hands out some that end: that of the Pod Identity of EKS, or of a task of ECS ("Container credential
 * provider", AWS SDKs and Tools Reference Guide).
 */
export type AwsCredentialSource =
  | (AwsCredentials & {
      readonly accessKeyIdFile?: string | undefined;
      readonly secretAccessKeyFile?: string | undefined;
      readonly sessionTokenFile?: string | undefined;
    })
  | {
      readonly url: string;
      /** Absolute path of the file of what authorises the request, which is renewed; absent: nothing has to. */
      readonly tokenFile?: string | undefined;
    };

const TIMEOUT_MS = 2_000;
/** Of the file of a token, or of credentials: a larger one is another one. */
const MOST_BYTES = 16_384;

/**
 * The credentials as they are now. Keys are unwrapped so seldom that none are kept.
 *
 * @throws Error with a message for people, which repeats no secret
 */
export async function awsCredentialsOf(source: AwsCredentialSource): Promise<AwsCredentials> {
  if (!('url' in source)) {
    const { accessKeyIdFile, secretAccessKeyFile, sessionTokenFile } = source;
    return {
      accessKeyId: (await newest('AWS_ACCESS_KEY_ID_FILE', accessKeyIdFile)) ?? source.accessKeyId,
      secretAccessKey:
        (await newest('AWS_SECRET_ACCESS_KEY_FILE', secretAccessKeyFile)) ?? source.secretAccessKey,
      sessionToken: (await newest('AWS_SESSION_TOKEN_FILE', sessionTokenFile)) ?? source.sessionToken,
    };
  }
  const { url, tokenFile } = source;
  const token = await newest('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', tokenFile);
  const place = `the container credential provider at \`${url}\``;
  const response = await fetch(url, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
    headers: token === undefined ? {} : { authorization: token },
  }).catch((error: unknown) => {
    throw new Error(
      `${place} cannot be reached: see that its address is as the machine has set it, in AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, and that its agent runs`,
      { cause: error },
    );
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(
      `${place} answers ${response.status}: see that this pod or task has a role, and that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is as the machine has set it`,
    );
  const given = jsonOf(text);
  const [accessKeyId, secretAccessKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'Token'].map(
    (name) => memberOf(given, name),
  );
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string')
    throw new Error(`${place} gives no credentials: see that this pod or task has a role`);
  return {
    accessKeyId,
    secretAccessKey,
    ...(typeof sessionToken === 'string' ? { sessionToken } : {}),
  };
}

/** What a file has now; `undefined`: there is none. */
async function newest(variable: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const named = `${variable} names \`${file}\`, which`;
  const bytes = await readWithin(file, MOST_BYTES).catch((error: unknown) => {
    throw new Error(`${named} cannot be read: ${diskFaultOf(error) ?? 'correct the path'}`, { cause: error });
  });
  if (bytes === undefined) throw new Error(`${named} is no file of at most ${MOST_BYTES} bytes: name one`);
  return bytes.toString().trim();
}
