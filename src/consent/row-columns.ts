/** The columns of a row, in the order in which an export writes them. */
export const COLUMNS = [
  'user',
  'region',
  'age_band',
  'signal',
  'purpose',
  'choice',
  'notice',
  'language',
  'at',
] as const;

export type Column = (typeof COLUMNS)[number];
