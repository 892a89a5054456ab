import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewDraft, PolicyStore, StoredVersion } from '../../src/policy/policy.store.js';

/** A policy store, and the consent log that it shares its places with. */
export type OpenPolicyStore = {
  readonly store: PolicyStore;
  /** Appends so many events to the consent log. */
  readonly append: (events: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

const AT = 1_700_000_000_123;

function idOf(name: string): string {
  return `sha256:${Buffer.from(name.padEnd(32, '.')).toString('hex').slice(0, 64)}`;
}

function version(name: string, at = AT): StoredVersion {
  return {
    id: idOf(name),
    document: { schema: 1, odd: `it's "${name}" \\u0000 日本語`, nested: [{ deep: null }, 0.5, true] },
    authors: ['one', 'an "odd", name'],
    message: `because of ${name}`,
    parent: null,
    at,
  };
}

function draft(id: string, createdAt = AT): NewDraft {
  return {
    id,
    base: idOf('base'),
    document: { not: 'a policy', yet: [1] },
    content: idOf(id),
    message: 'a change',
    authors: ['author'],
    createdAt,
  };
}

const NOTHING = { approvals: [], declines: [] };
const DECLINE = { by: 'approver', roles: ['policy_admin'], remark: 'not\nyet', at: AT };
const APPROVAL = { by: 'approver', roles: ['policy_admin'], at: AT };

/** What every adapter of the policy store does. */
export function policyStoreContract(name: string, open: () => Promise<OpenPolicyStore>): void {
  describe(`policy store ${name}`, () => {
    let opened: OpenPolicyStore;
    const store = () => opened.store;

    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    it('keeps a version as it was given, for ever', async () => {
      await store().saveVersion(version('kept'));
      await store().saveVersion({ ...version('kept'), message: 'another message' });
      expect(await store().version(idOf('kept'))).toEqual(version('kept'));
      expect(await store().version(idOf('nothing'))).toBeUndefined();
    });

    it('lists versions newest first, without their documents', async () => {
      await store().saveVersion(version('older', AT + 1_000));
      await store().saveVersion(version('newer', AT + 2_000));
      const [newer, older] = await store().versions(2);
      expect([newer?.id, older?.id]).toEqual([idOf('newer'), idOf('older')]);
      expect(newer).not.toHaveProperty('document');
    });

    it('puts versions in force one after the other, each at its place of the consent log', async () => {
      await store().saveVersion(version('first'));
      await store().saveVersion(version('second'));
      const first = { version: idOf('first'), by: 'folder', at: AT, draft: null, approvals: [] };
      const one = await store().publish(first);
      await opened.append(3);
      const two = await store().publish({
        ...first,
        version: idOf('second'),
        at: AT + 10,
        approvals: [APPROVAL],
      });
      expect(one).toEqual({ ...first, sequence: 1, after: 0 });
      expect(two).toEqual({
        ...first,
        version: idOf('second'),
        at: AT + 10,
        approvals: [APPROVAL],
        sequence: 2,
        after: 3,
      });
      expect(await store().publications(10)).toEqual([two, one]);
      expect(await store().publications(1)).toEqual([two]);
    });

    it('tells which version was in force at a time', async () => {
      expect(await store().publicationAt(AT - 1)).toBeUndefined();
      expect((await store().publicationAt(AT))?.sequence).toBe(1);
      expect((await store().publicationAt(AT + 9))?.sequence).toBe(1);
      expect((await store().publicationAt(AT + 10))?.sequence).toBe(2);
    });

    it('tells which version a revision of the consent log was made under', async () => {
      const sequences = [];
      for (const revision of [0, 1, 3, 4, 1_000_000])
        sequences.push((await store().publicationBefore(revision))?.sequence);
      // the second came into force after revision 3, so that 3 itself was made under the first
      expect(sequences).toEqual([undefined, 1, 1, 2, 2]);
    });

    it('never puts a version in force that is not kept', async () => {
      const publication = { version: idOf('missing'), by: 'a', at: AT, draft: null, approvals: [] };
      await expect(store().publish(publication)).rejects.toThrow();
      expect((await store().publications(1))[0]?.sequence).toBe(2);
    });

    it('keeps a draft as it was given, and counts its edits', async () => {
      const opened = await store().createDraft(draft('edited'));
      expect(opened).toEqual({
        ...draft('edited'),
        edit: 1,
        status: 'open',
        schedule: null,
        refusal: null,
        changedAt: AT,
        approvals: [],
        declines: [],
      });
      const change = {
        base: idOf('kept'),
        document: [1, 'anything'],
        content: idOf('changed'),
        message: 'more',
        authors: ['author', 'second'],
        changedAt: AT + 5,
      };
      const edited = await store().editDraft('edited', 1, change);
      expect(edited).toMatchObject({ ...change, edit: 2 });
      expect(await store().draft('edited')).toEqual(edited);
      expect(await store().draft('nothing')).toBeUndefined();
    });

    it('lets nobody overwrite an edit that they have not seen', async () => {
      await store().createDraft(draft('raced'));
      const change = { ...draft('raced'), changedAt: AT };
      const raced = await Promise.all(
        ['one', 'two', 'three'].map((message) => store().editDraft('raced', 1, { ...change, message })),
      );
      expect(raced.filter((edited) => edited !== undefined)).toHaveLength(1);
      expect((await store().draft('raced'))?.edit).toBe(2);
    });

    it('keeps an approval for the edit it was given for, and one for each admin', async () => {
      await store().createDraft(draft('approved'));
      await store().approve('approved', 1, APPROVAL, []);
      await store().approve('approved', 1, { ...APPROVAL, at: AT + 1 }, []);
      await store().approve('approved', 1, { ...APPROVAL, by: 'another' }, []);
      expect((await store().draft('approved'))?.approvals).toHaveLength(2);
      expect((await store().draft('approved'))?.approvals[0]).toEqual(APPROVAL);
      await store().editDraft('approved', 1, { ...draft('approved'), changedAt: AT });
      expect((await store().draft('approved'))?.approvals).toEqual([]);
    });

    it('keeps a decline for ever, with what was read of the draft, and numbers those of each draft', async () => {
      await store().createDraft(draft('declined'));
      await store().createDraft(draft('other'));
      const given = {
        ...DECLINE,
        draft: 'declined',
        number: 1,
        edit: 1,
        content: idOf('declined'),
        bases: [idOf('base')],
        liftedAt: null,
      };
      expect(await store().decline('declined', 1, DECLINE, NOTHING)).toMatchObject({ declines: [given] });
      await store().decline('other', 1, DECLINE, NOTHING);
      await store().editDraft('declined', 1, {
        ...draft('declined'),
        content: idOf('said otherwise'),
        changedAt: AT,
      });
      const second = { ...DECLINE, remark: 'nor so', at: AT - 5 };
      const twice = await store().decline('declined', 2, second, NOTHING);
      expect(twice?.declines).toEqual([
        given,
        { ...given, ...second, number: 2, edit: 2, content: idOf('said otherwise') },
      ]);
      const listed = (await store().drafts(1_000)).find(({ id }) => id === 'declined');
      expect(listed?.declines).toEqual(twice?.declines);
    });

    it('takes no decline of an edit that is no longer there, nor of a draft that has ended', async () => {
      await store().createDraft(draft('gone'));
      expect(await store().decline('gone', 2, DECLINE, NOTHING)).toBeUndefined();
      expect(await store().decline('nothing', 1, DECLINE, NOTHING)).toBeUndefined();
      const ended = { status: 'discarded', schedule: null, refusal: null, changedAt: AT } as const;
      await store().moveDraft('gone', 1, ended);
      expect(await store().decline('gone', 1, DECLINE, NOTHING)).toBeUndefined();
      expect((await store().draft('gone'))?.declines).toEqual([]);
    });

    it('withdraws approvals with a decline, and lifts declines with an approval, as it is told to', async () => {
      await store().createDraft(draft('wavering'));
      for (const by of ['approver', 'another']) await store().approve('wavering', 1, { ...APPROVAL, by }, []);
      const [first, second] = [1, 2].map((number) => ({ draft: 'wavering', number }));
      if (first === undefined || second === undefined) throw new Error('there are two');
      const unsaid = { approvals: ['approver'], declines: [] };
      const declined = await store().decline('wavering', 1, DECLINE, unsaid);
      expect(declined?.approvals.map(({ by }) => by)).toEqual(['another']);
      await store().decline('wavering', 1, { ...DECLINE, at: AT + 1 }, { approvals: [], declines: [first] });
      await store().decline('wavering', 1, { ...DECLINE, by: 'another' }, NOTHING);
      await store().approve('wavering', 1, { ...APPROVAL, at: AT + 2 }, [first, second]);
      const after = await store().draft('wavering');
      expect(after?.declines.map(({ by, liftedAt }) => [by, liftedAt])).toEqual([
        ['approver', AT + 1],
        ['approver', AT + 2],
        ['another', null],
      ]);
      expect(after?.approvals).toContainEqual({ ...APPROVAL, at: AT + 2 });
    });

    it('publishes nothing past a decline that the publication does not know of', async () => {
      await store().createDraft(draft('passed-over'));
      const order = { version: idOf('first'), by: 'a', at: AT + 15, approvals: [] };
      const knowing = (declines: number) =>
        store().publish({ ...order, draft: { id: 'passed-over', edit: 1, declines } });
      await store().decline('passed-over', 1, DECLINE, NOTHING);
      expect(await knowing(0)).toBeUndefined();
      expect((await store().draft('passed-over'))?.status).toBe('open');
      expect(await knowing(1)).toMatchObject({ draft: 'passed-over' });
    });

    it('shows a decline with every draft that says the same, and the versions it was to follow', async () => {
      const same = { content: idOf('twins'), base: idOf('base') };
      await store().createDraft({ ...draft('twin-a'), ...same });
      await store().createDraft({ ...draft('twin-b'), ...same });
      await store().createDraft(draft('no-twin'));
      await store().decline('twin-a', 1, DECLINE, NOTHING);
      await store().decline('twin-b', 1, { ...DECLINE, by: 'another', at: AT + 1 }, NOTHING);
      const late = await store().createDraft({ ...draft('twin-c'), ...same });
      expect(late.declines.map((one) => [one.draft, one.number, one.by, one.bases])).toEqual([
        ['twin-a', 1, 'approver', [same.base]],
        ['twin-b', 1, 'another', [same.base]],
      ]);
      // its own first, whenever they were given
      expect((await store().draft('twin-b'))?.declines.map((one) => one.draft)).toEqual(['twin-b', 'twin-a']);
      expect((await store().draft('no-twin'))?.declines).toEqual([]);

      const rebased = { ...draft('twin-a'), ...same, base: idOf('next'), changedAt: AT };
      await store().editDraft('twin-a', 1, rebased);
      expect((await store().draft('twin-c'))?.declines[0]?.bases).toEqual([same.base, rebased.base]);
      await store().editDraft('twin-a', 2, { ...rebased, content: idOf('no twin any more') });
      expect((await store().draft('twin-c'))?.declines[0]?.bases).toEqual([same.base]);

      await store().approve('twin-c', 1, APPROVAL, [{ draft: 'twin-a', number: 1 }]);
      const listed = (await store().drafts(1_000)).find(({ id }) => id === 'twin-c');
      expect(listed?.declines.map(({ by, liftedAt }) => [by, liftedAt])).toEqual([
        ['approver', AT],
        ['another', null],
      ]);
    });

    it('publishes nothing past a decline that was given in another draft which says the same', async () => {
      const content = idOf('passed over in a twin');
      await store().createDraft({ ...draft('declined-twin'), content });
      await store().createDraft({ ...draft('published-twin'), content });
      const order = { version: idOf('first'), by: 'a', at: AT + 15, approvals: [] };
      const knowing = (declines: number) =>
        store().publish({ ...order, draft: { id: 'published-twin', edit: 1, declines } });
      await store().decline('declined-twin', 1, DECLINE, NOTHING);
      expect(await knowing(0)).toBeUndefined();
      expect((await store().draft('published-twin'))?.status).toBe('open');
      expect(await knowing(1)).toMatchObject({ draft: 'published-twin' });
    });

    it('makes one of a decline and a publication that come at the same moment, and never both', async () => {
      for (let round = 0; round < 20; round++) {
        const id = `raced-${round}`;
        await store().createDraft(draft(id));
        const order = { version: idOf('first'), by: 'a', at: AT + 15, approvals: [] };
        const publish = () => store().publish({ ...order, draft: { id, edit: 1, declines: 0 } });
        const decline = () => store().decline(id, 1, DECLINE, NOTHING);
        const made = await Promise.all(round % 2 === 0 ? [publish(), decline()] : [decline(), publish()]);
        expect(made.filter((one) => one !== undefined)).toHaveLength(1);
        const { status, declines } = (await store().draft(id)) ?? {};
        expect([status, declines?.length]).toEqual(status === 'published' ? ['published', 0] : ['open', 1]);
      }
    });

    it('withdraws approvals and lifts declines, as it is told to, and numbers no decline by it', async () => {
      await store().createDraft(draft('unsaid'));
      for (const by of ['approver', 'another']) await store().approve('unsaid', 1, { ...APPROVAL, by }, []);
      await store().decline('unsaid', 1, DECLINE, NOTHING);
      const approvals = { approvals: ['approver'], declines: [] };
      expect(await store().withdraw('unsaid', 2, AT + 1, approvals)).toBeUndefined();
      const withdrawn = await store().withdraw('unsaid', 1, AT + 1, approvals);
      expect(withdrawn?.approvals.map(({ by }) => by)).toEqual(['another']);
      expect(withdrawn?.declines.map(({ liftedAt }) => liftedAt)).toEqual([null]);
      const declines = { approvals: [], declines: [{ draft: 'unsaid', number: 1 }] };
      const lifted = await store().withdraw('unsaid', 1, AT + 2, declines);
      expect(lifted?.declines.map(({ liftedAt }) => liftedAt)).toEqual([AT + 2]);
      expect(await store().withdraw('unsaid', 1, AT + 3, declines)).toEqual(lifted);
      const ended = { status: 'discarded', schedule: null, refusal: null, changedAt: AT } as const;
      await store().moveDraft('unsaid', 1, ended);
      expect(await store().withdraw('unsaid', 1, AT + 4, approvals)).toBeUndefined();
    });

    it('publishes nothing on an approval that was withdrawn', async () => {
      await store().createDraft(draft('unapproved'));
      for (const by of ['approver', 'another'])
        await store().approve('unapproved', 1, { ...APPROVAL, by }, []);
      const approved = [APPROVAL, { ...APPROVAL, by: 'another' }];
      const on = (approvals: typeof approved) =>
        store().publish({
          version: idOf('first'),
          by: 'a',
          at: AT + 15,
          approvals,
          draft: { id: 'unapproved', edit: 1, declines: 0 },
        });
      await store().withdraw('unapproved', 1, AT + 1, { approvals: ['approver'], declines: [] });
      expect(await on(approved)).toBeUndefined();
      expect((await store().draft('unapproved'))?.status).toBe('open');
      expect(await on(approved.slice(1))).toMatchObject({ draft: 'unapproved' });
    });

    it('publishes nothing on an approval that was withdrawn and given anew, which counts from then on', async () => {
      await store().saveVersion(version('first'));
      await store().createDraft(draft('anew'));
      await store().approve('anew', 1, APPROVAL, []);
      await store().withdraw('anew', 1, AT + 1, { approvals: ['approver'], declines: [] });
      const anew = { ...APPROVAL, at: AT + 2 };
      await store().approve('anew', 1, anew, []);
      const order = {
        version: idOf('first'),
        by: 'a',
        at: AT + 15,
        draft: { id: 'anew', edit: 1, declines: 0 },
      };
      expect(await store().publish({ ...order, approvals: [APPROVAL] })).toBeUndefined();
      expect((await store().draft('anew'))?.status).toBe('open');
      expect(await store().publish({ ...order, approvals: [anew] })).toMatchObject({ draft: 'anew' });
    });

    it('makes one of a withdrawal and a publication that come at the same moment, and never both', async () => {
      for (let round = 0; round < 20; round++) {
        const id = `unapproved-${round}`;
        await store().createDraft(draft(id));
        await store().approve(id, 1, APPROVAL, []);
        const order = { version: idOf('first'), by: 'a', at: AT + 15, approvals: [APPROVAL] };
        const publish = () => store().publish({ ...order, draft: { id, edit: 1, declines: 0 } });
        const withdraw = () => store().withdraw(id, 1, AT, { approvals: ['approver'], declines: [] });
        const made = await Promise.all(round % 2 === 0 ? [publish(), withdraw()] : [withdraw(), publish()]);
        expect(made.filter((one) => one !== undefined)).toHaveLength(1);
        const { status, approvals } = (await store().draft(id)) ?? {};
        expect([status, approvals?.length]).toEqual(status === 'published' ? ['published', 1] : ['open', 0]);
      }
    });

    it('ends a draft with its publication, or does neither', async () => {
      await store().createDraft(draft('published'));
      const order = { version: idOf('first'), by: 'a', at: AT + 20, approvals: [] };
      const before = (await store().publications(1))[0]?.sequence ?? 0;
      expect(
        await store().publish({ ...order, draft: { id: 'published', edit: 2, declines: 0 } }),
      ).toBeUndefined();
      expect(
        await store().publish({ ...order, draft: { id: 'nothing', edit: 1, declines: 0 } }),
      ).toBeUndefined();
      expect((await store().publications(1))[0]?.sequence).toBe(before);
      const publication = await store().publish({
        ...order,
        draft: { id: 'published', edit: 1, declines: 0 },
      });
      expect(publication).toMatchObject({ sequence: before + 1, draft: 'published' });
      expect((await store().draft('published'))?.status).toBe('published');
      expect(
        await store().publish({ ...order, draft: { id: 'published', edit: 1, declines: 0 } }),
      ).toBeUndefined();
      expect(
        await store().editDraft('published', 1, { ...draft('published'), changedAt: AT }),
      ).toBeUndefined();
    });

    it('keeps what waits for its time, and takes it back', async () => {
      await store().createDraft(draft('waiting'));
      const schedule = { at: AT + 1_000, by: 'a', notices: { 'ads.personalised': 2 } };
      const standing = { status: 'scheduled', schedule, refusal: null, changedAt: AT } as const;
      expect(await store().moveDraft('waiting', 7, standing)).toBeUndefined();
      expect(await store().moveDraft('waiting', 1, standing)).toMatchObject({
        status: 'scheduled',
        schedule,
      });
      expect((await store().scheduled()).map(({ id }) => id)).toEqual(['waiting']);
      const everyDraft = await store().drafts(1_000);
      expect(await store().standingDrafts()).toEqual(
        everyDraft.filter(({ status }) => status === 'open' || status === 'scheduled'),
      );
      expect((await store().standingDrafts()).map(({ id }) => id)).toContain('waiting');
      expect(await store().editDraft('waiting', 1, { ...draft('waiting'), changedAt: AT })).toBeUndefined();
      await store().moveDraft('waiting', 1, {
        status: 'open',
        schedule: null,
        refusal: 'why',
        changedAt: AT,
      });
      expect(await store().draft('waiting')).toMatchObject({
        status: 'open',
        schedule: null,
        refusal: 'why',
      });
      expect(await store().scheduled()).toEqual([]);
    });

    it('finds the drafts that have not ended, say the same and follow the same version, the oldest first', async () => {
      const [content, base] = [idOf('said before'), idOf('base')];
      await store().createDraft({ ...draft('said-b', AT + 1), content });
      await store().createDraft({ ...draft('said-a', AT + 2), content });
      await store().createDraft({ ...draft('said-of-another'), content, base: idOf('other base') });
      await store().createDraft({ ...draft('said-and-ended'), content });
      const ended = { status: 'discarded', schedule: null, refusal: null, changedAt: AT } as const;
      await store().moveDraft('said-and-ended', 1, ended);
      const schedule = { at: AT + 1_000, by: 'a', notices: {} };
      await store().moveDraft('said-a', 1, { ...ended, status: 'scheduled', schedule });
      const found = await store().draftsOf(content, base);
      expect(found.map(({ id, status }) => [id, status])).toEqual([
        ['said-b', 'open'],
        ['said-a', 'scheduled'],
      ]);
      await store().moveDraft('said-a', 1, ended);
      expect(await store().draftsOf(idOf('never said'), base)).toEqual([]);
    });

    it('lists drafts newest first, without their documents, from any of them on', async () => {
      for (const id of ['page-a', 'page-b', 'page-c']) await store().createDraft(draft(id, AT + 80_000));
      await store().createDraft(draft('latest', AT + 90_000));
      const [latest] = await store().drafts(1);
      expect(latest).toMatchObject({ id: 'latest', content: idOf('latest') });
      expect(latest).not.toHaveProperty('document');
      const ids = async (after: { at: number; id: string }) =>
        (await store().drafts(2, after)).map(({ id }) => id);
      expect(await ids({ at: AT + 90_000, id: 'latest' })).toEqual(['page-a', 'page-b']);
      expect((await ids({ at: AT + 80_000, id: 'page-b' }))[0]).toBe('page-c');
      const [scheduled] = await store().scheduled();
      expect(scheduled ?? {}).not.toHaveProperty('document');
    });

    it('lists versions and publications from any of them on', async () => {
      const [first, second] = await store().versions(2);
      expect(await store().versions(1, { at: first?.at ?? 0, id: first?.id ?? '' })).toEqual([second]);
      const [latest, before] = await store().publications(2);
      expect(await store().publications(1, latest?.sequence ?? 0)).toEqual([before]);
    });

    it('counts the drafts that have not ended, and their bytes', async () => {
      const before = await store().standing();
      const bytes = Buffer.byteLength(JSON.stringify(draft('counted').document));
      await store().createDraft(draft('counted'));
      expect(await store().standing()).toEqual({ drafts: before.drafts + 1, bytes: before.bytes + bytes });
      const document = 'äöü'.repeat(100);
      await store().editDraft('counted', 1, { ...draft('counted'), document, changedAt: AT });
      expect((await store().standing()).bytes).toBe(
        before.bytes + Buffer.byteLength(JSON.stringify(document)),
      );
      const ended = { status: 'discarded', schedule: null, refusal: null, changedAt: AT } as const;
      await store().moveDraft('counted', 2, ended);
      expect(await store().standing()).toEqual(before);
    });
  });
}
