/** Policy documents, as the service gives them. */
import type { PolicyDocument } from '../../../src/decision/policy.js';

/** What every policy has; the service has checked the rest of its shape before it kept the version. */
const SECTIONS = ['regimes', 'purposes', 'fields'] as const;

// INVARIANT: only for documents of versions, and of drafts that compile
export function isPolicy(value: unknown): value is PolicyDocument {
  return (
    typeof value === 'object' &&
    value !== null &&
    SECTIONS.every((section) => Array.isArray(Object.entries(value).find(([name]) => name === section)?.[1]))
  );
}
