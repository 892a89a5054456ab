// Builds the page into `settings/dist/`, unless what is there is already of these sources, and copies it to where the
// service serves it from.
import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { writeLicences } from '../../scripts/licences.mjs';
import { unlessBuilt } from '../../scripts/unless-built.mjs';

const SETTINGS = fileURLToPath(new URL('../', import.meta.url));
const ROOT = join(SETTINGS, '..');
const DIST = join(SETTINGS, 'dist');
const SERVED = join(ROOT, 'dist', 'settings');
const SOURCES = [
  ...['package.json', 'tsconfig.json', 'scripts', 'src'].map((place) => `settings/${place}`),
  'scripts/licences.mjs',
];

await unlessBuilt(DIST, SOURCES, build);
await rm(SERVED, { recursive: true, force: true });
await mkdir(dirname(SERVED), { recursive: true });
await cp(DIST, SERVED, { recursive: true });

async function build() {
  const { rolldown } = await import('rolldown');
  await rm(DIST, { recursive: true, force: true });
  const bundle = await rolldown({
    input: { 'assent-settings': join(SETTINGS, 'src', 'index.ts') },
    cwd: SETTINGS,
    platform: 'browser',
    tsconfig: join(SETTINGS, 'tsconfig.json'),
    plugins: [{ name: 'style', load: (id) => (id.endsWith('.css') ? styleIn(id) : null) }],
    moduleTypes: { '.css': 'js' },
    // what is in both stays in the first script: one of its own would be one more to wait for
    preserveEntrySignatures: 'allow-extension',
    onLog(_level, { message }) {
      throw new Error(message);
    },
  });
  const { output } = await bundle.write({
    dir: DIST,
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: '[name]-[hash].js',
    minify: true,
    sourcemap: false,
  });
  await bundle.close();
  // what is in it, and our own, as both ask of whoever passes them on
  await writeLicences(output, join(DIST, 'licences'));
  await copyFile(join(ROOT, 'LICENSE'), join(DIST, 'licences', 'assent.txt'));
  const entry = output.find((file) => file.type === 'chunk' && file.isEntry);
  // hosts embed it by this name, and never load it twice: it is the same module as that of the service's own page
  await writeFile(
    join(DIST, 'assent-settings.js'),
    `export { AssentSettings } from './${entry.fileName}';\n`,
  );
  await copyFile(join(SETTINGS, 'src', 'published.d.ts'), join(DIST, 'assent-settings.d.ts'));
  const names = (await readdir(DIST)).filter((name) => name.endsWith('.js'));
  for (const name of names) {
    const bytes = await readFile(join(DIST, name));
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    await writeFile(join(DIST, `${name}.br`), await promisify(brotliCompress)(bytes, { params }));
  }
  const icon = await iconIn(join(SETTINGS, 'src', 'icon.svg'));
  const list = { entry: entry.fileName, names: [...names, icon], icon, words: wordsIn(output) };
  await writeFile(join(DIST, 'files.json'), JSON.stringify(list));
}

/** The files of the page's own words, by language. */
function wordsIn(output) {
  const files = output.flatMap((file) => {
    const language = /\bwords\/([a-z]{2})\.ts$/.exec(file.facadeModuleId ?? '')?.[1];
    return language === undefined ? [] : [[language, file.fileName]];
  });
  return Object.fromEntries(files);
}

/** Copies the icon under a name that changes with it. */
async function iconIn(file) {
  const bytes = await readFile(file);
  const name = `icon-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.svg`;
  await writeFile(join(DIST, name), bytes);
  return name;
}

/** A stylesheet as a module, without what only its readers need. */
async function styleIn(file) {
  const text = await readFile(file, 'utf8');
  const short = text
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,>]) ?/g, '$1')
    .replaceAll(/: /g, ':')
    .replaceAll(';}', '}')
    .trim();
  return `export default ${JSON.stringify(short)};`;
}
