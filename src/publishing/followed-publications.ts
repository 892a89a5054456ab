/** Puts publications of other processes in force, at their place in the consent log. */
import type { Publications } from '../consent/log/followed-log.js';
import { ConsentStoreLost } from '../consent/log/consent.store.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { NewerBuild } from '../errors.js';
import { PolicyFilesError } from '../policy/text/policy-files.js';
import type { PolicyService, PolicyVersion } from '../policy/policy.service.js';
import type { ChainedPublication, PolicyStore } from '../policy/policy.store.js';
import { versionInForce } from './first-policy.js';

export class FollowedPublications implements Publications {
  /** The last one that is in force. */
  private reached: Pick<ChainedPublication, 'sequence' | 'hash'> = { sequence: 0, hash: Buffer.alloc(0) };

  constructor(
    private readonly store: Pick<PolicyStore, 'publications' | 'chainedPublications' | 'version'>,
    private readonly policies: PolicyService,
    private readonly state: Pick<StateInForce, 'prepare'>,
  ) {}

  get count(): number {
    return this.reached.sequence;
  }

  get link(): Buffer {
    return this.reached.hash;
  }

  /** @throws ConsentStoreLost when the publication that is in force here is no longer in the log */
  async pending(last?: Buffer): ReturnType<Publications['pending']> {
    if (last !== undefined && last.length > 0 && last.equals(this.reached.hash)) return [];
    const ready = (await this.missing()).map(async ({ sequence, hash, version: id, after }) => {
      const version = await this.built(id);
      const put = () => {
        this.policies.put(version);
        this.reached = { sequence, hash };
      };
      return { after, put };
    });
    return Promise.all(ready);
  }

  private async missing(): Promise<readonly ChainedPublication[]> {
    const { sequence, hash } = this.reached;
    if (sequence === 0) {
      // of the publications before this process began, only the last matters
      const [last] = await this.store.publications(1);
      return last === undefined ? [] : this.store.chainedPublications(last.sequence - 1);
    }
    const [same, ...missing] = await this.store.chainedPublications(sequence - 1);
    if (same?.hash.equals(hash) !== true) throw new ConsentStoreLost();
    return missing;
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
    const stored = await versionInForce(this.store, id);
    return this.policies.restore(stored).catch((cause: unknown) => {
      // its publisher has compiled it
      if (cause instanceof PolicyFilesError)
        throw new NewerBuild(`the policy version \`${id}\` has something in it`, { cause });
      throw cause;
    });
  }
}
