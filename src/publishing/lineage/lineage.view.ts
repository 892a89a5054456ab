/** The lineage of a field as JSON: over the wire, and from the command line. */
import type { FieldLineage, PurposeOfField } from '../../decision/comparison/lineage.js';
import { sentenceOfClosed } from '../../decision/comparison/sentences.js';
import { CATEGORIES, type Field, PROVENANCES, type ReleaseMethod } from '../../decision/policy.js';
import { REASONS } from '../../decision/reasons.js';
import type { DecisionTable } from '../../decision/table/table.js';
import {
  TEXT,
  WHOLE,
  YES_OR_NO,
  either,
  just,
  listOf,
  mapOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../../http/contract/shapes.js';

const FIELD = named(
  'FieldInLineage',
  objectOf({
    id: TEXT,
    title: TEXT,
    category: said(
      'null: it is made of others, which have theirs',
      orNull(wordOf([...CATEGORIES, 'unclassified'])),
    ),
    provenance: wordOf(PROVENANCES),
    visibility: said('its visibility group', orNull(TEXT)),
    transform: said('what makes it of others', orNull(TEXT)),
    derived_from: said('what it is made of directly', listOf(TEXT)),
    release: said(
      'why its sources close it no more, their floors excepted',
      orNull(
        objectOf(
          { method: TEXT, reason: TEXT, review: said('a day', TEXT), obligations: listOf(TEXT) },
          { at_least: said('users in each aggregate', WHOLE), by: said('how it is de-identified', TEXT) },
        ),
      ),
    ),
  }),
);
const SOURCE = named(
  'Source',
  objectOf({
    field: FIELD,
    released: said('whether only its floor counts, since it was released', YES_OR_NO),
  }),
);
const PURPOSE = named(
  'PurposeInLineage',
  either(
    objectOf({
      id: TEXT,
      open: just(true),
      levels: said('by visibility group, the strictest level at which it is open', mapOf(TEXT)),
      obligations: listOf(TEXT),
    }),
    objectOf({
      id: TEXT,
      open: just(false),
      reason: wordOf(Object.keys(REASONS)),
      chain: said('from the field to what closes it, each made of the next', listOf(TEXT)),
      why: said('the same as a sentence', TEXT),
    }),
  ),
);

export const LINEAGE = named(
  'Lineage',
  objectOf({
    policy: TEXT,
    field: FIELD,
    made_of: said('through every step, each once', listOf(SOURCE)),
    made_into: said('what is made of it, through every step', listOf(FIELD)),
    purposes: said('what the policy says of each, whatever users say', listOf(PURPOSE)),
  }),
);

/** @param policy id of the version */
export function lineageView(policy: string, table: DecisionTable, lineage: FieldLineage) {
  const { field, sources, uses, purposes } = lineage;
  const view = (one: Field) => fieldView(table, one);
  return {
    policy,
    field: view(field),
    made_of: sources.map((source) => ({ field: view(source.field), released: source.isReleased })),
    made_into: uses.map(view),
    purposes: purposes.map(purposeView),
  };
}

/** The lineage of a field, as {@link lineageView} writes it. */
export type LineageView = ReturnType<typeof lineageView>;

function fieldView({ policy: { document, atLevels } }: DecisionTable, field: Field) {
  const { id, title, visibility = null, transform = null, derived_from = [], release } = field;
  return {
    id,
    title,
    category: release?.category ?? field.category ?? null,
    provenance: atLevels.dataOf(id).provenance,
    visibility,
    transform,
    derived_from,
    release:
      release === undefined ? null : { ...methodOf(document.transforms, transform), ...releaseView(release) },
  };
}

function methodOf(
  transforms: DecisionTable['policy']['document']['transforms'] = [],
  transform: string | null,
): ReleaseMethod {
  const method = transforms.find(({ id }) => id === transform)?.release;
  // INVARIANT: a field has a release exactly where its transform releases
  if (method === undefined) throw new Error(`\`${transform}\` does not release: check the policy`);
  return method;
}

function releaseView({ reason, review, obligations = [] }: NonNullable<Field['release']>) {
  return { reason, review, obligations };
}

function purposeView(one: PurposeOfField) {
  const { purpose: id, open } = one;
  if (open) return { id, open, levels: Object.fromEntries(one.levels), obligations: one.obligations };
  return { id, open, reason: one.reason, chain: one.chain, why: sentenceOfClosed(one) };
}
