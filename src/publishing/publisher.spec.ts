/** Publishing takes nobody's word for the floor, and uses no notice twice. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConsentLog } from '../consent/log/consent-log.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { changeOfFloor } from '../decision/comparison/floor.js';
import type { PolicyDocument, Purpose } from '../decision/policy.js';
import { finish } from '../decision/steps.js';
import { StorageUnavailable } from '../errors.js';
import type { PolicyVersion } from '../policy/policy.service.js';
import type { Draft, DraftStanding, NewPublication, StoredVersion } from '../policy/policy.store.js';
import { Versions } from '../policy/versions.js';
import { MemoryConsentStore } from '../../test/memory/memory-consent.store.js';
import { MemoryPolicyStore } from '../../test/memory/memory-policy.store.js';
import { Drafts, MOST_DRAFTS } from './drafts.js';
import { mustKeepOwnFloor } from './review/floor-proofs.js';
import { NoticeNumbers } from './review/notice-numbers.js';
import { Publisher } from './publisher.js';
import { type Effect, requirementsOf } from './review/requirements.js';
import { type Review, Reviewer } from './review/review.js';
import { houseOn } from '../../test/house.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { policiesOn } from '../../test/at-once.js';

/** Building a version takes longer than a test. */
const policies = policiesOn(REFERENCE);
const IN_FORCE = policies.current;

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
const BELOW_BASE = policiesOn(
  opened({ ...REFERENCE.floor, private_message: [...(REFERENCE.floor.private_message ?? []), 'ai'] }),
).current;
/** As a defect of the compiler would make it: the rules let through what the document's own floor forbids. */
const BELOW_OWN_FLOOR: PolicyVersion = { ...BELOW_BASE, document: opened(REFERENCE.floor) };

/** Finds nothing to say against a draft, whatever is in it. */
class CarelessReviewer extends Reviewer {
  version = IN_FORCE;
  effect: Effect = {
    widens: false,
    releases: false,
    changesFloor: false,
    rewrites: false,
    changedTerms: [],
  };

  override async returning(): Promise<unknown> {
    return this.version.document;
  }

  override async review(): Promise<Review> {
    const { effect } = this;
    return {
      base: IN_FORCE,
      version: this.version,
      difference: {
        cells: 0,
        opened: 0,
        closed: 0,
        flips: [],
        obligations: [],
        consistency: [],
        lapses: [],
        visibility: [],
        lineage: [],
        rewrites: [],
        clients: [],
        widens: false,
        narrows: true,
      },
      floorChange: finish(changeOfFloor(REFERENCE, REFERENCE)),
      effect,
      requirements: requirementsOf(effect, 0),
      toRaise: [],
    };
  }
}

type Operation = 'scheduled' | 'saveVersion' | 'publish' | 'moveDraft';

/** Fails when it is told to, once, before or after it did what it was asked. */
class FailingPolicyStore extends MemoryPolicyStore {
  private failing: { readonly operation: Operation; readonly when: 'before' | 'after' } | undefined;

  failOnce(operation: Operation, when: 'before' | 'after' = 'before'): void {
    this.failing = { operation, when };
  }

  override scheduled() {
    return this.orFail('scheduled', () => super.scheduled());
  }

  override saveVersion(version: StoredVersion) {
    return this.orFail('saveVersion', () => super.saveVersion(version));
  }

  override publish(publication: NewPublication) {
    return this.orFail('publish', () => super.publish(publication));
  }

  override moveDraft(id: string, edit: number, standing: DraftStanding) {
    return this.orFail('moveDraft', () => super.moveDraft(id, edit, standing));
  }

  private async orFail<Result>(operation: Operation, work: () => Promise<Result>): Promise<Result> {
    const when = this.failing?.operation === operation ? this.failing.when : undefined;
    if (when !== undefined) this.failing = undefined;
    if (when === 'before') throw new StorageUnavailable('the database is away');
    const result = await work();
    if (when === 'after') throw new StorageUnavailable('the database is away');
    return result;
  }
}

