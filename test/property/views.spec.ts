/**
 * The views of a data lake: what a mapping may say and what is wrong with it, and that whatever names it has, they stay
 * names. Each statement is run by DuckDB, or parsed by the grammar of its dialect.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { SparkSQL, TrinoSQL } from 'dt-sql-parser';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ViewMapping, readMapping } from '../../src/cli/policy/view-mapping.js';
import {
  type DialectName,
  type ViewsOf,
  nameWithout,
  viewStatements,
} from '../../src/cli/policy/view-sql.js';
import { REFERENCE } from '../reference-policy.js';
import { policiesOn } from '../at-once.js';
import { madeOfTwoGroups } from '../made-of-two-groups.js';
import { times } from '../times.js';
import { reference } from './arbitraries.js';

const POLICY = `sha256:${'0'.repeat(64)}`;
const PURPOSE = 'ai';

function mappingOf(text: string): ViewMapping {
  const read = readMapping(text, PURPOSE, reference);
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read.mapping;
}

const viewsOf = (mapping: ViewMapping): ViewsOf => ({
  compiled: reference,
  policy: POLICY,
  purpose: PURPOSE,
  mapping,
  isOpen: (field) => field !== 'member.salary',
  obligationsOf: () => ['deidentify'],
});

const statementsOf = (dialect: DialectName, mapping: ViewMapping): string[] =>
  viewStatements(dialect, viewsOf(mapping));

/** How many statements a text is, by the grammar of its dialect. @throws Error when it is not of the grammar */
function parsed(dialect: 'trino' | 'spark', text: string): number {
  const parser = dialect === 'trino' ? new TrinoSQL() : new SparkSQL();
  const [fault] = parser.validate(text);
  if (fault !== undefined) throw new Error(`${fault.message} in ${text}`);
  return parser.splitSQLByStatement(text)?.length ?? 0;
}

const PLAIN = `
tables:
  - table: lake.posts
    user: author
    visibility: audience
    columns: { text: post.text, media: post.media, note: null }
  - { table: [lake, members.v2], user: id, columns: { skills: member.skills, salary: member.salary } }
`;

describe('a mapping', () => {
  it('is a table for each view, with what is usual where nothing is said', () => {
    expect(mappingOf(PLAIN)).toEqual({
      permits: ['permits'],
      maxAgeMs: 86_400_000,
      tables: [
        {
          table: ['lake', 'posts'],
          view: ['lake', 'posts_for_ai'],
          user: 'author',
          visibility: 'audience',
          columns: [
            { column: 'text', field: 'post.text' },
            { column: 'media', field: 'post.media' },
          ],
          leftOut: ['author', 'audience', 'note'],
        },
        {
          table: ['lake', 'members.v2'],
          view: ['lake', 'members.v2_for_ai'],
          user: 'id',
          columns: [
            { column: 'skills', field: 'member.skills' },
            { column: 'salary', field: 'member.salary' },
          ],
          leftOut: ['id'],
        },
      ],
    });
  });

  it.each([
    ['1 minute', 60_000],
    ['90 minutes', 5_400_000],
    ['2 days', 172_800_000],
  ])('has permits that are good for %s', (age, expected) => {
    expect(mappingOf(`max_age: ${age}\n${PLAIN}`).maxAgeMs).toBe(expected);
  });

  const one = (rest: string) => `tables:\n  - table: posts\n    ${rest.replaceAll('\n', '\n    ')}\n`;
  it.each([
    ['an unknown field', one('user: a\ncolumns: { text: post.txt }'), 'did you mean `post.text`?', 4],
    ['a field far from any', one('user: a\ncolumns: { text: zzzzzz }'), 'write nothing in its place', 4],
    ['no user', one('columns: { text: post.text }'), '`user` is missing', 2],
    ['no columns', one('user: a'), '`columns` is missing', 2],
    ['an empty mapping of columns', one('user: a\ncolumns: {}'), 'is empty', 4],
    ['a column twice', one('user: a\ncolumns: { text: post.text, text: post.media }'), 'occurs twice', 4],
    [
      'a column in other letters',
      one('user: a\ncolumns: { text: post.text, Text: post.media }'),
      'listed twice, in other letters',
      4,
    ],
    [
      'levels for a field that has none',
      one('user: a\nvisibility: v\ncolumns: { text: post.text, skills: member.skills }'),
      'in no visibility group',
      5,
    ],
    ['a number in place of a field', one('user: a\ncolumns: { text: 7 }'), 'the id of a field', 4],
    ['a list in place of a field', one('user: a\ncolumns: { text: [post.text] }'), 'the id of a field', 4],
    ['a member that is none', one('user: a\nvisibilty: v\ncolumns: { t: post.text }'), 'did you mean', 4],
    ['an age that is none', `max_age: soon\n${PLAIN}`, 'such as 12 hours', 1],
    ['an age without an end', `max_age: 0 days\n${PLAIN}`, 'such as 12 hours', 1],
    ['a name without a part', `permits: lake..permits\n${PLAIN}`, 'between the dots', 1],
    ['a name of four parts', `permits: a.b.c.d\n${PLAIN}`, 'more than three', 1],
    ['no tables', 'permits: a', '`tables` is missing', 1],
    ['an empty list of tables', 'tables: []', 'is empty', 1],
    ['a list', '- a', 'begins with `tables:`', 1],
    ['what is not YAML', 'tables: [', 'is not YAML', 1],
    [
      'two views of one name',
      'tables:\n  - { table: a, user: u, columns: { t: post.text } }\n  - { table: A, user: u, columns: { t: post.text } }',
      'two tables have a view of this name',
      3,
    ],
  ])('is refused in words for %s', (_what, text, words, line) => {
    const read = readMapping(text, PURPOSE, reference);
    expect(read.ok ? [] : read.errors.map((error) => error.message).join('\n')).toContain(words);
    expect(read.ok ? undefined : read.errors[0]?.line).toBe(line);
  });
});

