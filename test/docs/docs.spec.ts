/** The documentation names what the code has: no less, and nothing that is gone. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROLES } from '../../src/access/policy-permissions.js';
import { ConfigError, VARIABLES, readConfig } from '../../src/config.js';
import { CONDITIONS, SCOPES } from '../../src/decision/policy.js';
import { VOCABULARY } from '../../src/consent/receipts/vocabulary.js';
import { LINTS } from '../../src/decision/comparison/lint-codes.js';
import { REASONS } from '../../src/decision/reasons.js';
import { DomainError, ERRORS, type ErrorCode } from '../../src/errors.js';
import { problemAnswer } from '../../src/http/problem.js';
import { REFERENCE } from '../reference-policy.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Folders whose pages are not ours, and those whose name begins with a dot. */
const FOREIGN = /^(node_modules|dist|coverage|\..*)$/;
/** What npm does by itself; everything else that a page runs with it must be a script. */
const NPM_COMMANDS = new Set(['ci', 'install', 'pack']);

const scripts = scriptsOfPackage();
const pages = new Map(markdownBelow(ROOT).map((file) => [relative(ROOT, file), readFileSync(file, 'utf8')]));

function markdownBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return FOREIGN.test(entry.name) ? [] : markdownBelow(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
}

function page(file: string): string {
  const text = pages.get(file);
  if (text === undefined) throw new Error(`there is no page ${file}`);
  return text;
}

