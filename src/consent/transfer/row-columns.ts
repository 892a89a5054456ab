/** The columns of a row, in the order in which an export writes them. */
export const COLUMNS = [
  'user',
  'region',
  'age_band',
  'adult_from',
  'signal',
  'purpose',
  'choice',
  'notice',
  'until',
  'group',
  'level',
  'language',
  'at',
] as const;

export type Column = (typeof COLUMNS)[number];
