/**
 * When answers leave. `on`: when their record is on the disk. `fast`: up to 20 milliseconds before, where the answer is not
 * bound to it. `off`: nothing is recorded.
 */
export const RECORD_MODES = ['on', 'fast', 'off'] as const;
export type RecordMode = (typeof RECORD_MODES)[number];
