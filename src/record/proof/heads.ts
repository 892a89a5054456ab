/** The folder in that of a record which has its logs, each in a folder of its own. */
export const HEADS = 'heads';
export const LOGS = ['record', 'consent'] as const;
export type LogName = (typeof LOGS)[number];
