/** What a file of permits is about. The service writes such files, and views read them. */
import { entryOf } from '../policy.js';
import type { Reason } from '../reasons.js';
import type { CompiledPolicy } from '../rules/compile.js';
import { groupsOf, nameAt } from '../visibility.js';
import { type DecisionTable, PERMITTED, REASON_CODES } from './table.js';

/** The columns before those of fields: views return nothing where one of them is not what they expect. */
export const COLUMNS_BEFORE = ['user', 'purpose', 'policy', 'made_at'] as const;

/** No level has this id. */
const NO_LEVEL = '';

export type PermitColumn = {
  /** `post.text@connections`; the id of the field where items have no level. */
  readonly name: string;
  readonly field: string;
  /** The level that the items have by themselves. Absent: none is known. */
  readonly level?: string;
};

/** The columns of a field, by what is known of its items. */
export type ColumnsOfField = {
  /** Items at a level that some group of the field has. Empty: it has no group. */
  readonly levels: readonly PermitColumn[];
  /** Items of which no level is known. */
  readonly unsaid: PermitColumn;
  /** Items at a level that no group has. */
  readonly unknown: PermitColumn;
};

export function columnsOfField({ document, atLevels }: CompiledPolicy, field: string): ColumnsOfField {
  const groups = groupsOf(document);
  const ladders = atLevels
    .dataOf(field)
    .groups.map((group) => entryOf(groups, group).levels.map(({ id }) => id));
  const levels = [...new Set(ladders.flat())].map((level) => ({ name: nameAt(field, level), field, level }));
  const [widest] = levels;
  const strictest = levels.at(-1);
  const plain = { name: field, field };
  if (widest === undefined || strictest === undefined) return { levels, unsaid: plain, unknown: plain };
  // if groups have other levels, no level is the widest or the strictest in all of them
  if (ladders.every((ladder) => String(ladder) === String(ladders[0])))
    return { levels, unsaid: widest, unknown: strictest };
  return { levels, unsaid: plain, unknown: { name: nameAt(field, NO_LEVEL), field, level: NO_LEVEL } };
}

/** The columns of these fields, each once. */
export function permitColumns(policy: CompiledPolicy, fields: readonly string[]): PermitColumn[] {
  return fields.flatMap((field) => {
    const { levels, unsaid, unknown } = columnsOfField(policy, field);
    const columns = [...levels, unsaid, unknown];
    return columns.filter(({ name }, place) => columns.findIndex((one) => one.name === name) === place);
  });
}

/** Whether a file cannot have a column for a field, because one before those of fields has its name. */
export function isTaken(field: string): boolean {
  return COLUMNS_BEFORE.some((column) => column === field);
}

/**
 * Why a file permits nobody anything, whatever users chose, because of what its request states.
 *
 * @param purpose place of the purpose
 * @param facts place of the facts, see `factsIndex`
 * @returns `undefined`: it may permit
 */
export function refusalByFacts(table: DecisionTable, purpose: number, facts: number): Reason | undefined {
  const open = table.policy.atLevels.all.findIndex((_field, at) => table.isOpenAt(purpose, at));
  const byte = open < 0 ? PERMITTED : table.decide(purpose, open, PERMITTED, facts);
  return byte === PERMITTED ? undefined : (REASON_CODES[byte] ?? 'consent_unavailable');
}
