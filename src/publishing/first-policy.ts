import { Overtaken } from '../fleet/fleet.store.js';
import { PolicyService } from '../policy/policy.service.js';
import type { PolicyStore, StoredVersion } from '../policy/policy.store.js';
import { inSlices } from '../work/slices.js';
import { mustKeepOwnFloor } from './review/floor-proofs.js';

/** Who published the policy of the folder, in the record. */
const FOLDER = 'policy folder';

/**
 * The policy that the service starts on: the one that was published last. At the very first start there is none, and the
 * policy of the folder is published; from then on it changes by drafts, and what the folder holds is not looked at. Either
 * way nothing is in force before it is proved that it keeps its floor.
 *
 * @throws PolicyFilesError when it is the first start, and anything is wrong with the folder
 * @throws Error when what is kept is not what was published, or does not keep its floor
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

/** A version that was published. @throws Error when it is not kept */
export async function versionInForce(
  store: Pick<PolicyStore, 'version'>,
  id: string,
): Promise<StoredVersion> {
  const stored = await store.version(id);
  if (stored === undefined)
    throw new Error(
      `the policy version \`${id}\` is in force and is not kept: restore the table \`policy_version\` from a backup`,
    );
  return stored;
}
