import { ingredientsOf } from '../decision/derivation.js';
import type { Field } from '../decision/policy.js';
import type { DataOfField } from '../decision/visibility.js';
import type { PolicyVersion } from './policy.service.js';

/** The fields that a version opens to a purpose, whatever anybody chose. */
export function fieldsOpenTo({ document, table }: PolicyVersion, purpose: string): readonly Field[] {
  const place = table.purposeIndex(purpose);
  return document.fields.filter((_field, index) => place !== undefined && table.isOpen(place, index));
}

/** The fields that a field is made of in the end: those that are not made of others. None for one that is not either. */
export function rootsOf({ fields }: PolicyVersion, field: Field): Field[] {
  const [, ...made] = ingredientsOf(field, (id) => fields.get(id));
  return made.flatMap((one) => (one.field.derived_from === undefined ? [one.field] : []));
}

/** What a field of the version is, or what it is made of. */
export function dataOfField({ table }: PolicyVersion, { id }: Field): DataOfField {
  return table.policy.atLevels.dataOf(id);
}
