/** Programs besides the service, as files of `dist/`: each loads what it needs of files that they share. */
export const PROGRAMS = [
  'cli/backup/backup',
  'cli/consent/consent',
  'cli/demo',
  'cli/keys',
  'cli/policy/policy',
  'cli/receipt',
  'cli/record/record',
  'cli/token',
  'upkeep/thread',
];
