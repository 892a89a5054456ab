import { DomainError } from '../../errors.js';

export function unavailable(): DomainError {
  return new DomainError(
    'consent_unavailable',
    'the consent state cannot be read, or does not yet have everybody who is in the extract: ask again shortly',
  );
}
