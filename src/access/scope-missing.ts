import type { Scope } from '../decision/policy.js';
import { DomainError } from '../errors.js';
import type { ServiceCaller } from './caller.js';
import { whyWithout } from './clients.js';

/** A service may not do something because a scope is missing. */
export class ScopeMissing extends DomainError {
  /**
   * The scope under the issuer's name; `undefined` when another token would not help, because the policy does not list
   * it.
   */
  readonly scope: string | undefined;

  constructor(client: ServiceCaller, scope: Scope) {
    super(
      'caller_not_allowed',
      `a service needs the scope \`${scope}\`; ${whyWithout(client, 'scopes', scope)}`,
    );
    const { token, policy } = client.from;
    const [listing] = token.listings.scopes;
    this.scope = policy.scopes?.has(scope) === false ? undefined : `${listing?.prefix ?? ''}${scope}`;
  }
}
