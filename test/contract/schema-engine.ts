import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';

// Node has it, but leaves its types to those of the browser, which the project does not load.
declare const WebAssembly: {
  instantiate(
    code: Uint8Array,
    imports: Readonly<Record<string, object>>,
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>;
};

/**
 * Prisma's own schema engine, connected to a database.
 *
 * The one in WebAssembly, because it comes with `npm ci`; `prisma migrate` downloads its own from elsewhere. The package
 * expects a bundler to load the module, hence by hand here.
 */
export async function startSchemaEngine(
  database: SqlMigrationAwareDriverAdapterFactory,
): Promise<bindings.SchemaEngine> {
  await (loaded ??= load());
  return bindings.SchemaEngine.new(
    { datamodels: undefined },
    () => {},
    bindMigrationAwareSqlAdapterFactory(database),
  );
}

let loaded: Promise<void> | undefined;

async function load(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const code = await readFile(entry.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(code, { './schema_engine_bg.js': { ...bindings } });
  bindings.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start !== 'function') {
    throw new Error(
      '`@prisma/schema-engine-wasm` has no start function; install the version that package.json names',
    );
  }
  start();
}
