import type { FleetNow, FleetProcess, ProcessStore } from '../../fleet/processes.store.js';
import type { PolicyService } from '../../policy/policy.service.js';
import type { StateInForce } from '../log/state-in-force.js';

/** The processes that share the log; where only one can, what it knows of itself. */
export class Processes {
  /** @param store absent: no other process can share the log */
  constructor(
    private readonly store: ProcessStore | undefined,
    private readonly state: Pick<StateInForce, 'available' | 'revision'>,
    private readonly policies: Pick<PolicyService, 'current'>,
    private readonly build: string,
  ) {}

  async now(): Promise<
    Pick<FleetNow, 'revision'> & {
      readonly processes: readonly (Omit<FleetProcess, 'id'> & { readonly id: string | null })[];
    }
  > {
    if (this.store !== undefined) return this.store.now();
    const { available, revision } = this.state;
    const alone = {
      id: null,
      build: this.build,
      isDeciding: available,
      isEvicted: false,
      lease: 0,
      leaseAge: 0,
      revision,
      policy: this.policies.current.id,
      isHeld: false,
    };
    return { revision, processes: [alone] };
  }
}
