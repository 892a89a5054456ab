/** Secrets from files, which neither the environment of a process nor what copies it shows. */
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { codeOf, diskFaultOf } from './disk.js';
import { textOf } from './text.js';

/** Variables whose values are secrets. Each may also be in a file, named by the variable with `_FILE` at its end. */
export const SECRETS = [
  'DATABASE_URL',
  'OIDC_SIGN_IN_SECRET',
  // no secret, but temporary credentials have another one each time
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
] as const;

/** Maximum bytes of a secret: a larger file is another one. */
const MOST_BYTES = 16_384;
const READABLE_BY_OTHERS = 0o004;

/** Sentences for whoever starts the service; none repeats a secret. */
export type Said = { readonly problem: (text: string) => void; readonly warning: (text: string) => void };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment with what the files of its secrets contain. A line break at the end is not part of a secret.
 *
 * @param said gets a problem for each secret that is set twice or cannot be read, and a warning for each file that
 *   every user of the machine can read
 */
export function withSecrets(env: Environment, said: Said): Environment {
  const secrets = SECRETS.flatMap((name) => {
    const file = env[`${name}_FILE`];
    if (file === undefined || file === '') return [];
    if (env[name] !== undefined && env[name] !== '') {
      said.problem(`${name} and ${name}_FILE are set: set the one or the other`);
      return [];
    }
    const secret = secretIn(file, `${name}_FILE`, said);
    return secret === undefined ? [] : [[name, secret] as const];
  });
  return { ...env, ...Object.fromEntries(secrets) };
}

function secretIn(path: string, name: string, said: Said): string | undefined {
  const fault = (what: string): undefined => {
    said.problem(`${name} names \`${path}\`, ${what}`);
    return undefined;
  };
  let read: { bytes: Buffer; mode: number } | undefined;
  try {
    read = firstBytes(resolve(path));
  } catch (error) {
    const why =
      codeOf(error) === 'ENOENT'
        ? 'correct the path'
        : (diskFaultOf(error) ?? 'make it a file that it can read');
    return fault(`which cannot be read: ${why}`);
  }
  if (read === undefined) return fault('which is no file: name one');
  const { bytes, mode } = read;
  if (bytes.length > MOST_BYTES)
    return fault(`which has more than ${MOST_BYTES} bytes: name the file of the secret alone`);
  const secret = textOf(bytes)?.replace(/\r?\n$/, '');
  if (secret === undefined) return fault('which is not UTF-8: save it as such');
  if (secret === '') return fault('which is empty: write the secret to it');
  if (/[\r\n\0]/.test(secret)) return fault('which has more than one line: it must have the secret alone');
  warnOfReaders(`${name} names \`${path}\``, mode, said);
  return secret;
}

/** Warns where every user of the machine can read the key file. */
export function warnOfKeyReaders(keyFile: string, said: Said): void {
  try {
    warnOfReaders(`the key of the store is in \`${keyFile}\``, statSync(keyFile).mode, said);
  } catch {
    // whoever reads it says why that cannot be done
  }
}

function warnOfReaders(where: string, mode: number, said: Said): void {
  if ((mode & READABLE_BY_OTHERS) !== 0)
    said.warning(`${where}, which every user of this machine can read: take that right away (chmod o-r)`);
}

/**
 * As many bytes as a secret may have and one, and the mode of the file that they are from; `undefined`: it is a device, or
 * a pipe, which would be read once alone, and waited for.
 *
 * @throws the system's error
 */
function firstBytes(path: string): { bytes: Buffer; mode: number } | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(file);
    if (!found.isFile() && !found.isDirectory()) return undefined;
    const buffer = Buffer.alloc(MOST_BYTES + 1);
    let length = 0;
    for (let more = -1; more !== 0 && length < buffer.length; length += more)
      more = readSync(file, buffer, length, buffer.length - length, null);
    return { bytes: buffer.subarray(0, length), mode: found.mode };
  } finally {
    closeSync(file);
  }
}
