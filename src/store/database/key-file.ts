import { randomBytes, randomUUID } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, diskFaultOf, isMissing, makeFolder } from '../../disk.js';
import { KEY_BYTES, Vault } from './vault.js';
import { readText } from '../../text.js';

/**
 * The vault of a key file.
 *
 * @returns `undefined` when there is no such file
 * @throws when the file is not one that holds a key
 */
export async function readVault(path: string): Promise<Vault | undefined> {
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new Error(
      `cannot read the key file \`${path}\`: ${diskFaultOf(error) ?? 'make it readable'}; or set KEY_FILE`,
      { cause: error },
    );
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== KEY_BYTES)
    throw new Error(
      `the key file \`${path}\` does not hold a key: restore it, for it is ${KEY_BYTES} bytes in base64`,
    );
  return new Vault(key);
}

/** The vault of a new key, which is stored in the file; or of the key in the file if another process was faster. */
export async function createVault(path: string): Promise<Vault> {
  const fresh = join(dirname(path), `key.${randomUUID()}`);
  try {
    makeFolder(dirname(path), 0o700);
    await writeFile(fresh, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flush: true });
  } catch (cause) {
    await rm(fresh, { force: true });
    throw new Error(
      `cannot write the key file \`${path}\`: ${diskFaultOf(cause) ?? 'make its folder writable'}; or set KEY_FILE`,
      { cause },
    );
  }
  // a link fails if the file exists: no key is ever overwritten, and no reader sees half of one
  await link(fresh, path).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  await rm(fresh);
  const vault = await readVault(path);
  if (vault === undefined) throw new Error(`the key file \`${path}\` was taken away while it was written`);
  return vault;
}
