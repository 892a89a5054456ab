import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryPolicyStore } from '../../test/memory/memory-policy.store.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { NewerBuild } from '../errors.js';
import { contentIdOf } from '../policy/content-id.js';
import { ConsentStoreLost } from '../consent/log/consent.store.js';
import type { PolicyService } from '../policy/policy.service.js';
import { FollowedPublications } from './followed-publications.js';
import { policiesOn } from '../../test/at-once.js';

/** Policies that were published one after the other, by their titles. */
async function published(...titles: readonly string[]): Promise<MemoryPolicyStore> {
  const store = new MemoryPolicyStore(() => 0);
  for (const title of titles) {
    const document = { ...REFERENCE, regimes: REFERENCE.regimes.map((regime) => ({ ...regime, title })) };
    const { id } = await policiesOn(REFERENCE).build(document);
    await store.saveVersion({ id, document, authors: [], message: title, parent: null, at: 0 });
    await store.publish({ version: id, by: 'one', at: 0, draft: null, approvals: [] });
  }
  return store;
}

describe('publications of other processes', () => {
  let policies: PolicyService;
  beforeEach(() => {
    policies = policiesOn(REFERENCE);
  });

  /** Follows a store that can be replaced by another one. */
  function following(store: MemoryPolicyStore) {
    const at = { store };
    const followed = new FollowedPublications(
      {
        publications: (limit) => at.store.publications(limit),
        chainedPublications: (after) => at.store.chainedPublications(after),
        version: (id) => at.store.version(id),
      },
      policies,
      { prepare: async () => undefined },
    );
    const follow = async () => {
      for (const { put } of await followed.pending()) put();
    };
    return { at, followed, follow };
  }

  const titleInForce = () => policies.current.document.regimes[0]?.title;

  it('are in force in their order, none of them twice', async () => {
    const { at, followed, follow } = following(await published('one', 'two'));
    await follow();
    expect([titleInForce(), followed.count]).toEqual(['two', 2]);
    await follow();
    at.store = await published('one', 'two', 'three', 'four');
    expect(await followed.pending()).toHaveLength(2);
    await follow();
    expect([titleInForce(), followed.count]).toEqual(['four', 4]);
  });

  it('end the following when what was published is nothing that this build could decide by', async () => {
    const store = await published('one');
    for (const [message, document] of [
      ['another form', { ...REFERENCE, schema: 2 }],
      ['other rules', { ...REFERENCE, unknown_regime: 'later' }],
    ] as const) {
      const id = await contentIdOf(document);
      await store.saveVersion({ id, document, authors: [], message, parent: null, at: 0 });
      await store.publish({ version: id, by: 'one', at: 0, draft: null, approvals: [] });
      const { follow, followed } = following(store);
      await expect(follow(), message).rejects.toBeInstanceOf(NewerBuild);
      await expect(followed.prepare(id), message).rejects.toBeInstanceOf(NewerBuild);
    }
  });

  it.each([
    ['is another one', ['one', 'other']],
    ['is gone', ['one']],
    ['is another one with others after it', ['one', 'other', 'three']],
  ])('are followed no further when the last one that is in force %s', async (_what, titles) => {
    const { at, follow } = following(await published('one', 'two'));
    await follow();
    at.store = await published(...titles);
    await expect(follow()).rejects.toBeInstanceOf(ConsentStoreLost);
    expect(titleInForce()).toBe('two');
  });
});
