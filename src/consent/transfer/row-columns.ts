/** The columns that an export writes, in their order. */
export const EXPORTED = [
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

/** The columns of a row. */
export const COLUMNS = [...EXPORTED, 'came_back_at'] as const;

export type Column = (typeof COLUMNS)[number];
