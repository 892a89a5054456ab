// Builds the console into `console/dist/`, unless what is there is already of these sources, and copies it to where the
// service serves it from.
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { writeLicences } from '../../scripts/licences.mjs';
import { unlessBuilt } from '../../scripts/unless-built.mjs';

const CONSOLE = fileURLToPath(new URL('../', import.meta.url));
const ROOT = join(CONSOLE, '..');
const DIST = join(CONSOLE, 'dist');
const SERVED = join(ROOT, 'dist', 'console');
const SOURCES = [
  ...['package.json', 'tsconfig.json', 'vite.config.ts', 'scripts', 'src'].map((place) => `console/${place}`),
  'src/decision',
  'src/policy/text',
  'src/json.ts',
  'policies/policy.schema.json',
  'scripts/licences.mjs',
];
const ENTRY = 'src/main.tsx';

/** Holds that a change of any file that it is made of makes another build. */
const ofKnownSources = {
  name: 'of-known-sources',
  moduleParsed({ id }) {
    const [file = ''] = id.split('?');
    const place = relative(ROOT, file).replaceAll('\\', '/');
    if (!isAbsolute(file) || file.includes('node_modules')) return;
    if (!SOURCES.some((source) => place === source || place.startsWith(`${source}/`)))
      throw new Error(`the console is made of \`${place}\`, which is none of its sources: add it`);
  },
};

await unlessBuilt(DIST, SOURCES, build);
await rm(SERVED, { recursive: true, force: true });
await mkdir(dirname(SERVED), { recursive: true });
await cp(DIST, SERVED, { recursive: true });

async function build() {
  const { build: bundle, loadConfigFromFile } = await import('vite');
  const env = { command: 'build', mode: 'production' };
  const { config } = await loadConfigFromFile(env, join(CONSOLE, 'vite.config.ts'));
  const worker = { ...config.worker, plugins: () => [...config.worker.plugins(), ofKnownSources] };
  const built = await bundle({ ...config, worker, plugins: [ofKnownSources], configFile: false });
  // what its Worker has besides, the service has as well, and lists it
  await writeLicences(
    [built].flat().flatMap(({ output }) => output),
    join(DIST, 'licences'),
  );
  const manifest = JSON.parse(await readFile(join(DIST, 'manifest.json'), 'utf8'));
  await rm(join(DIST, 'manifest.json'));
  const icon = await iconIn(join(CONSOLE, 'src', 'icon.svg'));
  const names = (await readdir(DIST)).filter((name) => /\.(js|css|svg)$/.test(name));
  for (const name of names) {
    const bytes = await readFile(join(DIST, name));
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    await writeFile(join(DIST, `${name}.br`), await promisify(brotliCompress)(bytes, { params }));
  }
  const { file, css = [], imports = [] } = manifest[ENTRY];
  const first = [file, ...imports.map((name) => manifest[name].file)];
  await writeFile(join(DIST, 'files.json'), JSON.stringify({ entry: file, styles: css, first, names, icon }));
}

/** Copies the icon under a name that changes with it. */
async function iconIn(file) {
  const bytes = await readFile(file);
  const name = `icon-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.svg`;
  await writeFile(join(DIST, name), bytes);
  return name;
}