/** The rows of the first table below a heading, each as its cells. */
function tableBelow(file: string, heading: string): string[][] {
  const lines = page(file).split('\n');
  const at = lines.indexOf(heading);
  if (at < 0) throw new Error(`${file} has no heading "${heading}"`);
  const start = lines.findIndex((line, index) => index > at && line.startsWith('|'));
  if (start < 0) throw new Error(`${file} has no table below "${heading}"`);
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  const end = length < 0 ? lines.length : start + length;
  return lines.slice(start + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks in the first column of that table. */
function namesBelow(file: string, heading: string): string[] {
  return tableBelow(file, heading).flatMap(([cell = '']) => codeIn(cell));
}

function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** The page without its blocks of code, where nothing is a link or a heading. */
function prose(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count++) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** What is wrong with a link of a page; `undefined` when it leads somewhere, or out of the repository. */
function faultOf(file: string, target: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const linked = path === '' ? join(ROOT, file) : join(ROOT, dirname(file), decodeURI(path));
  if (!existsSync(linked)) return `${file}: ${target} leads to no file`;
  if (anchor === undefined || !linked.endsWith('.md')) return undefined;
  return anchorsOf(readFileSync(linked, 'utf8')).has(anchor)
    ? undefined
    : `${file}: ${target} leads to no heading`;
}

function scriptsOfPackage(): Set<string> {
  const description: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  if (typeof description !== 'object' || description === null || !('scripts' in description))
    return new Set();
  return new Set(Object.keys(description.scripts ?? {}));
}

describe('the tables', () => {
  it('of reasons has each reason once, in the order of precedence, with its line', () => {
    const told = tableBelow('docs/meaning.md', '## Reasons').map(([code, line]) => `${code} ${line}`);
    expect(told).toEqual(Object.entries(REASONS).map(([code, { line }]) => `\`${code}\` ${line}`));
  });

  it('of conditions has each condition once', () => {
    expect(namesBelow('docs/meaning.md', '## Conditions').toSorted()).toEqual(CONDITIONS.toSorted());
  });

  it('of obligations says what the reference policy says', () => {
    const told = tableBelow('docs/meaning.md', '## Obligations');
    expect(told).toEqual(
      REFERENCE.obligations.map(({ id, description }) => [`\`${id}\``, description.trim()]),
    );
  });

  it('of errors has each code once, with its status', () => {
    const told = tableBelow('docs/api.md', '## Errors').map(([code, status]) => `${code} ${status}`);
    const codes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);
    const known = codes.map((code) => `\`${code}\` ${problemAnswer(new DomainError(code, ''), '').status}`);
    expect(told.toSorted()).toEqual(known.toSorted());
  });

  it('of the routes that hear `Sec-GPC` has each that does', () => {
    const controllers = sourcesBelow(join(ROOT, 'src')).filter((file) => file.endsWith('.controller.ts'));
    const hearing = controllers.flatMap((file) => {
      const [head = '', ...routes] = readFileSync(file, 'utf8').split(/(?=^ {2}@(?:Get|Put|Post|Delete)\()/m);
      const prefix = /@Controller\('([^']*)'\)/.exec(head)?.[1] ?? '';
      return routes
        .filter((route) => route.includes('@HearsGpc()'))
        .map((route) => {
          const [, method = '', path = ''] = /@(\w+)\((?:'([^']*)')?\)/.exec(route) ?? [];
          return `${method.toUpperCase()} /${prefix}/${path}`.replaceAll(/:(\w+)/g, '{$1}');
        });
    });
    expect(hearing).not.toEqual([]);
    const told = namesBelow('docs/signals.md', '### Routes that hear the header');
    expect(told.toSorted()).toEqual(hearing.toSorted());
  });

  it('of variables has each variable once', () => {
    expect(namesBelow('docs/configuration.md', '## Variables').toSorted()).toEqual(
      Object.keys(VARIABLES).toSorted(),
    );
  });

  it('of variables is followed by a refusal as it is worded', () => {
    const [, settings = '', refusal = ''] =
      /^(\w+=.+) node dist\/main\.js\n```\n\n```text\nassent did not start: ([\s\S]+?)\n```/m.exec(
        page('docs/configuration.md'),
      ) ?? [];
    const env = Object.fromEntries(settings.split(' ').map((setting) => setting.split('=')));
    expect(() => readConfig(env)).toThrow(new ConfigError(refusal.split('\n  - ').slice(1)));
  });

  it('of scopes says what the code says', () => {
    const told = tableBelow('docs/configuration.md', '## Scopes');
    expect(told).toEqual(Object.entries(SCOPES).map(([scope, meaning]) => [`\`${scope}\``, meaning]));
  });

  it('of roles says what the code says', () => {
    const told = tableBelow('docs/changing-a-policy.md', '## Roles');
    expect(told).toEqual(Object.entries(ROLES).map(([role, meaning]) => [`\`${role}\``, meaning]));
  });

  it('of the terms of receipts says what the vocabulary says', () => {
    const told = tableBelow('docs/receipts.md', '### Terms of our own');
    expect(told).toEqual(Object.entries(VOCABULARY).map(([term, meaning]) => [`\`${term}\``, meaning]));
  });

  it('of lints says what the code says', () => {
    const told = tableBelow('docs/changing-a-policy.md', '## Lints');
    expect(told).toEqual(Object.entries(LINTS).map(([code, meaning]) => [`\`${code}\``, meaning]));
  });
});

describe.each([...pages])('%s', (file, text) => {
  it('links to what is there', () => {
    const links = [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    expect(links.map((target) => faultOf(file, target)).filter(Boolean)).toEqual([]);
  });

  it('runs only scripts that package.json has', () => {
    const commands = [...text.matchAll(/```[\s\S]*?```|`[^`]+`/g)].flatMap(([code]) => [
      ...code.matchAll(/\bnpm (run )?(?:-s )?([a-z][a-z:-]*)/g),
    ]);
    const missing = commands.filter(
      ([, run, name = '']) => !scripts.has(name) && (run !== undefined || !NPM_COMMANDS.has(name)),
    );
    expect(missing.map(([command]) => command)).toEqual([]);
  });

  it('names only files that are there', () => {
    const paths = codeIn(prose(text)).filter((code) =>
      /^(src|test|docs|policies|prisma|scripts)\/[\w./-]*$/.test(code),
    );
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
