/** What a draft does, before it is live: whether it compiles, whether the floor holds, what it changes, for whom. */
import pLimit from 'p-limit';
import type { ConsentStore } from '../../consent/log/consent.store.js';
import type { StateInForce } from '../../consent/log/state-in-force.js';
import { type Difference, differenceSteps } from '../../decision/comparison/difference.js';
import { type ChangeOfFloor, changeOfFloor } from '../../decision/comparison/floor.js';
import { type Impact, impactOf } from '../../decision/comparison/impact.js';
import { lintSteps } from '../../decision/comparison/lint.js';
import type { Lint } from '../../decision/comparison/lint-codes.js';
import { noticeOf } from '../../decision/policy.js';
import { DomainError } from '../../errors.js';
import { PolicyFilesError, type PolicyFileError } from '../../policy/text/policy-files.js';
import type { PolicyService, PolicyVersion } from '../../policy/policy.service.js';
import type { Draft } from '../../policy/policy.store.js';
import { dayText } from '../../time.js';
import { inSlices } from '../../work/slices.js';
import { type LapsingGrants, grantsLapsingAtOnce } from './lapsing-grants.js';
import { type FloorProofs, floorProofSteps } from './floor-proofs.js';
import type { NoticeNumbers, NoticeToRaise } from './notice-numbers.js';
import { type Effect, type Requirements, requirementsOf } from './requirements.js';
import { changedTerms } from './terms.js';
import type { Versions } from '../../policy/versions.js';

/** A sound draft and the version that it follows. */
export type Review = {
  readonly base: PolicyVersion;
  readonly version: PolicyVersion;
  readonly difference: Difference;
  readonly floorChange: ChangeOfFloor;
  readonly effect: Effect;
  readonly requirements: Requirements;
  /** Opt-ins whose notices need higher numbers than the draft gives them. */
  readonly toRaise: readonly NoticeToRaise[];
};

/** What is reviewed: a document, and the version that it is to follow. */
export type Reviewed = Pick<Draft, 'base' | 'document'>;

/** The comparison of two versions, which never changes. */
type Comparison = Omit<Review, 'toRaise'>;

/** The notices that the publisher must name, each with its number after the required raises. */
export function noticesToName({ requirements, version, toRaise }: Review): Map<string, number> {
  return new Map(
    requirements.notices.map((id) => {
      const purpose = version.purposes.get(id);
      const lowest = toRaise.find((notice) => notice.purpose === id)?.atLeast ?? 1;
      return [id, Math.max(lowest, purpose === undefined ? 1 : noticeOf(purpose))];
    }),
  );
}

/** Everything about a draft that does not depend on users. */
export type Check = {
  readonly errors: readonly PolicyFileError[];
  /** Absent while there are errors. */
  readonly review?: Review;
  /** The proofs of the draft's own floor, and that of the version it follows. */
  readonly floor?: FloorProofs;
  readonly lints: readonly Lint[];
};

export class Reviewer {
  /** The last review, of a base and a version. */
  private last: { readonly pair: string; readonly review: Promise<Comparison> } | undefined;
  /** One impact at a time: each resolves the state for two versions. */
  private readonly inTurn = pLimit(1);

  constructor(
    private readonly policies: PolicyService,
    private readonly versions: Versions,
    private readonly consent: StateInForce,
    private readonly notices: NoticeNumbers,
    /** How long a change of the floor waits, in milliseconds. */
    private readonly floorWait: number,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number = Date.now,
    /** Where grants were given; absent: no grant lapses. */
    private readonly log?: Pick<ConsentStore, 'entries'>,
  ) {}

  async check(draft: Reviewed): Promise<Check> {
    const version = await this.build(draft);
    if ('errors' in version) return { errors: version.errors, lints: [] };
    const review = await this.review(draft, version);
    const floor = await inSlices(floorProofSteps(version, review.base));
    const lints = await inSlices(lintSteps(version.table, review.base.document, dayText(this.now())));
    return { errors: [], review, floor, lints };
  }

