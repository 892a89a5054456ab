import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { Protocol } from './simulation.js';

const SOURCE = new URL('../../../src/fleet/', import.meta.url);

/** The protocol with one place of its source written otherwise. @throws Error when the place is not there exactly once */
export async function mutant(file: string, is: string, becomes: string): Promise<Protocol> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-mutant-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    for (const name of readdirSync(SOURCE).filter(
      (each) => each.endsWith('.ts') && !each.endsWith('.spec.ts'),
    )) {
      const source = readFileSync(new URL(name, SOURCE), 'utf8');
      const parts = source.split(is);
      if (name === file && parts.length !== 2)
        throw new Error(`\`${file}\` has \`${is}\` ${parts.length - 1} times: write the mutant anew`);
      const { outputText } = ts.transpileModule(name === file ? parts.join(becomes) : source, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
      });
      writeFileSync(join(folder, name.replace(/ts$/, 'js')), outputText);
    }
    const load = (name: string): Promise<Protocol> => import(pathToFileURL(join(folder, name)).href);
    return {
      ...(await load('membership.js')),
      ...(await load('turns.js')),
      ...(await load('fleet.store.js')),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
