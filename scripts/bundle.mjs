// Puts the modules that the service and its commands load, ours and those of packages, into few files: `dist/start.js`, as
// the compiler wrote it, is replaced by one that loads them, and so is each command. The other modules of `dist/` stay, for
// tests. So production installs only the packages that cannot be bundled; the licences of the others are beside the bundle.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { writeLicences } from './licences.mjs';
import { PROGRAMS } from './programs.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DIST = join(ROOT, 'dist');
/** Folder of the bundle, in `dist/`. */
const FOLDER = 'bundle';

/** They load files that lie beside them. What production installs is these, and nothing else. */
const APART = /^(@electric-sql\/pglite|fs-native-extensions|pino)$/;
/** Nest loads these where they are installed, and here they are not. */
const ABSENT = /^@nestjs\/(microservices|websockets|platform-express)(\/|$)|^@fastify\/(multipart|view)$/;

/** @param {string} id */
const isOurs = (id) => id.startsWith(DIST + sep);
/** @param {string} id */
const isOfPackage = (id) => id.includes(`${sep}node_modules${sep}`);

/**
 * Our modules come with the compiler's maps, so that those of the bundle lead to TypeScript, and find the files that they
 * read from where they lay.
 *
 * @type {import('rolldown').Plugin}
 */
const compiled = {
  name: 'compiled',
  async load(id) {
    if (!isOurs(id)) return null;
    const [code, map] = await Promise.all([readFile(id, 'utf8'), readFile(`${id}.map`, 'utf8')]);
    const place = relative(join(DIST, FOLDER), id).replaceAll(sep, '/');
    return { code: code.replaceAll('import.meta.url', `new URL('${place}', import.meta.url).href`), map };
  },
  // Node reads every map that is named when it loads the file, and packages have no sources that anybody here could read
  generateBundle(_options, files) {
    for (const file of Object.values(files)) {
      if (file.type !== 'chunk' || file.sourcemapFileName === null || file.moduleIds.some(isOurs)) continue;
      file.code = file.code.replace(/\/\/# sourceMappingURL=\S+\s*$/, '');
      delete files[file.sourcemapFileName];
    }
  },
};

/** @param {Record<string, string>} input */
function open(input) {
  return rolldown({
    input,
    cwd: ROOT,
    platform: 'node',
    external: (id) => APART.test(id) || ABSENT.test(id),
    plugins: [compiled],
    // how long a plugin took is no fault of the bundle, and on a busy machine it takes long
    checks: { bundlerTimings: false },
    // a package that is not found would be missed when it is first needed, and not before
    onLog(_level, { message }) {
      throw new Error(message);
    },
  });
}

const WRITTEN = {
  dir: DIST,
  entryFileNames: '[name].js',
  // of two classes with one name, one is called otherwise in the file that holds both; Nest and we read names
  keepNames: true,
  sourcemap: true,
  sourcemapExcludeSources: true,
};

const service = await open({ start: join(DIST, 'start.js') });
const ofService = await service.write({
  ...WRITTEN,
  chunkFileNames: `${FOLDER}/[name].js`,
  codeSplitting: {
    groups: [
      { name: 'packages', test: isOfPackage, tags: ['$initial'] },
      { name: 'service', test: isOurs, tags: ['$initial'] },
    ],
  },
});
await service.close();
const nameOf = (/** @type {string} */ program) => program.replaceAll('/', '-');
const programs = await open(
  Object.fromEntries(PROGRAMS.map((program) => [nameOf(program), join(DIST, `${program}.js`)])),
);
const ofPrograms = await programs.write({
  ...WRITTEN,
  entryFileNames: `${FOLDER}/[name].js`,
  chunkFileNames: `${FOLDER}/programs-[name].js`,
});
await programs.close();
for (const program of PROGRAMS) {
  const way = '../'.repeat(program.split('/').length - 1);
  await writeFile(join(DIST, `${program}.js`), `import '${way}${FOLDER}/${nameOf(program)}.js';\n`);
  await rm(join(DIST, `${program}.js.map`));
}
// the map of what the compiler wrote there
await rm(join(DIST, 'start.js.map'));
await writeLicences([...ofService.output, ...ofPrograms.output], join(DIST, FOLDER));
