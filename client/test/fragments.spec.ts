/** Pages show pieces of programs, each of which compiles where what it uses is there. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const CLIENT = fileURLToPath(new URL('..', import.meta.url));
const PAGES = ['../docs/obligations.md', 'README.md'];
/** One that stands after the name of a file is a whole program, and has a test of its own. */
const PIECES = /(<!-- [^\n]+ -->\n\n)?```(?:js|ts)\n([^]*?)```/g;

const LIBRARY = `import {
  ParticipantsOnly, aggregateOnly, anything, deidentify, dpNoise, logDisclosure, minCohort, partOf, pseudonymise,
  rangesOf, retain, verdictOnly,
} from '@assent/client/obligations';
import type { Budget, Copy, DisclosureLog, Figure, Row } from '@assent/client/obligations';
import { type Answer, type Asked, type Assent, createAssent } from '@assent/client';
`;
/** What the pieces use and do not make themselves. */
const GIVEN = {
  assent: 'Assent',
  before: 'ReadonlySet<string>[]',
  budget: 'Budget',
  content: 'string',
  copies: 'Copy[]',
  countries: 'Parameters<typeof partOf>[0]',
  data: 'object',
  fields: 'string[]',
  figure: 'Figure',
  keys: 'Parameters<typeof pseudonymise>[1]',
  log: 'DisclosureLog',
  permits: 'Answer[]',
  purpose: 'string',
  questions: 'Asked[]',
  reason: 'string',
  rows: 'Row[]',
  rowsOf: '(answers: readonly Answer[]) => Row[]',
  scan: "(content: string) => 'clean' | 'malicious'",
  secret: 'Uint8Array',
  send: '(data: object) => Promise<void>',
  text: 'string',
  to: 'string',
  token: 'string',
  url: 'string',
  user: 'string',
};

const piecesOf = (page: string): string[] =>
  [...readFileSync(join(CLIENT, page), 'utf8').matchAll(PIECES)].flatMap(([, program, piece = '']) =>
    program === undefined ? [piece] : [],
  );

function moduleOf(piece: string): string {
  const given = Object.entries(GIVEN).filter(([name]) => !new RegExp(`const ${name} =`).test(piece));
  return `${LIBRARY}${given.map(([name, type]) => `declare const ${name}: ${type};\n`).join('')}${piece}`;
}

test('each piece compiles', () => {
  const pieces = new Map(
    PAGES.flatMap((page) =>
      piecesOf(page).map(
        (piece, at) => [join(CLIENT, 'test', `${at}-of-${dirname(page).length}.ts`), piece] as const,
      ),
    ),
  );
  expect(pieces.size).toBeGreaterThan(6);
  const { config } = ts.readConfigFile(join(CLIENT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, CLIENT);
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  host.readFile = (file) => {
    const piece = pieces.get(file);
    return piece === undefined ? ts.sys.readFile(file) : moduleOf(piece);
  };
  host.fileExists = (file) => pieces.has(file) || ts.sys.fileExists(file);
  const files = [...pieces.keys()];
  const program = ts.createProgram(files, { ...options, noEmit: true, noUnusedLocals: false }, host);
  const faults = files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) => {
        const line = source?.text.slice(start).split('\n')[0];
        return `${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    );
  });
  expect(faults).toEqual([]);
});
