/** Which columns of which tables are which fields: `policies/views.schema.json` says what each member means. */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { didYouMean } from '../../decision/nearest.js';
import type { CompiledPolicy } from '../../decision/rules/compile.js';
import { finish } from '../../decision/steps.js';
import { isTaken } from '../../decision/table/permit-columns.js';
import type { PolicyError } from '../../policy/text/policy-text.js';
import { Budget, readYamlSteps } from '../../policy/text/policy-yaml.js';
import { isPrintable, quoted, readablePath } from '../../policy/text/quoting.js';
import { pathOf, shapeSentence } from '../../policy/text/shape-sentences.js';

type TableName = string | readonly string[];

/** A mapping as it is written. */
type Written = {
  readonly permits?: TableName;
  readonly max_age?: string;
  readonly tables: readonly {
    readonly table: TableName;
    readonly view?: TableName;
    readonly user: string;
    readonly visibility?: string;
    readonly columns: Readonly<Record<string, string | null>>;
  }[];
};

export type MappedColumn = { readonly column: string; readonly field: string };

export type MappedTable = {
  /** Names from the outermost: catalogue, schema, table. */
  readonly table: readonly string[];
  readonly view: readonly string[];
  readonly user: string;
  /** Absent: nothing is known of the levels of items. */
  readonly visibility?: string;
  readonly columns: readonly MappedColumn[];
  /** Columns that the view does not have, because they have no field. */
  readonly leftOut: readonly string[];
};

export type ViewMapping = {
  readonly permits: readonly string[];
  readonly maxAgeMs: number;
  readonly tables: readonly MappedTable[];
};

export type ReadMapping =
  | { readonly ok: true; readonly mapping: ViewMapping }
  | { readonly ok: false; readonly errors: readonly PolicyError[] };

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const USUAL_AGE = '24 hours';
const USUAL_PERMITS = 'permits';

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../../policies/views.schema.json', import.meta.url), 'utf8'),
);
if (typeof schema !== 'object' || schema === null)
  throw new Error('policies/views.schema.json is not a JSON Schema: restore the file');
const isMapping = new Ajv({
  allErrors: true,
  allowUnionTypes: true,
  verbose: true,
  formats: { text: isPrintable },
})
  .addVocabulary(['patternErrorMessage'])
  .compile<Written>(schema);

/** Reads the mapping of a purpose: a text, YAML or JSON. */
export function readMapping(text: string, purpose: string, policy: CompiledPolicy): ReadMapping {
  const read = finish(readYamlSteps(text, new Budget()));
  if (!read.ok) return { ok: false, errors: read.faults.map((fault) => ({ ...fault, path: '' })) };
  const { value, placeOf } = read.text;
  const errorAt = (path: readonly (string | number)[], message: string): PolicyError => ({
    line: placeOf(path)?.line ?? 1,
    path: readablePath(path),
    message,
  });
  if (!isMapping(value))
    return { ok: false, errors: (isMapping.errors ?? []).flatMap((error) => shapeError(error, errorAt)) };
  const faults = faultsOf(value, purpose, policy);
  if (faults.length > 0)
    return { ok: false, errors: faults.map(({ path, message }) => errorAt(path, message)) };
  const { permits = USUAL_PERMITS, max_age = USUAL_AGE, tables } = value;
  return {
    ok: true,
    mapping: {
      permits: partsOf(permits),
      maxAgeMs: ageOf(max_age),
      tables: tables.map((written) => {
        const { table, user, visibility } = written;
        const columns = Object.entries(written.columns);
        const taken = new Set(columns.flatMap(([column, field]) => (field === null ? [] : [column])));
        return {
          table: partsOf(table),
          view: viewOf(written, purpose),
          user,
          ...(visibility === undefined ? {} : { visibility }),
          columns: columns.flatMap(([column, field]) => (field === null ? [] : [{ column, field }])),
          leftOut: [
            ...new Set([
              user,
              ...(visibility === undefined ? [] : [visibility]),
              ...Object.keys(written.columns),
            ]),
          ].filter((column) => !taken.has(column)),
        };
      }),
    },
  };
}