describe('the statements', () => {
  it.each(['trino', 'spark'] as const)('are of the grammar of %s', (dialect) => {
    const statements = statementsOf(dialect, mappingOf(PLAIN));
    for (const statement of statements) expect(parsed(dialect, statement)).toBe(1);
    expect(statements).toHaveLength(dialect === 'trino' ? 6 : 2);
  });

  it('go by what is known of an item that is made of fields of several groups', () => {
    const { current } = policiesOn(madeOfTwoGroups());
    const made = (members: string) => {
      const text = `tables: [{ table: t, user: u, columns: { v: post.embedding }${members} }]`;
      const read = readMapping(text, PURPOSE, current);
      const mapping = read.ok ? read.mapping : mappingOf('');
      return viewStatements('trino', { ...viewsOf(mapping), compiled: current })[0];
    };
    expect(made('')).toContain('CASE WHEN p."post.embedding" THEN t."v" END');
    expect(made(', visibility: l')).toMatch(
      /WHEN to_utf8\('followers'\) THEN p\."post\.embedding@followers" ELSE p\."post\.embedding@" END THEN t\."v"/,
    );
  });

  it('of Spark have no setting put into them', () => {
    const mapping = mappingOf("tables: [{ table: '${env:HOME}', user: u, columns: { t: post.text } }]");
    expect(nameWithout('spark', mapping)).toBe('${env:HOME}');
    expect(nameWithout('trino', mapping)).toBeUndefined();
    const obligations = [{ id: 'deidentify', description: 'Ask ${env:USER}, or \\.' }];
    const [statement] = viewStatements('spark', {
      ...viewsOf(mappingOf(PLAIN)),
      compiled: { ...reference, document: { ...REFERENCE, obligations } },
    });
    expect(statement).toContain(String.raw`Ask \u0024{env:USER}, or \\.`);
  });
});

describe('names', () => {
  let database: DuckDBConnection;
  beforeAll(async () => {
    database = await (await DuckDBInstance.create(':memory:')).connect();
  });
  afterAll(() => database.closeSync());

  const pieces = fc.constantFrom(
    '"',
    "'",
    '`',
    ';',
    '--',
    '/*',
    '*/',
    '\\',
    '\n',
    ' ',
    '$$',
    '.',
    '{',
    'é',
    'a',
    'B',
    '0',
  );
  const names = fc.array(pieces, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
  const columns = fc.uniqueArray(names, {
    minLength: 4,
    maxLength: 4,
    selector: (name) => name.toLowerCase(),
  });

  it('stay names, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(columns, names, names, async (own, table, view) => {
        fc.pre(table.toLowerCase() !== view.toLowerCase());
        const [user = '', visibility = '', text = '', skills = ''] = own;
        const written = {
          permits: ['lake', `p ${table}`],
          tables: [
            {
              table: ['lake', table],
              view: ['lake', view],
              user,
              visibility,
              columns: { [text]: 'post.text', [skills]: null },
            },
          ],
        };
        const mapping = mappingOf(JSON.stringify(written));
        for (const dialect of ['trino', 'spark'] as const)
          for (const statement of statementsOf(dialect, mapping)) expect(parsed(dialect, statement)).toBe(1);
        const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
        const permits = ['everyone', 'connections', 'only_me'].map((level) => `true AS "post.text@${level}"`);
        await database.run(`DROP SCHEMA IF EXISTS lake CASCADE; CREATE SCHEMA lake;
          CREATE TABLE lake.${quoted(`p ${table}`)} AS SELECT 'u' AS "user", 'ai' AS purpose, '${POLICY}' AS policy,
            epoch_ms(now()) AS made_at, ${permits.join()};
          CREATE TABLE lake.${quoted(table)} AS SELECT 'u' AS ${quoted(user)}, 'everyone' AS ${quoted(visibility)},
            'shown' AS ${quoted(text)}, 'hidden' AS ${quoted(skills)};`);
        for (const statement of statementsOf('duckdb', mapping)) await database.run(statement);
        const rows = (await database.runAndReadAll(`FROM lake.${quoted(view)}`)).getRowObjectsJson();
        expect(rows).toEqual([{ [text]: 'shown' }]);
      }),
      { numRuns: times(500, 25) },
    );
  });
});
