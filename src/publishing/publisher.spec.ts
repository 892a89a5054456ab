/** Publishing takes nobody's word for the floor. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ConsentLog } from '../consent/consent-log.js';
import { ConsentService } from '../consent/consent.service.js';
import { changeOfFloor } from '../decision/floor.js';
import type { PolicyDocument } from '../decision/policy.js';
import { finish } from '../decision/steps.js';
import { readPolicyFiles } from '../policy/policy-files.js';
import { PolicyService, type PolicyVersion } from '../policy/policy.service.js';
import type { Draft } from '../policy/policy.store.js';
import { Versions } from '../policy/versions.js';
import { MemoryConsentStore } from '../store/memory-consent.store.js';
import { MemoryPolicyStore } from '../store/memory-policy.store.js';
import { Drafts } from './drafts.js';
import { mustKeepOwnFloor } from './floor-proofs.js';
import { Publisher } from './publisher.js';
import { requirementsOf } from './requirements.js';
import { type Review, Reviewer } from './review.js';
import { policyToStartOn } from './start.js';

const POLICIES = new URL('../../policies', import.meta.url).pathname;
const REFERENCE = await readPolicyFiles(POLICIES);
const IN_FORCE = PolicyService.of(REFERENCE).current;

/** Lets the training of AI read private messages. */
function opened(floor: PolicyDocument['floor']): PolicyDocument {
  return {
    ...REFERENCE,
    floor,
    purposes: REFERENCE.purposes.map((purpose) =>
      purpose.id === 'ai' ? { ...purpose, categories: [...purpose.categories, 'private_message'] } : purpose,
    ),
  };
}

/** Its own floor lets it through, and that of the version in force does not. */
const BELOW_BASE = PolicyService.of(
  opened({ ...REFERENCE.floor, private_message: [...(REFERENCE.floor.private_message ?? []), 'ai'] }),
).current;
/** As a defect of the compiler would make it: the rules let through what the document's own floor forbids. */
const BELOW_OWN_FLOOR: PolicyVersion = { ...BELOW_BASE, document: opened(REFERENCE.floor) };

/** Finds nothing to say against a draft, whatever is in it. */
class CarelessReviewer extends Reviewer {
  version = IN_FORCE;

  override async review(): Promise<Review> {
    const effect = { widens: false, changesFloor: false, changedTerms: [] };
    return {
      base: IN_FORCE,
      version: this.version,
      difference: {
        cells: 0,
        opened: 0,
        closed: 0,
        flips: [],
        obligations: [],
        widens: false,
        narrows: true,
      },
      floorChange: changeOfFloor(REFERENCE, REFERENCE),
      effect,
      requirements: requirementsOf(effect, 0),
    };
  }
}

let policies: PolicyService;
let store: MemoryPolicyStore;
let reviewer: CarelessReviewer;
let publisher: Publisher;
let drafts: Drafts;
let draft: Draft;
let now: number;
let refused: unknown[];

beforeEach(async () => {
  now = 1_800_000_000_000;
  refused = [];
  store = new MemoryPolicyStore();
  ({ policies } = await policyToStartOn(store, POLICIES, now));
  const consentStore = new MemoryConsentStore();
  const log = new ConsentLog(consentStore, (error) => expect.unreachable(String(error)));
  await log.follow();
  const consent = new ConsentService(log, policies, () => now, consentStore);
  const versions = new Versions(policies, store);
  let drawn = 0;
  drafts = new Drafts(
    policies,
    versions,
    store,
    () => `draft-${++drawn}`,
    () => now,
  );
  reviewer = new CarelessReviewer(policies, versions, consent, 0);
  publisher = new Publisher(policies, versions, drafts, reviewer, consent, store, () => now, {
    onPublished: () => undefined,
    onRefused: (_id, error) => refused.push(error),
  });
  draft = await drafts.create('ann', { base: 'current', message: 'a test' });
});

describe('what crosses the floor', () => {
  const order = { edit: 1, notices: {} };

  describe.each([
    ['its own', BELOW_OWN_FLOOR],
    ['that of the version in force, which nobody agreed to lower', BELOW_BASE],
  ])('%s', (_whose, version) => {
    beforeEach(() => {
      reviewer.version = version;
    });

    it('does not come into force, though a review found nothing', async () => {
      await expect(publisher.publish(draft.id, 'ann', order)).rejects.toMatchObject({
        code: 'floor_crossed',
        message: expect.stringContaining('the floor of `private_message` forbids `ai`'),
      });
      expect(policies.current.id).toBe(IN_FORCE.id);
      expect(await store.publications(10)).toHaveLength(1);
    });

    it('is not put off to a time either', async () => {
      await expect(publisher.schedule(draft.id, 'ann', order, now + 1_000)).rejects.toMatchObject({
        code: 'floor_crossed',
      });
    });

    it('does not come into force at its time, when it was taken for sound before', async () => {
      const schedule = { at: now, by: 'ann', notices: {} };
      await store.moveDraft(draft.id, 1, { status: 'scheduled', schedule, refusal: null, changedAt: now });
      await publisher.wait();
      await expect.poll(() => refused).toMatchObject([{ code: 'floor_crossed' }]);
      await publisher.close();
      expect(policies.current.id).toBe(IN_FORCE.id);
      expect(await drafts.get(draft.id)).toMatchObject({
        status: 'open',
        refusal: expect.stringContaining('floor'),
      });
    });

    it('does not come back by a rollback', async () => {
      await store.saveVersion({
        id: version.id,
        document: version.document,
        authors: ['ann'],
        message: 'an old one',
        parent: null,
        at: now,
      });
      await expect(publisher.rollBack(version.id, 'ann', 'back', {})).rejects.toMatchObject({
        code: 'floor_crossed',
      });
      expect(policies.current.id).toBe(IN_FORCE.id);
    });
  });

  it('stops a start', () => {
    expect(() => finish(mustKeepOwnFloor(BELOW_OWN_FLOOR))).toThrow(
      'must not be in force: the floor of `private_message` forbids `ai`',
    );
    expect(() => finish(mustKeepOwnFloor(IN_FORCE))).not.toThrow();
  });
});
