// Builds the package into `client/dist/`: a bundle for each export, which holds what it uses of the decision core, and the
// declarations of types.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';

const CLIENT = fileURLToPath(new URL('../', import.meta.url));
const ROOT = join(CLIENT, '..');
const DIST = join(CLIENT, 'dist');
const TYPES = join(DIST, 'types');
/** What is exported or run, by the name of its bundle. */
const ENTRIES = {
  index: 'index',
  testing: 'in-process',
  obligations: 'obligations/index',
  nest: 'nest/index',
  express: 'express',
  fastify: 'fastify',
  grants: 'grants/index',
  prisma: 'prisma/index',
  assent: 'cli/assent',
};
/** What only the entries for NestJS and Prisma use, of whoever uses those. */
const { peerDependencies } = JSON.parse(await readFile(join(CLIENT, 'package.json'), 'utf8'));
const isPeer = (name) => Object.keys(peerDependencies).some((peer) => `${name}/`.startsWith(`${peer}/`));

await rm(DIST, { recursive: true, force: true });

const bundle = await rolldown({
  input: Object.fromEntries(
    Object.entries(ENTRIES).map(([name, file]) => [name, join(CLIENT, `src/${file}.ts`)]),
  ),
  cwd: CLIENT,
  platform: 'node',
  external: isPeer,
  tsconfig: join(CLIENT, 'tsconfig.json'),
  // a package that is not found would be missed by whoever installs this one without ours
  onLog(_level, { message }) {
    throw new Error(message);
  },
});
const written = await bundle.write({
  dir: DIST,
  entryFileNames: '[name].js',
  chunkFileNames: 'parts/[name].js',
  sourcemap: false,
  // lines stay as they are, so that a stack trace says something; what is exported is described in the declarations
  comments: { jsdoc: false },
});
await bundle.close();
await copyLicences(written.output);

const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
await promisify(execFile)(process.execPath, [compiler, '-p', join(CLIENT, 'tsconfig.build.json')], {
  cwd: ROOT,
}).catch(({ stdout }) => {
  throw new Error(`the declarations cannot be made:\n${stdout}`);
});
await keepReachable();

/**
 * Copies our licence, and those of the packages that are in the bundles, as these ask of whoever passes them on.
 *
 * @param {import('rolldown').RolldownOutput['output']} files
 */
async function copyLicences(files) {
  const modules = files.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  const packages = new Set(
    modules
      .map((id) => /^.*[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/.exec(id))
      .filter((found) => found !== null),
  );
  await mkdir(join(DIST, 'licences'));
  await copyFile(join(ROOT, 'LICENSE'), join(DIST, 'licences', 'assent.txt'));
  for (const [folder, name] of packages) {
    const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
    if (licence === undefined)
      throw new Error(`the package \`${name}\` is bundled and has no licence to pass on`);
    await copyFile(join(folder, licence), join(DIST, 'licences', `${name.replace(/[/\\]/g, '-')}.txt`));
  }
}

/** Removes the declarations that no export leads to: those of the decision core name packages that are not installed. */
async function keepReachable() {
  const reached = new Set();
  const open = Object.values(ENTRIES).map((file) => join(TYPES, 'client/src', `${file}.d.ts`));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const text = await readFile(file, 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:from|import\() ?['"]([^'"]+)['"]/g)) {
      if (name.startsWith('.')) open.push(join(dirname(file), name.replace(/\.js$/, '.d.ts')));
      else if (!name.startsWith('node:') && !isPeer(name))
        throw new Error(`${file} needs the package \`${name}\``);
    }
  }
  for (const name of await readdir(TYPES, { recursive: true })) {
    const file = join(TYPES, name);
    if (file.endsWith('.ts') && !reached.has(file)) await rm(file);
  }
}
