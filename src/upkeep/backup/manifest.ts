/** What a backup says of itself. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../../disk.js';
import { memberOf, parseJson } from '../../json.js';

export const MANIFEST = 'backup.json';
export const POSTGRES = 'postgres';
export const RECORD = 'record';
export const KEY = 'key';
export const FORMAT = 1;

export type Manifest = {
  readonly format: number;
  /** When the database stood still. */
  readonly at: string;
  /** All its folders, for some are empty. */
  readonly folders: readonly string[];
  /** The digests of all its files, by their paths. */
  readonly files: Readonly<Record<string, string>>;
};

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}

/** @throws Error with a message for people, when the folder is no backup that this build reads */
export async function readManifest(backup: string): Promise<Manifest> {
  const text = await readFile(join(backup, MANIFEST), 'utf8').catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    throw new Error(`\`${backup}\` is no backup: it has no \`${MANIFEST}\``);
  });
  const value = parseJson(text);
  const [format, at] = [memberOf(value, 'format'), memberOf(value, 'at')];
  const [folders, files] = [memberOf(value, 'folders'), memberOf(value, 'files')];
  if (format !== FORMAT)
    throw new Error(`\`${backup}\` was made by another build: restore it with the build that made it`);
  if (typeof at !== 'string' || !Array.isArray(folders) || typeof files !== 'object' || files === null)
    throw new Error(`\`${MANIFEST}\` in \`${backup}\` is not as it was written: take another backup`);
  const inside = (path: string): string => {
    if (path.startsWith('/') || path.split('/').includes('..'))
      throw new Error(`\`${MANIFEST}\` in \`${backup}\` names a file outside it: take another backup`);
    return path;
  };
  const digests = Object.entries(files).map(([path, digest]): [string, string] => [
    inside(path),
    String(digest),
  ]);
  return {
    format,
    at,
    folders: folders.map((path) => inside(String(path))),
    files: Object.fromEntries(digests),
  };
}