let versions: Versions;
let log: ConsentLog;
let state: StateInForce;
let store: FailingPolicyStore;
let reviewer: CarelessReviewer;
let publisher: Publisher;
let drafts: Drafts;
let draft: Draft;
let now: number;
let refused: unknown[];
let delayed: unknown[];
let unseen: unknown[];
let consentStore: MemoryConsentStore;

beforeEach(async () => {
  now = 1_800_000_000_000;
  refused = [];
  delayed = [];
  unseen = [];
  store = new FailingPolicyStore();
  policies.put(IN_FORCE);
  await store.saveVersion({
    id: IN_FORCE.id,
    document: REFERENCE,
    authors: ['folder'],
    message: 'first',
    parent: null,
    at: now,
  });
  await store.publish({ version: IN_FORCE.id, by: 'folder', at: now, draft: null, approvals: [] });
  consentStore = new MemoryConsentStore();
  ({ log, state } = await houseOn(consentStore, policies));
  versions = new Versions(policies, store);
  let drawn = 0;
  drafts = new Drafts(
    policies,
    versions,
    store,
    () => `draft-${++drawn}`,
    () => now,
  );
  reviewer = new CarelessReviewer(policies, versions, state, new NoticeNumbers(versions, store), 0);
  publisher = publisherWith(reviewer);
  draft = (await drafts.open('ann', { base: 'current', message: 'a test' })).draft;
});

function publisherWith(by: Reviewer): Publisher {
  return new Publisher(
    { policies, drafts, reviewer: by, log, state, store, now: () => now },
    {
      onPublished: () => undefined,
      onRefused: (_id, error) => refused.push(error),
      onDelayed: (error) => delayed.push(error),
      onUnseen: (error) => unseen.push(error),
    },
  );
}

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
        message: expect.stringMatching(
          /^the floor of `private_message` forbids `ai`.*: close it in the draft, or lower the floor/,
        ),
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

