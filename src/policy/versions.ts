import { DomainError } from '../errors.js';
import type { PolicyService, PolicyVersion } from './policy.service.js';
import type { PolicyStore, StoredVersion } from './policy.store.js';

/** The name of the version in force in addresses. */
export const CURRENT = 'current';

/** All versions, built on request. */
export class Versions {
  constructor(
    private readonly policies: PolicyService,
    private readonly store: PolicyStore,
  ) {}

  /**
   * @param id of a version, or `current`
   * @throws DomainError `policy_not_found`
   */
  async get(id: string): Promise<PolicyVersion> {
    const { current } = this.policies;
    if (id === CURRENT || id === current.id) return current;
    return this.policies.kept(id) ?? this.policies.restore(await this.stored(id));
  }

  /** @throws DomainError `policy_not_found` */
  async stored(id: string): Promise<StoredVersion> {
    const stored = await this.store.version(id === CURRENT ? this.policies.current.id : id);
    if (stored === undefined)
      throw new DomainError(
        'policy_not_found',
        'correct the version in the address; `GET /v1/policies` lists them',
      );
    return stored;
  }
}
