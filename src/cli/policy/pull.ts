/** `npm run -s policy -- pull`: a version of a server as the files of a folder. */
import { access, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { PolicyDocument } from '../../decision/policy.js';
import { layoutOf, textOfFile } from '../../policy/text/policy-layout.js';
import { parsePolicyText } from '../../policy/text/policy-text.js';
import { writePolicyYaml } from '../../policy/text/policy-writer.js';
import { PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Source, readFolder, readVersion, versionIn } from './source.js';
import { type Command, EXIT, UsageError, argumentsOf, count, paint, say } from '../terminal.js';
import { makeFolder } from '../../disk.js';
import { readText } from '../../text.js';

const SCHEMA = 'policy.schema.json';

export const pull: Command = {
  help: `usage: npm run -s policy -- pull [VERSION] [options]

Writes a version (sha256:…; default current) as one YAML text to standard output, or as the files of a folder. Files that
say the same already are left as they are, with their comments. A service with the scope policies:read may.

  --into FOLDER        write files, laid out as in policies/
  --force              also over files that say something else
${SERVER_HELP}

exit code: 0 it was written, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { into: { type: 'string' }, force: { type: 'boolean' }, ...SERVER_OPTIONS },
      ['[VERSION]'],
    );
    const [version = 'current'] = positionals;
    const id = versionIn(version);
    if (id === undefined)
      throw new UsageError(`\`${version}\` is no version: write \`current\`, or \`sha256:\` and 64 digits`);
    const source = await readVersion(id, await PolicyServer.from(values));
    if (values.into === undefined)
      process.stdout.write(`# ${source.id}\n${writePolicyYaml(source.document)}`);
    else await writeFolder(source, values.into, values.force === true);
    return EXIT.fine;
  },
};

async function writeFolder({ id, document }: Source, folder: string, force: boolean): Promise<void> {
  const layout = layoutOf(document);
  await refuseOthers(folder, layout);
  const same = new Set<string>();
  for (const [file, content] of layout) {
    const standing = await contentOf(join(folder, file));
    if (isDeepStrictEqual(standing, content)) same.add(file);
    else if (standing !== undefined && !force)
      throw new Error(
        `\`${join(folder, file)}\` says something else: commit it, and pull with --force to write over it`,
      );
  }
  const hasSchema = await exists(join(folder, SCHEMA));
  say(paint('dim', id));
  for (const [file, content] of layout) {
    const path = join(folder, file);
    say(`${same.has(file) ? paint('dim', 'as it was  ') : 'written    '}${path}`);
    if (!same.has(file)) await writeContent(path, content, hasSchema ? join(folder, SCHEMA) : undefined);
  }
  const written = layout.size - same.size;
  await mustBe(id, folder);
  say(`\n${count(written, 'file')} written, ${same.size} as before; read again, they are the same version`);
}

/** Other files in the folder would be read as part of the version. */
async function refuseOthers(folder: string, layout: ReadonlyMap<string, unknown>): Promise<void> {
  if (!(await exists(folder))) return;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const other = entries
    .filter(({ name }) => /\.ya?ml$/i.test(name) && !/\.test\.ya?ml$/i.test(name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .find((file) => !layout.has(file));
  if (other !== undefined)
    throw new Error(
      `\`${join(folder, other)}\` is no part of the version: move it away, or pull into another folder`,
    );
}

/** The content of a file; `undefined`: it does not exist. */
async function contentOf(path: string): Promise<unknown> {
  if (!(await exists(path))) return undefined;
  return parsePolicyText(await readText(path)).value ?? null;
}

async function writeContent(
  path: string,
  content: Partial<PolicyDocument>,
  schema: string | undefined,
): Promise<void> {
  makeFolder(dirname(path));
  await writeFile(path, textOfFile(content, schema === undefined ? undefined : schemaFrom(path, schema)));
}

function schemaFrom(path: string, schema: string): string {
  const way = relative(dirname(path), schema).replaceAll('\\', '/');
  return way.startsWith('.') ? way : `./${way}`;
}

async function mustBe(id: string, folder: string): Promise<void> {
  if ((await readFolder(folder)).id !== id)
    throw new Error(
      `read again, \`${folder}\` is another version than \`${id}\`: do not use it, and report this`,
    );
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