describe('the notice of an opt-in', () => {
  const OPT_IN = 'ads.inferred';
  const [CLOSED, OPEN] = (['never', 'opt_in'] as const).map((setting) =>
    Object.fromEntries(REFERENCE.regimes.map(({ id }) => [id, setting])),
  );

  beforeEach(() => {
    const numbers = new NoticeNumbers(versions, store);
    publisher = publisherWith(new Reviewer(policies, versions, state, numbers, 0));
  });

  const withoutPurpose = <T extends { readonly purposes: readonly string[] }>(
    client: T,
    purpose: string,
  ) => ({
    ...client,
    purposes: client.purposes.filter((id) => id !== purpose),
  });

  /** The policy in force with a purpose changed, or without it. */
  const changed = (change: Partial<Purpose> | 'removed', by = IN_FORCE.document) => ({
    ...by,
    purposes: by.purposes.flatMap((purpose) => {
      if (purpose.id !== OPT_IN) return [purpose];
      return change === 'removed' ? [] : [{ ...purpose, ...change }];
    }),
    ...(change === 'removed' && by.clients !== undefined
      ? { clients: by.clients.map((client) => withoutPurpose(client, OPT_IN)) }
      : {}),
  });

  /** Everything that a publication takes but the right number. */
  async function publish(document: PolicyDocument): Promise<unknown> {
    const seen = (await drafts.open('ann', { base: 'current', document, message: 'm' })).draft;
    const { id, edit } = seen;
    for (const by of ['bob', 'cat']) await drafts.approve(id, seen, { by, roles: ['policy_admin'] });
    const notices = Object.fromEntries(document.purposes.map((purpose) => [purpose.id, purpose.notice ?? 1]));
    return publisher.publish(id, 'ann', { edit, notices });
  }

  async function refusedBelow(atLeast: number, document: PolicyDocument): Promise<void> {
    const before = policies.current.id;
    await expect(publish(document)).rejects.toMatchObject({
      code: 'notice_not_raised',
      message: expect.stringContaining(`to ${atLeast} or higher`),
    });
    expect(policies.current.id).toBe(before);
  }

  it('has a higher number when its words change, and old grants are outdated by it', async () => {
    await refusedBelow(2, changed({ title: 'Fewer ads' }));
    await publish(changed({ title: 'Fewer ads', notice: 2 }));
    expect(policies.current.purposes.get(OPT_IN)?.notice).toBe(2);
  });

  it('has a higher number when it opens more, and none when it only opens less', async () => {
    const less = IN_FORCE.document.fields.map((field) =>
      field.id === 'activity.view' ? { ...field, never: [OPT_IN] } : field,
    );
    await publish({ ...IN_FORCE.document, fields: less });
    await refusedBelow(2, IN_FORCE.document);
  });

  it.each<[string, PolicyDocument]>([
    ['was closed to everybody', changed({ settings: CLOSED ?? {} })],
    ['was removed', changed('removed')],
    ['was none', changed({ settings: { ...CLOSED, US: 'opt_out' }, description: 'Whatever there is.' })],
  ])('has a higher number when it comes back in other words after it %s', async (_how, between) => {
    await publish(between);
    await refusedBelow(2, changed({ settings: OPEN ?? {}, title: 'Fewer ads' }));
    await publish(changed({ settings: OPEN ?? {}, title: 'Fewer ads', notice: 2 }));
  });

  it('keeps its number when it was closed for a while and comes back as it was', async () => {
    await publish(changed({ settings: CLOSED ?? {} }));
    await publish(IN_FORCE.document);
    expect(policies.current.id).toBe(IN_FORCE.id);
  });

  it.each([
    {
      what: 'that changes when grants lapse has them all',
      change: { lapses_after: { EU_EEA_CH: 'P1Y' } },
      terms: '',
    },
    {
      what: 'that leaves that as it was has none',
      change: { title: 'Fewer ads', notice: 2 },
      terms: 'before',
    },
  ])('in a publication $what gone through again, whoever dies right after it', async ({ change, terms }) => {
    await consentStore.markLapses({ terms: 'before', reached: 9, isDone: true });
    await publish(changed(change));
    expect(await consentStore.lapseMark()).toMatchObject({ terms });
  });

  it('does not return to a lower number', async () => {
    await publish(changed({ notice: 5 }));
    await refusedBelow(5, IN_FORCE.document);
    // not by way of a time in which it is closed
    await publish(changed({ notice: 5, settings: CLOSED ?? {} }));
    await publish(changed({ notice: 1, settings: CLOSED ?? {} }));
    await refusedBelow(6, changed({ title: 'Fewer ads', notice: 5 }));
  });

  const untranslated = <T extends { readonly translations?: unknown }>(entry: T) => {
    const { translations: _dropped, ...rest } = entry;
    return rest;
  };

  /** A policy without its German texts. */
  const inEnglish = (document: PolicyDocument): PolicyDocument => ({
    ...document,
    languages: ['en'],
    regimes: document.regimes.map(untranslated),
    obligations: document.obligations.map(untranslated),
    categories: (document.categories ?? []).map(untranslated),
    purposes: document.purposes.map(untranslated),
    fields: document.fields.map(untranslated),
    transforms: (document.transforms ?? []).map(untranslated),
    visibility: (document.visibility ?? []).map((group) => ({
      ...untranslated(group),
      levels: group.levels.map(untranslated),
    })),
  });
  const inOtherGerman = (change: Partial<Purpose> = {}) =>
    changed({ translations: { de: { title: 'Andere Werbung', description: 'Anders.' } }, ...change });

  it.each<[string, PolicyDocument[]]>([
    ['', []],
    [' and the purpose was closed', [inEnglish(changed({ settings: CLOSED ?? {} }))]],
    [' and the purpose was removed', [inEnglish(changed('removed'))]],
  ])(
    'has a higher number when a language comes back in other words after it was dropped%s',
    async (_how, between) => {
      for (const version of [inEnglish(IN_FORCE.document), ...between]) await publish(version);
      await refusedBelow(2, inOtherGerman());
      await publish(inOtherGerman({ notice: 2 }));
    },
  );

  it('keeps its number when a language comes back as it was, or in other words under a number that it never had', async () => {
    await publish(inEnglish(IN_FORCE.document));
    await publish(IN_FORCE.document);
    await publish(inEnglish(changed({ notice: 2 })));
    await publish(inOtherGerman({ notice: 2 }));
    await publish(inEnglish(changed({ notice: 2 })));
    await refusedBelow(3, changed({ notice: 2 }));
  });

  it('has a new number after a rollback to a language in which others have followed', async () => {
    await publish(inOtherGerman({ notice: 2 }));
    await publish(inEnglish(changed({ notice: 2 })));
    const rolled = await publisher.rollBack(IN_FORCE.id, 'ann', 'back', {});
    expect(rolled.draft.document).toEqual(changed({ notice: 3 }));
  });

  it('has a new number after a rollback to words that others have followed', async () => {
    await publish(changed({ title: 'Fewer ads', notice: 2 }));
    const rolled = await publisher.rollBack(IN_FORCE.id, 'ann', 'back', {});
    expect(rolled).not.toHaveProperty('publication');
    expect(rolled.draft.document).toEqual(changed({ notice: 3 }));
  });
});

