import { createHash } from 'node:crypto';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * Builds a folder, unless what is in it is already of these sources and of the installed packages.
 *
 * @param {string} folder
 * @param {readonly string[]} sources files and folders, from the root of the repository; of these, specs do not count
 * @param {() => Promise<void>} build may empty the folder
 */
export async function unlessBuilt(folder, sources, build) {
  const stampFile = join(folder, '.stamp');
  const stamp = await stampOf(['package-lock.json', 'scripts/unless-built.mjs', ...sources]);
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return;
  await rm(stampFile, { force: true });
  await build();
  // last, so that an interrupted build is not taken for a finished one
  await writeFile(stampFile, stamp);
}

/** @param {readonly string[]} places */
async function stampOf(places) {
  const hash = createHash('sha256');
  for (const place of places)
    for (const file of await filesIn(join(ROOT, place)))
      hash.update(`${relative(ROOT, file)}\n`).update(
        createHash('sha256')
          .update(await readFile(file))
          .digest(),
      );
  return hash.digest('hex');
}

/** @param {string} place */
async function filesIn(place) {
  if ((await stat(place)).isFile()) return [place];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
