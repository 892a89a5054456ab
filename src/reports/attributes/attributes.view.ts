/** Attributes on the wire. */
import {
  TEXT,
  WHOLE,
  either,
  just,
  listOf,
  named,
  objectOf,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import { ROW_REFUSALS } from './attribute-rows.js';
import type { Said } from './attributes.js';
import type { Attribute } from './attributes.store.js';

/** Something with its title. */
export const TITLED = objectOf({ id: TEXT, title: TEXT });

export const ATTRIBUTE = named(
  'Attribute',
  objectOf({ id: TEXT, title: TEXT, values: said('a closed list', listOf(TITLED)) }),
);

export const ATTRIBUTES = objectOf({ attributes: listOf(ATTRIBUTE) });

export const USERS_ATTRIBUTES = said(
  'what services registered of the user for the consent balance alone',
  listOf(named('UsersAttribute', objectOf({ attribute: TITLED, value: TITLED }))),
);

const SUMMARY = objectOf({ taken: WHOLE, refused: WHOLE });

export const ROW_REPORT = named(
  'AttributeLine',
  either(
    objectOf({ line: WHOLE, reason: wordOf(Object.keys(ROW_REFUSALS)), error: TEXT }),
    objectOf({ line: WHOLE, summary: SUMMARY }, { done: just(true) }),
    said('it ended early', objectOf({ ended: said('an error code', TEXT), error: TEXT })),
  ),
);

export function attributeView({ id, title, values }: Attribute) {
  return { id, title, values: values.map(titledView) };
}

export function usersAttributeView({ attribute, value }: Said) {
  return { attribute: titledView(attribute), value: titledView(value) };
}

export function titledView({ id, title }: { readonly id: string; readonly title: string }) {
  return { id, title };
}