type ErrorAt = (path: readonly (string | number)[], message: string) => PolicyError;

function shapeError(error: ErrorObject, errorAt: ErrorAt): PolicyError[] {
  // either form of a name is told by its own errors, and by this one without what is wrong
  if (error.keyword === 'anyOf') return [];
  const message =
    error.instancePath === '' && error.keyword === 'type'
      ? 'a mapping of tables begins with `tables:`'
      : error.keyword === 'type' && Array.isArray(error.schema)
        ? 'this must be the id of a field, or nothing where there is none'
        : shapeSentence(error, false);
  return message === undefined ? [] : [errorAt(pathOf(error), message)];
}

type Fault = { readonly path: readonly (string | number)[]; readonly message: string };

function faultsOf(
  { permits, tables }: Written,
  purpose: string,
  { document, atLevels }: CompiledPolicy,
): Fault[] {
  const groups = new Map(document.fields.map(({ id }) => [id, atLevels.dataOf(id).groups]));
  const views = new Set<string>();
  return [
    ...nameFaults(permits, ['permits']),
    ...tables.flatMap((table, index) => {
      const view = viewOf(table, purpose).join('\0').toLowerCase();
      const isTwice = views.size === views.add(view).size;
      return [
        ...nameFaults(table.table, ['tables', index, 'table']),
        ...nameFaults(table.view, ['tables', index, 'view']),
        ...(isTwice
          ? [
              {
                path: ['tables', index, table.view === undefined ? 'table' : 'view'],
                message: 'two tables have a view of this name: give this one another `view`',
              },
            ]
          : []),
        ...columnFaults(table, index, groups),
      ];
    }),
  ];
}

function nameFaults(name: TableName | undefined, path: readonly (string | number)[]): Fault[] {
  const parts = name === undefined ? ['-'] : partsOf(name);
  if (parts.includes('')) return [{ path, message: 'a name between the dots is missing: write it' }];
  if (parts.length > 3)
    return [
      {
        path,
        message:
          'there are more than three names here: write catalogue, schema and table, as a list if a name has a dot in it',
      },
    ];
  return [];
}

function columnFaults(
  { visibility, columns }: Written['tables'][number],
  index: number,
  groupsOf: ReadonlyMap<string, readonly string[]>,
): Fault[] {
  const names = new Set<string>();
  const faults: Fault[] = [];
  for (const [column, id] of Object.entries(columns)) {
    const report = (message: string) => faults.push({ path: ['tables', index, 'columns', column], message });
    // databases do not tell such names apart
    if (names.size === names.add(column.toLowerCase()).size)
      report(`the column ${quoted(column)} is listed twice, in other letters: remove one`);
    if (id === null) continue;
    const groups = groupsOf.get(id);
    if (groups === undefined) {
      const otherwise = 'correct it, or write nothing in its place to leave the column out';
      report(`the policy has no field ${quoted(id)}${didYouMean(id, groupsOf.keys(), otherwise)}`);
    } else if (isTaken(id))
      report(`permits cannot have the field \`${id}\`: another column of theirs has its name`);
    else if (visibility !== undefined && groups.length === 0)
      report(
        `\`${id}\` is in no visibility group, so the level of an item says nothing of it: list the column in a view without \`visibility\``,
      );
  }
  return faults;
}

function partsOf(name: TableName): readonly string[] {
  return typeof name === 'string' ? name.split('.') : name;
}

function viewOf({ table, view }: Written['tables'][number], purpose: string): readonly string[] {
  if (view !== undefined) return partsOf(view);
  const parts = partsOf(table);
  return [...parts.slice(0, -1), `${parts.at(-1)}_for_${purpose.replaceAll('.', '_')}`];
}

function ageOf(age: string): number {
  const [number = '', unit = ''] = age.split(' ');
  return Number(number) * (UNITS[unit.replace(/s$/, '')] ?? 0);
}
