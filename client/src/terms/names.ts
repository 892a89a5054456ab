/**
 * What the policy of the caller's service names. Empty, so that any text is a name, until a file that `npx assent types`
 * wrote is part of the program: then a misspelt one does not compile.
 */
export interface PolicyNames {}

/** Id of a purpose. */
export type PurposeName = PolicyNames extends { purpose: infer Name extends string } ? Name : string;
/** Id of a field. */
export type FieldName = PolicyNames extends { field: infer Name extends string } ? Name : string;
/** Id of an obligation. */
export type ObligationName = PolicyNames extends { obligation: infer Name extends string } ? Name : string;
