import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

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
 * @throws Error when a package has another licence than those that are allowed, or one whose text is not known
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
  const { name, version, license, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (!ALLOWED_LICENCES.has(license))
    throw new Error(
      `\`${name}\` has the licence \`${license}\`: read it, and leave the package out or allow it in scripts/licences.mjs`,
    );
  const files = (await readdir(folder))
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const text = texts.join('\n').trim();
  return {
    name,
    version,
    licence: license,
    text: text === '' ? await standardText(license, name, author) : text,
  };
}

/**
 * The text of a licence that a package names, and has no file of.
 *
 * @param {string} licence @param {string} name @param {unknown} author as in a `package.json`
 */
async function standardText(licence, name, author) {
  if (licence === 'Apache-2.0')
    return readFile(fileURLToPath(new URL('../LICENSE', import.meta.url)), 'utf8');
  const holder = String(Object(author).name ?? author ?? '').replace(/\s*[<(].*$/, '');
  if (licence === 'MIT') return MIT.replace('HOLDER', holder === '' ? `the authors of ${name}` : holder);
  // it dedicates the package to the public domain, and asks nobody to pass on a text
  if (licence === 'Unlicense') return 'https://unlicense.org';
  throw new Error(
    `\`${name}\` has no file of its licence \`${licence}\`: add the text to scripts/licences.mjs`,
  );
}

/** As SPDX has it (https://spdx.org/licenses/MIT.html). */
const MIT = `MIT License

Copyright (c) HOLDER

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
