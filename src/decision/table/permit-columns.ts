/** What a file of permits is about. The service writes such files, and views read them. */
import type { PolicyDocument } from '../policy.js';
import type { Reason } from '../reasons.js';
import { groupsOf, nameAt } from '../visibility.js';
import { type DecisionTable, PERMITTED, REASON_CODES } from './table.js';

/** The columns before those of fields: views return nothing where one of them is not what they expect. */
export const COLUMNS_BEFORE = ['user', 'purpose', 'policy', 'made_at'] as const;

export type PermitColumn = {
  /** `post.text@connections`; the id of the field where it has no visibility group. */
  readonly name: string;
  readonly field: string;
  /** The level that the items have by themselves. Absent: items of the field have none. */
  readonly level?: string;
};

/** The columns of these fields: one each, or one for each level of its group, from the widest. */
export function permitColumns(
  document: Pick<PolicyDocument, 'fields' | 'visibility'>,
  fields: readonly string[],
): PermitColumn[] {
  const groups = groupsOf(document);
  const groupIds = new Map(document.fields.map(({ id, visibility }) => [id, visibility]));
  return fields.flatMap((field): PermitColumn[] => {
    const group = groups.get(groupIds.get(field) ?? '');
    if (group === undefined) return [{ name: field, field }];
    return group.levels.map(({ id }) => ({ name: nameAt(field, id), field, level: id }));
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

/** What must be done with a field that was read: what the purpose obliges to, and each release by which it was made. */
export function obligationsOf(table: DecisionTable, purpose: number, field: string): readonly string[] {
  const released = table.policy.atLevels.all[table.fieldIndex(field) ?? -1]?.obligations ?? [];
  return [...new Set([...table.permit(purpose).obligations, ...released])];
}
