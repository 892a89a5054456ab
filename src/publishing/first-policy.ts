import { Overtaken } from '../fleet/fleet.store.js';
import { PolicyService } from '../policy/policy.service.js';
import type { PolicyStore, StoredVersion } from '../policy/policy.store.js';
import { inSlices } from '../work/slices.js';
import { mustKeepOwnFloor } from './review/floor-proofs.js';

/** The publisher of the folder's policy, in the record. */
const FOLDER = 'policy folder';

/**
 * The policy at start: the one that was published last. The very first start publishes the policy of the folder; from
 * then on the policy changes by drafts, and the folder is not read. Either way, no policy is in force before its floor
 * is proved.
 *
 * @throws PolicyFilesError at the first start, when anything is wrong with the folder
 * @throws Error when the stored version is not what was published, or does not keep its floor
 */
export async function policyToStartOn(
  store: PolicyStore,
  folder: string,
  now: number,
): Promise<{ readonly policies: PolicyService; readonly first: boolean }> {
  const [latest] = await store.publications(1);
  if (latest !== undefined) {
    const policies = await PolicyService.from(await versionInForce(store, latest.version));
    await inSlices(mustKeepOwnFloor(policies.current));
    return { policies, first: false };
  }
  const policies = await PolicyService.load(folder);
  await inSlices(mustKeepOwnFloor(policies.current));
  const { id, document } = policies.current;
  await store.saveVersion({
    id,
    document,
    authors: [FOLDER],
    message: 'the policy that the service first started on',
    parent: null,
    at: now,
  });
  try {
    await store.publish({ version: id, by: FOLDER, at: now, draft: null, approvals: [], follows: null });
  } catch (error) {
    // another process did the same, or wrote to the log
    if (error instanceof Overtaken) return policyToStartOn(store, folder, now);
    throw error;
  }
  return { policies, first: true };
}

/** A version that was published. @throws Error when it is missing */
export async function versionInForce(
  store: Pick<PolicyStore, 'version'>,
  id: string,
): Promise<StoredVersion> {
  const stored = await store.version(id);
  if (stored === undefined)
    throw new Error(
      `the policy version \`${id}\` is in force but missing from \`policy_version\`: restore that table from a backup`,
    );
  return stored;
}
