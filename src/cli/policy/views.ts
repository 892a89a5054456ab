/** `npm run -s policy -- views`: SQL views of what a purpose may read of the tables of a data lake. */
import { didYouMean } from '../../decision/nearest.js';
import type { Reason } from '../../decision/reasons.js';
import { refusalByFacts } from '../../decision/table/permit-columns.js';
import { type DecisionTable, factsIndex } from '../../decision/table/table.js';
import { PolicyFilesError } from '../../policy/text/policy-files.js';
import { quoted } from '../../policy/text/quoting.js';
import { readNamed } from '../files.js';
import { PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Command, EXIT, UsageError, argumentsOf, say } from '../terminal.js';
import { type Source, defaultFolder, readSource, reportErrors, tableOf } from './source.js';
import { type ViewMapping, readMapping } from './view-mapping.js';
import { DIALECTS, type DialectName, nameWithout, viewStatements } from './view-sql.js';

export const views: Command = {
  help: `usage: npm run -s policy -- views [POLICY] --purpose PURPOSE --dialect DIALECT --tables FILE

SQL statements that make views: of each table what the purpose may read by the permits that GET /v1/permits answers.
Columns that may not be read are NULL, and rows of which nothing may be read are not there. They return nothing once the
permits are too old, or are of another policy. Columns that have no field are left out and listed on standard error.

  POLICY               the policy that is in force: a folder (default POLICY_DIR, or policies), a YAML or JSON file, or
                       with a server \`current\` or a version (sha256:…)
  --purpose PURPOSE    for which data is read
  --dialect DIALECT    ${DIALECTS.join(', ')}
  --tables FILE        which column is which field, in YAML: see policies/views.schema.json and docs/lake.md
${SERVER_HELP}

exit code: 0 the statements are on standard output, 1 the mapping or the policy is wrong, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      {
        purpose: { type: 'string' },
        dialect: { type: 'string' },
        tables: { type: 'string' },
        ...SERVER_OPTIONS,
      },
      ['[POLICY]'],
    );
    const { purpose, tables: file } = values;
    if (purpose === undefined) throw new UsageError('`--purpose` is missing: name one of the policy');
    if (file === undefined) throw new UsageError('`--tables` is missing: name the file of the mapping');
    const dialect = DIALECTS.find((one) => one === values.dialect);
    if (dialect === undefined) throw new UsageError(`\`--dialect\` must be one of ${DIALECTS.join(', ')}`);
    const [policy = defaultFolder()] = positionals;
    try {
      const source = await readSource(policy, () => PolicyServer.from(values));
      return await write(source, purpose, dialect, { file, text: await readNamed(file) });
    } catch (error) {
      if (!(error instanceof PolicyFilesError)) throw error;
      reportErrors(error);
      return EXIT.wrong;
    }
  },
};

async function write(
  { id: policy, document }: Source,
  purpose: string,
  dialect: DialectName,
  { file, text }: { readonly file: string; readonly text: string },
): Promise<number> {
  const table = await tableOf(document);
  const place = table.purposeIndex(purpose);
  if (place === undefined) {
    const known = document.purposes.map(({ id }) => id);
    throw new Error(`the policy has no purpose ${quoted(purpose)}${didYouMean(purpose, known)}`);
  }
  const facts = factsFor(table, place, purpose);
  const isOpen = (field: string) => table.isOpen(place, table.fieldIndex(field) ?? -1);
  const read = readMapping(text, purpose, table.policy);
  if (!read.ok) throw new PolicyFilesError(read.errors.map((error) => ({ file, ...error })));
  const { mapping } = read;
  const wild = nameWithout(dialect, mapping);
  if (wild !== undefined)
    throw new Error(`Spark would replace the \`\${\` of the name ${quoted(wild)}: give it another name`);
  tellOf(mapping, purpose, isOpen);
  const mapped = mapping.tables.flatMap(({ columns }) => columns.map(({ field }) => field));
  const fields = [...new Set(mapped)].filter(isOpen).join(',');
  say(`-- for ${purpose}, under the policy ${policy}`);
  if (fields !== '') say(`-- permits: GET /v1/permits?${queryOf({ purpose, fields, ...facts })}`);
  const statements = viewStatements(dialect, {
    compiled: table.policy,
    policy,
    purpose,
    mapping,
    isOpen,
    obligationsOf: (field) => table.permitOf(place, table.fieldIndex(field) ?? -1).obligations,
  });
  for (const statement of statements) say(`\n${statement}`);
  return EXIT.fine;
}

/** What a request for permits may state. */
const STATED = [
  {},
  { actor: 'automated' },
  { legal_reference: '…' },
  { actor: 'automated', legal_reference: '…' },
] as const;

const UNANSWERABLE: { readonly [reason in Reason]?: string } = {
  needs_case: 'needs an open case for what it reads',
  not_own_data: 'reads only for the user whose data it is',
};

/**
 * What a request for permits of the purpose must state.
 *
 * @throws Error when nothing that it can state is enough
 */
function factsFor(table: DecisionTable, place: number, purpose: string): (typeof STATED)[number] {
  let reason: Reason | undefined;
  for (const facts of STATED) {
    reason = refusalByFacts(
      table,
      place,
      factsIndex({
        actor: 'actor' in facts ? facts.actor : 'human',
        case: 'none',
        legalReference: 'legal_reference' in facts,
        ownData: false,
      }),
    );
    if (reason === undefined) return facts;
  }
  const why = (reason === undefined ? undefined : UNANSWERABLE[reason]) ?? 'permits nobody';
  throw new Error(`\`${purpose}\` ${why}, so there can be no permits of all users: ask for evaluations`);
}

function queryOf(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Says which columns people will miss. */
function tellOf({ tables }: ViewMapping, purpose: string, isOpen: (field: string) => boolean): void {
  for (const { table, columns, leftOut } of tables) {
    const name = quoted(table.join('.'));
    for (const column of leftOut)
      process.stderr.write(`${name}: the column ${quoted(column)} is left out, for it has no field\n`);
    for (const { column, field } of columns)
      if (!isOpen(field))
        process.stderr.write(
          `${name}: the column ${quoted(column)} is NULL in every row, for the policy does not open \`${field}\` to \`${purpose}\`\n`,
        );
  }
}
