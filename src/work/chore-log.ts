/** What chores log with. */
export type ChoreLog = Readonly<Record<Level, (fields: object, message: string) => void>>;

type Level = 'info' | 'warn' | 'error';

/** A line of the log of a thread. */
export type ThreadLine = readonly [level: Level, fields: object, message: string];

/** Where lines are sent. */
export function logOf(send: (line: ThreadLine) => void): ChoreLog {
  return {
    info: (fields, message) => send(['info', fields, message]),
    warn: (fields, message) => send(['warn', fields, message]),
    error: (fields, message) => send(['error', fields, message]),
  };
}
