/** The order of the report. */
export const ORDER = [
  'decision',
  'audience',
  'evaluation',
  'evaluations',
  'audience-stream',
  'recording',
  'ten-million',
  'event-loop',
  'writes',
  'fleet',
  'workers',
  'join',
  'start',
  'cost-users',
  'cost-fields',
  'cost-purposes',
];
