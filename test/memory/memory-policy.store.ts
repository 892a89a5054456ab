import { PUBLICATIONS_GENESIS, publicationHashAfter } from '../../src/consent/log/chain.js';
import {
  type After,
  type Approval,
  type ChainedPublication,
  type Decline,
  type Draft,
  type DraftEdit,
  type DraftStanding,
  type DraftSummary,
  type NewDecline,
  type NewDraft,
  type NewPublication,
  PolicyStore,
  type Publication,
  type StoredVersion,
  type Unsaid,
  type VersionSummary,
} from '../../src/policy/policy.store.js';

/** Policy versions and drafts that end with the process: for tests, and the measure of what an adapter must do. */
export class MemoryPolicyStore extends PolicyStore {
  private readonly kept = new Map<string, StoredVersion>();
  private readonly published: Publication[] = [];
  private readonly written = new Map<string, Omit<Draft, 'approvals' | 'declines'>>();
  private approvals: (Approval & { readonly draft: string; readonly edit: number })[] = [];
  private declines: (Omit<Decline, 'bases'> & { readonly base: string })[] = [];

  /** @param revision the last one of the consent log */
  constructor(private readonly revision: () => number = () => 0) {
    super();
  }

  async saveVersion(version: StoredVersion): Promise<void> {
    if (!this.kept.has(version.id)) this.kept.set(version.id, structuredClone(version));
  }

  async version(id: string): Promise<StoredVersion | undefined> {
    return structuredClone(this.kept.get(id));
  }

  async versions(limit: number, after?: After): Promise<VersionSummary[]> {
    return [...this.kept.values()]
      .filter(({ at, id }) => after === undefined || at < after.at || (at === after.at && id > after.id))
      .map(({ document: _document, ...summary }) => structuredClone(summary))
      .sort((one, other) => other.at - one.at || (one.id < other.id ? -1 : 1))
      .slice(0, limit);
  }

  async publications(limit: number, before = Infinity): Promise<Publication[]> {
    const newest = this.published.toReversed().filter(({ sequence }) => sequence < before);
    return newest.slice(0, limit);
  }

  async chainedPublications(after = 0): Promise<ChainedPublication[]> {
    let hash = PUBLICATIONS_GENESIS;
    const chained = this.published.map((publication) => {
      hash = publicationHashAfter(hash, publication);
      return { ...publication, hash };
    });
    return chained.slice(after);
  }

  async publicationAt(at: number): Promise<Publication | undefined> {
    return this.published.findLast((publication) => publication.at <= at);
  }

  async publicationBefore(revision: number): Promise<Publication | undefined> {
    return this.published.findLast(({ after }) => after < revision);
  }

  async publish({ draft, ...publication }: NewPublication): Promise<Publication | undefined> {
    if (!this.kept.has(publication.version)) throw new Error('only a kept version can come into force');
    if (draft !== null) {
      const content = this.written.get(draft.id)?.content;
      if (this.declines.filter((one) => one.content === content).length !== draft.declines) return undefined;
      const given = this.approvalsOf(draft);
      const stands = (named: Approval) => given.some(({ by, at }) => by === named.by && at === named.at);
      if (!publication.approvals.every(stands)) return undefined;
      const ended = {
        status: 'published',
        schedule: null,
        refusal: null,
        changedAt: publication.at,
      } as const;
      if ((await this.moveDraft(draft.id, draft.edit, ended)) === undefined) return undefined;
    }
    const next: Publication = {
      ...publication,
      sequence: this.published.length + 1,
      after: this.revision(),
      draft: draft?.id ?? null,
    };
    this.published.push(next);
    return next;
  }

  async createDraft({ createdAt, ...draft }: NewDraft): Promise<Draft> {
    const times = { createdAt, changedAt: createdAt };
    const fresh = { ...draft, ...times, edit: 1, status: 'open', schedule: null, refusal: null } as const;
    this.written.set(draft.id, structuredClone(fresh));
    return { ...fresh, approvals: [], declines: this.declinesOf(fresh) };
  }

  async draft(id: string): Promise<Draft | undefined> {
    const draft = this.written.get(id);
    if (draft === undefined) return undefined;
    const approvals = this.approvalsOf(draft).map(({ by, roles, at }) => ({ by, roles, at }));
    return structuredClone({ ...draft, approvals, declines: this.declinesOf(draft) });
  }

