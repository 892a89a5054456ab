/** Builds the console: its script, its style, and the Worker, each under a name that changes with what is in it. */
import { fileURLToPath } from 'node:url';
import { type Plugin, defineConfig } from 'vite';

/** The Worker checks shapes by the schema; what it says for people is shown by the page. */
const withoutSentences: Plugin = {
  name: 'schema-without-sentences',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('policy.schema.json')
      ? JSON.stringify(JSON.parse(code), (key, value: unknown) =>
          ['description', 'title'].includes(key) && typeof value === 'string' ? undefined : value,
        )
      : null,
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // relative, so that it works below any path that the service is reached at
  base: './',
  publicDir: false,
  // the page draws nothing before its script runs, and asks for its chunks by itself
  build: {
    target: 'es2023',
    outDir: 'dist',
    assetsDir: '.',
    manifest: 'manifest.json',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: 'src/main.tsx',
      // `use client` says nothing to a page that is not drawn on a server
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
    reportCompressedSize: false,
  },
  worker: { format: 'es', plugins: () => [withoutSentences] },
  logLevel: 'warn',
});
