/** The shape of a row in the OpenAPI document. */
import type { Examples } from '../../http/contract/described.js';
import { TEXT, TIME, WHOLE, either, named, objectOf, said } from '../../http/contract/shapes.js';
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
  group: said('a visibility group', TEXT),
  level: said('a level of it; one that it does not have is taken as its strictest', TEXT),
  language: TEXT,
  at: said('when it was said; a number: milliseconds since 1970', either(TEXT, WHOLE)),
  came_back_at: said('in an import, of somebody who was erased: when they registered anew', TIME),
} satisfies Record<Column, object>;

export const ROW = named('Row', objectOf({ user }, OTHERS));

export const ROWS: Examples = {
  'a profile': { user: 'u-123', region: 'US-CA', age_band: 'adult' },
  'a choice, and when it was made': {
    user: 'u-123',
    purpose: 'ads.personalised',
    choice: 'denied',
    at: '2024-02-29T12:00:00Z',
  },
  'a level, and when it was set': {
    user: 'u-123',
    group: 'posts',
    level: 'connections',
    at: '2024-02-29T12:00:00Z',
  },
  'a grant, on the notice that was shown': {
    user: 'u-456',
    region: 'DE',
    age_band: 'adult',
    purpose: 'research',
    choice: 'granted',
    notice: 1,
    language: 'de',
  },
};