  async drafts(limit: number, after?: After): Promise<DraftSummary[]> {
    const newest = [...this.written.values()]
      .filter(
        ({ createdAt: at, id }) => after === undefined || at < after.at || (at === after.at && id > after.id),
      )
      .sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? -1 : 1));
    return this.summaries(newest.slice(0, limit));
  }

  async draftsOf(content: string, base: string): Promise<DraftSummary[]> {
    return this.summaries(
      [...this.written.values()].filter(
        (draft) =>
          draft.content === content &&
          draft.base === base &&
          (draft.status === 'open' || draft.status === 'scheduled'),
      ),
    );
  }

  async standingDrafts(): Promise<DraftSummary[]> {
    const all = await this.drafts(this.written.size);
    return all.filter(({ status }) => status === 'open' || status === 'scheduled');
  }

  async scheduled(): Promise<DraftSummary[]> {
    return this.summaries([...this.written.values()].filter(({ status }) => status === 'scheduled'));
  }

  async standing(): Promise<{ readonly drafts: number; readonly bytes: number }> {
    const sizes = [...this.written.values()]
      .filter(({ status }) => status === 'open' || status === 'scheduled')
      .map(({ document }) => Buffer.byteLength(JSON.stringify(document)));
    return { drafts: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  }

  async editDraft(id: string, edit: number, change: DraftEdit): Promise<Draft | undefined> {
    const draft = this.written.get(id);
    if (draft?.edit !== edit || draft.status !== 'open') return undefined;
    this.written.set(id, structuredClone({ ...draft, ...change, refusal: null, edit: edit + 1 }));
    return this.draft(id);
  }

  async moveDraft(id: string, edit: number, standing: DraftStanding): Promise<Draft | undefined> {
    const draft = this.written.get(id);
    if (draft?.edit !== edit || (draft.status !== 'open' && draft.status !== 'scheduled')) return undefined;
    this.written.set(id, structuredClone({ ...draft, ...standing }));
    return this.draft(id);
  }

  async approve(draft: string, edit: number, approval: Approval, lifted: Unsaid['declines']): Promise<void> {
    this.lift(lifted, approval.at);
    const given = this.approvals.some(
      (known) => known.draft === draft && known.edit === edit && known.by === approval.by,
    );
    if (!given) this.approvals.push(structuredClone({ ...approval, draft, edit }));
  }

  async decline(
    id: string,
    edit: number,
    decline: NewDecline,
    { approvals, declines }: Unsaid,
  ): Promise<Draft | undefined> {
    const draft = this.written.get(id);
    if (draft?.edit !== edit || (draft.status !== 'open' && draft.status !== 'scheduled')) return undefined;
    this.takeBack(id, edit, approvals);
    this.lift(declines, decline.at);
    const number = this.declines.filter((known) => known.draft === id).length + 1;
    const { base, content } = draft;
    this.declines.push(
      structuredClone({ ...decline, number, edit, base, content, liftedAt: null, draft: id }),
    );
    return this.draft(id);
  }

  async withdraw(
    id: string,
    edit: number,
    at: number,
    { approvals, declines }: Unsaid,
  ): Promise<Draft | undefined> {
    const draft = this.written.get(id);
    if (draft?.edit !== edit || (draft.status !== 'open' && draft.status !== 'scheduled')) return undefined;
    this.takeBack(id, edit, approvals);
    this.lift(declines, at);
    return this.draft(id);
  }

  private approvalsOf({ id, edit }: Pick<Draft, 'id' | 'edit'>) {
    return this.approvals.filter((approval) => approval.draft === id && approval.edit === edit);
  }

  private takeBack(id: string, edit: number, approvals: Unsaid['approvals']): void {
    this.approvals = this.approvals.filter(
      (known) => known.draft !== id || known.edit !== edit || !approvals.includes(known.by),
    );
  }

  private declinesOf({ id, content }: Pick<Draft, 'id' | 'content'>): Decline[] {
    const own = this.declines.filter(({ draft }) => draft === id);
    const others = this.declines
      .filter((decline) => decline.draft !== id && decline.content === content)
      .toSorted((one, other) => one.at - other.at);
    return [...own, ...others].map(({ base, ...decline }) => {
      const now = this.written.get(decline.draft);
      const isRebased = now !== undefined && now.content === decline.content && now.base !== base;
      return { ...decline, bases: isRebased ? [base, now.base] : [base] };
    });
  }

  private lift(lifted: Unsaid['declines'], at: number): void {
    this.declines = this.declines.map((decline) =>
      decline.liftedAt === null &&
      lifted.some(({ draft, number }) => draft === decline.draft && number === decline.number)
        ? { ...decline, liftedAt: at }
        : decline,
    );
  }

  private async summaries(drafts: readonly Pick<Draft, 'id'>[]): Promise<DraftSummary[]> {
    const found = await Promise.all(drafts.map(({ id }) => this.draft(id)));
    return found.flatMap((draft) => {
      if (draft === undefined) return [];
      const { document: _document, ...summary } = draft;
      return [summary];
    });
  }
}
