/** What a field is made of, what is made of it, and for what it may be used, as far as the policy says. */
import { chainTo, ingredientsOf } from '../derivation.js';
import type { Field } from '../policy.js';
import type { DenyReason } from '../reasons.js';
import type { Steps } from '../steps.js';
import { type DecisionTable, PERMITTED, UNCLASSIFIED } from '../table/table.js';

export type FieldLineage = {
  readonly field: Field;
  /** What it is made of, through every step: depth first, in the order of the sources. */
  readonly sources: readonly Source[];
  /** What is made of it, through every step, in the order of the document. */
  readonly uses: readonly Field[];
  readonly purposes: readonly PurposeOfField[];
};

/** A field that another one is made of. */
export type Source = {
  readonly field: Field;
  /** Whether a release lies between: then only its floor counts. */
  readonly isReleased: boolean;
};

/** What lines 3 to 5 say of a purpose and a field, see docs/meaning.md. */
export type PurposeOfField =
  | {
      readonly purpose: string;
      readonly open: true;
      /** By visibility group, the strictest level at which it is open. */
      readonly levels: ReadonlyMap<string, string>;
      readonly obligations: readonly string[];
    }
  | {
      readonly purpose: string;
      readonly open: false;
      readonly reason: DenyReason;
      /** From the field to what closes it, each made of the next. Only the field: it does so itself. */
      readonly chain: readonly string[];
    };

/**
 * The lineage of a field.
 *
 * @returns `undefined` when the policy names no such field
 */
export function* lineageSteps(table: DecisionTable, id: string): Steps<FieldLineage | undefined> {
  const { document, fields } = table.policy;
  const field = fields.get(id);
  if (field === undefined) return undefined;
  const find = (one: string) => fields.get(one);
  const [, ...found] = ingredientsOf(field, find);
  const whole = new Set(found.flatMap((one) => (one.isReleased ? [] : [one.field.id])));
  // what counts whole by one way, and released by another, counts whole
  const sources = found.filter((one) => !one.isReleased || !whole.has(one.field.id));
  yield;
  const uses: Field[] = [];
  for (const other of document.fields) {
    if (other.id !== id && ingredientsOf(other, find).some((one) => one.field.id === id)) uses.push(other);
    yield;
  }
  const purposes: PurposeOfField[] = [];
  for (const { id: purpose } of document.purposes) {
    purposes.push(purposeOf(table, field, purpose));
    yield;
  }
  return { field, sources, uses, purposes };
}

function purposeOf(table: DecisionTable, field: Field, purpose: string): PurposeOfField {
  const { id } = field;
  const [at, place] = [table.purposeIndex(purpose) ?? -1, table.fieldIndex(id) ?? -1];
  const isOpen = table.kindOf(place) !== UNCLASSIFIED && table.isOpen(at, place);
  if (isOpen) {
    const { obligations } = table.permitOf(at, place);
    return { purpose, open: true, levels: strictestOpen(table, at, place), obligations };
  }
  const { reason, source = id } = closedBecause(table, at, place);
  const chain = chainTo(field, source, (one) => table.policy.fields.get(one));
  return { purpose, open: false, reason, chain };
}

/** Why a field is closed at its widest levels. */
function closedBecause(
  table: DecisionTable,
  purpose: number,
  field: number,
): { readonly reason: DenyReason; readonly source?: string } {
  const { reason, source } =
    table.kindOf(field) === UNCLASSIFIED
      ? table.ofUnclassified(field)
      : deniedAtWidest(table, purpose, field);
  // a cell that is closed has the reason of a line that closes it
  if (reason === 'permitted')
    throw new Error('a closed cell of the decision table says that it is permitted');
  return source === undefined ? { reason } : { reason, source };
}

function deniedAtWidest(table: DecisionTable, purpose: number, field: number) {
  const place = table.placeAtWidest(field);
  return table.ofDerived(purpose, field, place, table.decide(purpose, place, PERMITTED, 0));
}

/**
 * By group, the strictest level at which the field is open. Each part of a field has the level of one group, so what a
 * group closes does not depend on the levels of the others.
 */
function strictestOpen(table: DecisionTable, purpose: number, field: number): Map<string, string> {
  const groups = table.groupsOf(field);
  const levels = new Map<string, string>();
  for (const group of groups) {
    const { id, levels: ladder } = table.policy.document.visibility?.[group] ?? { id: '', levels: [] };
    const widest = table.widestOf(group);
    let openness = widest;
    while (openness > 0 && isOpenWith(openness - 1)) openness--;
    const level = ladder[widest - openness];
    if (level !== undefined) levels.set(id, level.id);

    function isOpenWith(own: number): boolean {
      const all = table.opennessOfAll(groups, (one) => (one === group ? own : table.widestOf(one)));
      return table.isOpenAt(purpose, table.placeAtOpenness(field, all));
    }
  }
  return levels;
}