describe('a publication that waits for its time', () => {
  const order = { edit: 1, notices: {} };
  const NEXT = policiesOn({ ...REFERENCE, fields: REFERENCE.fields.slice(0, -1) }).current;

  beforeEach(() => {
    reviewer.version = NEXT;
  });

  it.each(['scheduled', 'saveVersion', 'publish'] as const)(
    'is made all the same after storage failed on `%s`, and its draft stays as it is until then',
    async (operation) => {
      await publisher.schedule(draft.id, 'ann', order, now + 1_000);
      store.failOnce(operation);
      now += 1_000;
      await expect.poll(() => delayed).toHaveLength(1);
      expect(await store.scheduled()).toMatchObject([{ id: draft.id, status: 'scheduled', refusal: null }]);
      await expect.poll(() => policies.current.id).toBe(NEXT.id);
      expect(await drafts.get(draft.id)).toMatchObject({ status: 'published', refusal: null });
      expect(refused).toEqual([]);
      await publisher.close();
    },
  );

  it('is made in time, and not said to be late, after a look for those of other processes failed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await publisher.schedule(draft.id, 'ann', order, now + 1_000);
      store.failOnce('scheduled');
      publisher.watch();
      vi.advanceTimersByTime(15_000);
      await expect.poll(() => unseen).toHaveLength(1);
      now += 1_000;
      await expect.poll(() => policies.current.id).toBe(NEXT.id);
      expect([delayed, publisher.counts]).toEqual([[], { published: 1, refused: 0, delayed: 0 }]);
      await publisher.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('is refused in the end, when storage failed to say so', async () => {
    reviewer.version = BELOW_BASE;
    const schedule = { at: now, by: 'ann', notices: {} };
    await store.moveDraft(draft.id, 1, { status: 'scheduled', schedule, refusal: null, changedAt: now });
    store.failOnce('moveDraft');
    await publisher.wait();
    await expect.poll(() => refused).toMatchObject([{ code: 'floor_crossed' }]);
    await publisher.close();
    expect(delayed).toHaveLength(1);
    expect(await drafts.get(draft.id)).toMatchObject({ status: 'open' });
  });

  it('is made, though storage did not confirm that it was put off', async () => {
    store.failOnce('moveDraft', 'after');
    await expect(publisher.schedule(draft.id, 'ann', order, now + 1_000)).rejects.toThrow(StorageUnavailable);
    now += 1_000;
    await expect.poll(() => policies.current.id).toBe(NEXT.id);
    await publisher.close();
  });

  it('is not held up by another that cannot be made', async () => {
    const other = (await drafts.open('ann', { base: 'current', message: 'another' })).draft;
    const schedule = { at: now, by: 'ann', notices: {} };
    for (const { id } of [draft, other])
      await store.moveDraft(id, 1, { status: 'scheduled', schedule, refusal: null, changedAt: now });
    store.failOnce('saveVersion');
    await publisher.wait();
    await expect.poll(() => policies.current.id).toBe(NEXT.id);
    expect(await drafts.get(other.id)).toMatchObject({ status: 'published' });
    await publisher.close();
  });
});

describe('a draft of which an approval was withdrawn', () => {
  const order = { edit: 1, notices: {} };
  const refusal = { code: 'approvals_missing', message: expect.stringContaining('it has 1: ask others') };
  const withdraw = () => drafts.withdraw(draft.id, 1, 'Cat', 'approval');

  beforeEach(async () => {
    reviewer.version = policiesOn({ ...REFERENCE, fields: REFERENCE.fields.slice(0, -1) }).current;
    reviewer.effect = { ...reviewer.effect, widens: true };
    for (const by of ['cat', 'dan'])
      await publisher.approve(draft.id, draft, { by, roles: ['policy_admin'] });
  });

  it('takes another one, whichever id the approver has by now', async () => {
    expect((await withdraw()).approvals.map(({ by }) => by)).toEqual(['dan']);
    await expect(publisher.publish(draft.id, 'ann', order)).rejects.toMatchObject(refusal);
    await publisher.approve(draft.id, draft, { by: 'cat', roles: ['policy_admin'] });
    await publisher.publish(draft.id, 'ann', order);
    expect(policies.current.id).toBe(reviewer.version.id);
  });

  it('does not come into force when it is withdrawn after everything else was found in order', async () => {
    const saveVersion = store.saveVersion.bind(store);
    store.saveVersion = async (version) => {
      await saveVersion(version);
      await withdraw();
    };
    await expect(publisher.publish(draft.id, 'ann', order)).rejects.toMatchObject(refusal);
    expect(policies.current.id).toBe(IN_FORCE.id);
  });

  it('does not come into force at its time, and says why', async () => {
    await publisher.schedule(draft.id, 'ann', order, now + 1_000);
    await withdraw();
    now += 1_000;
    await expect.poll(() => refused).toMatchObject([refusal]);
    await publisher.close();
    expect(await drafts.get(draft.id)).toMatchObject({ status: 'open' });
    expect(policies.current.id).toBe(IN_FORCE.id);
  });

  it('comes into force at its time when that was one more than it takes, withdrawn just then', async () => {
    await publisher.approve(draft.id, draft, { by: 'eve', roles: ['policy_admin'] });
    await publisher.schedule(draft.id, 'ann', order, now + 1_000);
    const saveVersion = store.saveVersion.bind(store);
    store.saveVersion = async (version) => {
      store.saveVersion = saveVersion;
      await saveVersion(version);
      await withdraw();
    };
    now += 1_000;
    await expect.poll(() => policies.current.id).toBe(reviewer.version.id);
    await publisher.close();
    expect(refused).toEqual([]);
  });

  it('keeps it once it is published', async () => {
    await publisher.publish(draft.id, 'ann', order);
    await expect(withdraw()).rejects.toMatchObject({ code: 'draft_ended' });
    expect((await drafts.get(draft.id)).approvals).toHaveLength(2);
  });
});

describe('a draft that somebody declined', () => {
  const order = { edit: 1, notices: {} };
  const refusal = {
    code: 'draft_declined',
    message:
      'it was declined by `cat` with the remark `not so`: edit the draft, or talk to them, whose approval lifts it',
  };
  const cat = { by: 'cat', roles: ['policy_admin'] };
  const decline = () => publisher.decline(draft.id, draft, { ...cat, remark: 'not so' });

  beforeEach(() => {
    reviewer.version = policiesOn({ ...REFERENCE, fields: REFERENCE.fields.slice(0, -1) }).current;
  });

  it('comes neither into force nor is put off to a time, though it takes no approval', async () => {
    await decline();
    await expect(publisher.publish(draft.id, 'ann', order)).rejects.toMatchObject(refusal);
    await expect(publisher.schedule(draft.id, 'ann', order, now + 1_000)).rejects.toMatchObject(refusal);
    expect(policies.current.id).toBe(IN_FORCE.id);
  });

  it('does not come into force at its time, and says why', async () => {
    await publisher.schedule(draft.id, 'ann', order, now + 1_000);
    await decline();
    now += 1_000;
    await expect.poll(() => refused).toMatchObject([refusal]);
    await publisher.close();
    expect(await drafts.get(draft.id)).toMatchObject({ status: 'open', refusal: refusal.message });
    expect(policies.current.id).toBe(IN_FORCE.id);
  });

  it('does not come into force when it is declined after everything else was found in order', async () => {
    const saveVersion = store.saveVersion.bind(store);
    store.saveVersion = async (version) => {
      await saveVersion(version);
      await decline();
    };
    await expect(publisher.publish(draft.id, 'ann', order)).rejects.toMatchObject(refusal);
    expect(policies.current.id).toBe(IN_FORCE.id);
  });

  it('is published once the same person approves it, and nobody else lifts it', async () => {
    await decline();
    await publisher.approve(draft.id, draft, { ...cat, by: 'dan' });
    await expect(publisher.publish(draft.id, 'ann', order)).rejects.toMatchObject(refusal);
    await publisher.approve(draft.id, draft, { ...cat, by: 'Cat' });
    await publisher.publish(draft.id, 'ann', order);
    expect(policies.current.id).toBe(reviewer.version.id);
  });

  it('is published once the same person withdraws the decline, from any draft that says the same', async () => {
    await decline();
    const other = await drafts.open('ann', { ...draft, message: 'twin' }, () => false);
    expect(await drafts.withdraw(draft.id, 1, 'dan', 'decline')).toMatchObject({
      declines: [{ liftedAt: null }],
    });
    await drafts.withdraw(other.draft.id, 1, 'Cat', 'decline');
    expect(await drafts.get(draft.id)).toMatchObject({
      declines: [{ by: 'cat', liftedAt: now }],
      approvals: [],
    });
    await publisher.publish(draft.id, 'ann', order);
    expect(policies.current.id).toBe(reviewer.version.id);
  });

  it('and rebased or written anew as it was, is declined still; edited, it is not', async () => {
    await decline();
    const { edit, document } = await drafts.rebase(draft.id, 1, 'ann');
    const same = await drafts.replace(draft.id, edit, 'ann', document);
    await expect(publisher.publish(draft.id, 'ann', { ...order, edit: same.edit })).rejects.toMatchObject(
      refusal,
    );
    const other = await drafts.replace(draft.id, same.edit, 'ann', { other: 'content' });
    expect(other.declines).toMatchObject([{ edit: 1, remark: 'not so', liftedAt: null }]);
    await publisher.publish(draft.id, 'ann', { ...order, edit: other.edit });
  });

  it('is told of to whoever publishes the same content as another draft, until the same person approves either', async () => {
    await decline();
    const twin = (await drafts.open('ci', { base: 'current', message: 'once more' })).draft;
    const said = {
      code: 'draft_declined',
      message: `it was declined by \`cat\` with the remark \`not so\` in the draft \`${draft.id}\`, which says the same: edit the draft, or talk to them, whose approval lifts it`,
    };
    await expect(publisher.publish(twin.id, 'ann', order)).rejects.toMatchObject(said);
    await expect(publisher.schedule(twin.id, 'ann', order, now + 1_000)).rejects.toMatchObject(said);
    await publisher.approve(twin.id, twin, { ...cat, by: 'dan' });
    await expect(publisher.publish(twin.id, 'ann', order)).rejects.toMatchObject(said);
    await publisher.approve(twin.id, twin, cat);
    expect((await drafts.get(draft.id)).declines).toMatchObject([{ by: 'cat', liftedAt: now }]);
    await publisher.publish(twin.id, 'ann', order);
    expect(policies.current.id).toBe(reviewer.version.id);
  });

  it('does not come into force as another draft that was found in order before the decline', async () => {
    const twin = (await drafts.open('ci', { base: 'current', message: 'once more' })).draft;
    const saveVersion = store.saveVersion.bind(store);
    store.saveVersion = async (version) => {
      await saveVersion(version);
      await decline();
    };
    await expect(publisher.publish(twin.id, 'ann', order)).rejects.toMatchObject({ code: 'draft_declined' });
    expect(policies.current.id).toBe(IN_FORCE.id);
  });

  it('keeps its decline when the same person declines another draft that says the same', async () => {
    await decline();
    const twin = (await drafts.open('ci', { base: 'current', message: 'once more' })).draft;
    const declined = await publisher.decline(twin.id, twin, { ...cat, remark: 'still not' });
    expect(declined.declines.map(({ liftedAt }) => liftedAt)).toEqual([null, null]);
  });

  it('has no approval of whoever declined it, under whichever id it was given', async () => {
    for (const by of ['CAT', 'dan']) await publisher.approve(draft.id, draft, { ...cat, by });
    expect((await decline()).approvals.map(({ by }) => by)).toEqual(['dan']);
  });

  it('cannot be declined any more once it is published', async () => {
    await publisher.publish(draft.id, 'ann', order);
    await expect(decline()).rejects.toMatchObject({ code: 'draft_ended' });
  });

  it('is told to be published, and not edited, when that came a moment before', async () => {
    const declined = store.decline.bind(store);
    store.decline = async (...args) => {
      await publisher.publish(draft.id, 'ann', order);
      return declined(...args);
    };
    await expect(decline()).rejects.toMatchObject({ code: 'draft_ended' });
  });
});

it('a time that passed a moment ago is now: approvals that came since count', async () => {
  reviewer.effect = { ...reviewer.effect, widens: true };
  reviewer.version = policiesOn({ ...REFERENCE, fields: REFERENCE.fields.slice(0, -1) }).current;
  const time = now;
  now += 30_000;
  for (const by of ['bert', 'carla'])
    await publisher.approve(draft.id, draft, { by, roles: ['policy_admin'] });
  const scheduled = await publisher.schedule(draft.id, 'ann', { edit: 1, notices: {} }, time);
  expect(scheduled.schedule).toMatchObject({ at: time });
  await publisher.close();
});

describe('a draft that changes the floor', () => {
  const officer = { by: 'oda', roles: ['privacy_officer'], remark: 'not so' };
  const admin = { by: 'cat', roles: ['policy_admin'], remark: 'not so' };
  const declineOf = async (change: Partial<PolicyDocument>, decliner: typeof admin) => {
    publisher = publisherWith(new Reviewer(policies, versions, state, new NoticeNumbers(versions, store), 0));
    const document = { ...REFERENCE, ...change };
    const seen = (await drafts.open('ann', { base: 'current', document, message: 'm' })).draft;
    return publisher.decline(seen.id, seen, decliner);
  };
  const FLOOR = { private_message: [...(REFERENCE.floor.private_message ?? []), 'research'] };

  it('is declined by those whose approval would count', async () => {
    await expect(declineOf({ floor: FLOOR }, admin)).rejects.toMatchObject({
      code: 'caller_not_allowed',
      message:
        'the draft changes the floor, so only the decline of admins with the role `privacy_officer` counts: leave it to them',
    });
    expect((await declineOf({ floor: FLOOR }, officer)).declines).toHaveLength(1);
  });

  it('as little as one that releases a field is declined by others', async () => {
    const [source] = REFERENCE.fields;
    const transform = {
      id: 'test_count',
      title: 'A count',
      description: 'A count.',
      translations: { de: { title: 'Zahl', description: 'Zahl.' } },
      release: { method: 'aggregate', at_least: 1_000 },
    } as const;
    const figure = {
      id: 'test.figure',
      title: 'A figure',
      translations: { de: { title: 'Zahl' } },
      derived_from: [source?.id ?? ''],
      transform: transform.id,
      release: { category: 'public', reason: 'Over many.', review: '2099-06-30' },
      identifiability: 'none',
    } as const;
    const released = {
      transforms: [...(REFERENCE.transforms ?? []), transform],
      fields: [...REFERENCE.fields, figure],
    };
    await expect(declineOf(released, admin)).rejects.toMatchObject({
      code: 'caller_not_allowed',
      message:
        'the draft opens data and releases what is made of data, so only the decline of admins with the role `privacy_officer` counts: leave it to them',
    });
    expect((await declineOf(released, officer)).declines).toHaveLength(1);
  });

  it('may be declined by anybody who may approve some while it does not compile', async () => {
    expect((await declineOf({ floor: FLOOR, purposes: [] }, admin)).declines).toHaveLength(1);
  });
});

it.each<[string, Partial<PolicyDocument>]>([
  [
    'opens data',
    {
      purposes: REFERENCE.purposes.map((purpose) =>
        purpose.id === 'research'
          ? { ...purpose, obligations: purpose.obligations?.slice(1) ?? [] }
          : purpose,
      ),
    },
  ],
  [
    'lets clients ask for or do more',
    { clients: [...(REFERENCE.clients ?? []), { id: 'new', purposes: ['research'], scopes: [] }] },
  ],
  [
    'changes what clients may ask for or do',
    { clients: (REFERENCE.clients ?? []).map((client) => ({ ...client, purposes: [] })) },
  ],
  [
    'changes what users are told, how signals are heard or what callers are bound to',
    {
      purposes: REFERENCE.purposes.map((purpose) => ({
        ...purpose,
        description: 'Other words.',
        notice: (purpose.notice ?? 1) + 1,
      })),
    },
  ],
])('a draft that %s is told so where the approval of others is missing', async (does, change) => {
  publisher = publisherWith(new Reviewer(policies, versions, state, new NoticeNumbers(versions, store), 0));
  const document = { ...REFERENCE, ...change };
  const { id, edit } = (await drafts.open('ann', { base: 'current', document, message: 'm' })).draft;
  await expect(publisher.publish(id, 'ann', { edit, notices: {} })).rejects.toMatchObject({
    code: 'approvals_missing',
    message: `it ${does}, so it takes the approval of 2 admins who neither wrote on it nor publish it; it has 0: ask others for theirs`,
  });
});

it('a rollback to what is in force is refused, and says what to name instead', async () => {
  await expect(publisher.rollBack('current', 'ann', 'back', {})).rejects.toMatchObject({
    code: 'nothing_to_publish',
    message: 'it is in force already: name an older version; `GET /v1/policies` lists them',
  });
});

it('takes no draft more than there is room for', async () => {
  for (let at = 1; at < MOST_DRAFTS; at++)
    await store.createDraft({ ...draft, id: `d-${at}`, document: {}, createdAt: now });
  await expect(drafts.open('ann', { base: 'current', message: 'm' })).rejects.toMatchObject({
    code: 'too_many_drafts',
  });
  await drafts.discard('d-1', 1);
  await drafts.open('ann', { base: 'current', message: 'm' });
});
