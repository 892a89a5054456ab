// Makes the folder that runs in production (`npm run pack -- FOLDER`): the built service, its policies and migrations, and the
// few packages that are not in its bundle. It needs Node alone. What it packs is built before, unless it is of these sources.
import { cp, lutimes, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ALLOWED_LICENCES } from './licences.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const [given] = process.argv.slice(2);
if (given === undefined) throw new Error('name the folder that is to be made');
const folder = resolve(given);
if (existsSync(folder) && (await readdir(folder)).length > 0)
  throw new Error(`\`${folder}\` is not empty: name another folder, or empty it`);

/** @param {string} file */
const json = async (file) => JSON.parse(await readFile(join(ROOT, file), 'utf8'));

const manifest = await json('package.json');
const lock = await json('package-lock.json');
const installed = Object.entries(lock.packages)
  .filter(
    ([place, { dev, devOptional, link }]) =>
      place.startsWith('node_modules/') && !dev && !devOptional && !link,
  )
  .map(([place, { version, license }]) => ({
    place,
    name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version,
    licence: license,
  }));
const bundled = [
  ...(await json('dist/bundle/packages.json')),
  ...(await json('dist/console/licences/packages.json')),
  ...(await json('dist/settings/licences/packages.json')),
];
const foreign = installed.find(({ licence }) => !ALLOWED_LICENCES.has(licence));
if (foreign !== undefined)
  throw new Error(`\`${foreign.name}\` has the licence \`${foreign.licence}\`: see scripts/licences.mjs`);

await mkdir(folder, { recursive: true });
for (const part of [
  'dist',
  'policies',
  'prisma/migrations',
  'deploy/traces.mjs',
  'LICENSE',
  ...installed.map(({ place }) => place),
])
  await cp(join(ROOT, part), join(folder, part), {
    recursive: true,
    dereference: true,
    filter: (source) => !/\.d\.[cm]?ts$|\.stamp$/.test(source),
  });
const { name, version, license, type, engines, dependencies } = manifest;
// with them, for npm removes what no manifest asks for when it installs something beside it
await writeJson('package.json', { name, version, private: true, license, type, engines, dependencies });
await writeJson('sbom.json', billOf([...installed, ...bundled]));
if (process.env['SOURCE_DATE_EPOCH'] !== undefined) await dateAll(Number(process.env['SOURCE_DATE_EPOCH']));

const size = await sizeOf(folder);
process.stdout.write(
  `${folder}: ${Math.round(size / 1e6)} MB, ${installed.length} packages installed, ${bundled.length} in bundles\n`,
);

/** @param {string} file @param {unknown} value */
function writeJson(file, value) {
  return writeFile(join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
}

/** What is in it, for scanners (CycloneDX 1.5). Without a time and a serial number, so that it is the same for the same content. */
function billOf(/** @type {readonly { name: string, version: string, licence: string }[]} */ packages) {
  const byPurl = new Map(
    packages.map(({ name, version, licence }) => {
      const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
      return [
        purl,
        { type: 'library', 'bom-ref': purl, name, version, purl, licenses: [{ license: { id: licence } }] },
      ];
    }),
  );
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name: manifest.name, version: manifest.version } },
    components: [...byPurl.values()].toSorted((a, b) => (a.purl < b.purl ? -1 : 1)),
  };
}

/** Gives all files the same time, so that two packs of the same commit are the same bytes. @param {number} seconds */
async function dateAll(seconds) {
  for (const entry of await readdir(folder, { recursive: true }))
    await lutimes(join(folder, entry), seconds, seconds);
  await lutimes(folder, seconds, seconds);
}

/** @param {string} place */
async function sizeOf(place) {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, one) => sum + one, 0);
}
