/** Rows of the ledger that are written at a time: the embedded database answers nobody meanwhile. */
export const LEDGER_ROWS = { embedded: 200, server: 10_000 } as const;
