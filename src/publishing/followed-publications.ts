/** Publications that other processes of the fleet made, put in force where they lie in the consent log. */
import type { Publications } from '../consent/log/consent-log.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import type { PolicyService, PolicyVersion } from '../policy/policy.service.js';
import type { PolicyStore } from '../policy/policy.store.js';

export class FollowedPublications implements Publications {
  private reached = 0;

  constructor(
    private readonly store: Pick<PolicyStore, 'publications' | 'version'>,
    private readonly policies: PolicyService,
    private readonly state: Pick<StateInForce, 'prepare'>,
  ) {}

  get count(): number {
    return this.reached;
  }

  async pending(): ReturnType<Publications['pending']> {
    const [last] = await this.store.publications(1);
    if (last === undefined || last.sequence === this.reached) return [];
    // what was published before this process began is in force with the last of it
    const missing = this.reached === 0 ? [last] : await this.store.publications(last.sequence - this.reached);
    const ready = missing.toReversed().map(async ({ sequence, version: id, after }) => {
      const version = await this.built(id);
      const put = () => {
        this.policies.put(version);
        this.reached = sequence;
      };
      return { after, put };
    });
    return Promise.all(ready);
  }

  async prepare(id: string): Promise<void> {
    await this.built(id);
  }

  private async built(id: string): Promise<PolicyVersion> {
    const version = await (this.policies.kept(id) ?? this.restored(id));
    await this.state.prepare(version);
    return version;
  }

  private async restored(id: string): Promise<PolicyVersion> {
    const stored = await this.store.version(id);
    if (stored === undefined)
      throw new Error(
        `the policy version \`${id}\` is in force and is not kept: restore the table \`policy_version\` from a backup`,
      );
    return this.policies.restore(stored);
  }
}
