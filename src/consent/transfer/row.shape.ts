/** What a row is, as the document has it. */
import { TEXT, TIME, WHOLE, either, named, objectOf, said } from '../../http/shapes.js';
import { AGE_BAND, CHOICE, SIGNAL } from '../log/change.shape.js';
import type { Column } from './row-columns.js';

const { user, ...OTHERS } = {
  user: TEXT,
  region: TEXT,
  age_band: AGE_BAND,
  adult_from: TIME,
  signal: SIGNAL,
  purpose: TEXT,
  choice: CHOICE,
  notice: WHOLE,
  until: TIME,
  language: TEXT,
  at: said('when it was said; a number: milliseconds since 1970', either(TEXT, WHOLE)),
} satisfies Record<Column, object>;

export const ROW = named('Row', objectOf({ user }, OTHERS));