  /** @throws DomainError `draft_not_sound` */
  async review(draft: Reviewed, built?: PolicyVersion): Promise<Review> {
    const version = built ?? (await this.soundVersion(draft));
    const base = await this.versions.get(draft.base);
    const pair = `${base.id} ${version.id}`;
    // a draft is reviewed repeatedly before it is published; its changes stay the same
    const known = this.last?.pair === pair ? this.last.review : undefined;
    const review = known ?? this.compare(base, version);
    this.last = { pair, review };
    const comparison = await review.catch((error: unknown) => {
      this.last = undefined;
      throw error;
    });
    return { ...comparison, toRaise: await this.notices.tooLow(base, version) };
  }

  /**
   * The document of an old version, with the notices of its opt-ins raised where their numbers were used for other
   * terms since: grants of those must not count for these.
   *
   * @throws DomainError `policy_not_found`
   */
  async returning(id: string): Promise<unknown> {
    const stored = await this.versions.stored(id);
    const version = await this.build(stored);
    // the review reports it
    if ('errors' in version) return stored.document;
    const raised = new Map<string, number>();
    for (const { purpose, atLeast } of await this.notices.tooLow(this.policies.current, version))
      raised.set(purpose, atLeast);
    if (raised.size === 0) return version.document;
    const purposes = version.document.purposes.map((purpose) => {
      const notice = raised.get(purpose.id);
      return notice === undefined ? purpose : { ...purpose, notice };
    });
    return { ...version.document, purposes };
  }

  private async compare(base: PolicyVersion, version: PolicyVersion): Promise<Comparison> {
    const difference = await inSlices(differenceSteps(base.table, version.table));
    const floorChange = await inSlices(changeOfFloor(base.document, version.document));
    const effect: Effect = {
      widens: difference.widens,
      releases: difference.lineage.some(({ kind }) => kind === 'release'),
      changesFloor: floorChange.lowered.length + floorChange.raised.length > 0,
      rewrites: difference.rewrites.length > 0 || difference.clients.length > 0,
      changedTerms: changedTerms(base, version),
    };
    return {
      base,
      version,
      difference,
      floorChange,
      effect,
      requirements: requirementsOf(effect, this.floorWait),
    };
  }

  /**
   * What publishing the draft would change over the live consent state, and which grants it would end.
   *
   * @param samples how many ids of users to give for each purpose and direction
   * @throws DomainError `draft_not_sound`; `consent_unavailable` when the state cannot be read
   */
  async impact(
    draft: Reviewed,
    samples: number,
  ): Promise<Impact & { readonly lapsing: readonly LapsingGrants[] }> {
    const version = await this.soundVersion(draft);
    const base = await this.versions.get(draft.base);
    return this.inTurn(async () => {
      const { consent, log } = this;
      const impact = await consent.compare(base, version, (state, before, after) =>
        impactOf(state, before, after, samples),
      );
      const lapsing =
        log === undefined ? [] : await grantsLapsingAtOnce(log, consent, base, version, this.now());
      return { ...impact, lapsing };
    });
  }

  /** @throws DomainError `draft_not_sound` */
  async soundVersion(draft: Pick<Draft, 'document'>): Promise<PolicyVersion> {
    const version = await this.build(draft);
    if (!('errors' in version)) return version;
    const [first] = version.errors;
    const place = first === undefined || first.path === '' ? '' : ` at \`${first.path}\``;
    throw new DomainError(
      'draft_not_sound',
      `fix the errors that \`…/check\` lists; the first of ${version.errors.length} is${place}: ${first?.message ?? ''}`,
    );
  }

  private async build({
    document,
  }: Pick<Draft, 'document'>): Promise<PolicyVersion | { errors: readonly PolicyFileError[] }> {
    try {
      return await this.policies.buildUnknown(document);
    } catch (error) {
      if (error instanceof PolicyFilesError) return { errors: error.errors };
      throw error;
    }
  }
}
