// Generates the Prisma client of each schema, unless what is there is already of this schema and this Prisma.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../', import.meta.url));
/** Where each client goes: that of the service, and those that an example and the specs of `@assent/client` ask. */
const GENERATED = {
  'prisma/schema.prisma': 'src/store/generated',
  'client/examples/schema.prisma': 'client/examples/generated',
  'client/test/prisma/schema.prisma': 'client/test/prisma/generated',
};

const require = createRequire(import.meta.url);
const manifestFile = require.resolve('prisma/package.json');
const manifest = JSON.parse(await readFile(manifestFile, 'utf8'));
const cli = join(dirname(manifestFile), manifest.bin.prisma);

for (const [schema, into] of Object.entries(GENERATED)) {
  const stampFile = join(root, into, '.stamp');
  const stamp = createHash('sha256')
    .update(`${manifest.version}\n`)
    .update(await readFile(join(root, schema)))
    .digest('hex');
  const stamped = await readFile(stampFile, 'utf8').catch(() => '');
  if (stamped === stamp) continue;
  await generate(schema);
  // Last, so that an interrupted run is not taken for a finished one.
  await writeFile(stampFile, stamp);
}

/** @param {string} schema */
async function generate(schema) {
  try {
    await promisify(execFile)(process.execPath, [cli, 'generate', '--schema', schema], {
      cwd: root,
      env: {
        ...process.env,
        // `generate` never starts the schema engine, but downloads it unless it is told of one. Any executable will do.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        CHECKPOINT_DISABLE: '1',
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
      },
    });
  } catch (error) {
    process.stderr.write(`${error.stdout}${error.stderr || error.message}\n`);
    process.exit(1);
  }
}
