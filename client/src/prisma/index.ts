/** A client of Prisma that reads for a purpose, see client/docs/prisma.md. */
export { QueryFailed } from './query-failed.js';
export { QueryRefused } from './query-refused.js';
export { type PurposeClient, type PurposeSettings, withPurpose } from './with-purpose.js';
export type { Treatment } from './rows.js';
