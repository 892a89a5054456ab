export { type Owned, grantPreHandler, grantedTo, requiresGrant } from './guards.js';
export type { ChangesSettings } from './heard-changes.js';
export { Grant, type Granted, type GrantHeaders } from './grant.js';
export {
  type Admitted,
  type OwnedRequest,
  type VerifierSettings,
  type Wanted,
  Verifier,
  createVerifier,
} from './verifier.js';
export { type GrantReason, type IsGranted, type NotGranted, type Verdict, GRANT_REASONS } from './verdict.js';
