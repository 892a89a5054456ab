import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Licences that ask for no more than their text, or for nothing. */
export const ALLOWED_LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
]);

/**
 * Writes the licences of the packages that are in bundles, as they ask of whoever passes them on, and a list of these
 * packages for whoever looks for a vulnerable one.
 *
 * @param {readonly import('rolldown').OutputChunk[]} output
 * @param {string} into folder of `packages.json` and `licences.txt`
 * @throws Error when a package has another licence than those that are allowed
 */
export async function writeLicences(output, into) {
  await mkdir(into, { recursive: true });
  const places = new Set(
    output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds.flatMap(folderOf) : [])),
  );
  const packages = await Promise.all([...places].map(packageIn));
  packages.sort((a, b) => `${a.name} ${a.version}`.localeCompare(`${b.name} ${b.version}`, 'en'));
  const once = packages.filter(
    ({ name, version }, at) => name !== packages[at - 1]?.name || version !== packages[at - 1]?.version,
  );
  await writeFile(
    join(into, 'packages.json'),
    `${JSON.stringify(
      once.map(({ name, version, licence }) => ({ name, version, licence })),
      null,
      2,
    )}\n`,
  );
  await writeFile(
    join(into, 'licences.txt'),
    once
      .map(({ name, version, licence, text }) => `${name} ${version}: ${licence}\n\n${text}\n`)
      .join(`\n${'-'.repeat(80)}\n\n`),
  );
}

/** The folder of the package that a module is of. @param {string} id @returns {string[]} */
function folderOf(id) {
  const inPackages = `${sep}node_modules${sep}`;
  const at = id.lastIndexOf(inPackages);
  if (at < 0) return [];
  const parts = id.slice(at + inPackages.length).split(sep);
  const name = parts.slice(0, parts[0]?.startsWith('@') ? 2 : 1);
  return [join(id.slice(0, at + inPackages.length), ...name)];
}

/** @param {string} folder */
async function packageIn(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (!ALLOWED_LICENCES.has(license))
    throw new Error(
      `\`${name}\` has the licence \`${license}\`: read it, and leave the package out or allow it in scripts/licences.mjs`,
    );
  const files = (await readdir(folder))
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return { name, version, licence: license, text: texts.join('\n').trim() };
}
