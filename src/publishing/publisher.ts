/** Puts policy versions in force: each at one place of the consent log, once its requirements are met. */
import pLimit from 'p-limit';
import { Alarm } from '../alarm.js';
import type { ConsentLog } from '../consent/log/consent-log.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { crossingIn } from '../decision/comparison/crossing.js';
import { doingsOf, sentenceOfViolation } from '../decision/comparison/sentences.js';
import { nearest } from '../decision/nearest.js';
import { noticeOf } from '../decision/policy.js';
import { DomainError, ERRORS } from '../errors.js';
import type { PolicyService, PolicyVersion } from '../policy/policy.service.js';
import type { Approval, Decline, Draft, PolicyStore, Publication, Schedule } from '../policy/policy.store.js';
import { quoted } from '../policy/text/quoting.js';
import { inSlices } from '../work/slices.js';
import { inSpan } from '../traces.js';
import { CLOCK_TOLERANCE_MS, timeText } from '../time.js';
import { type Drafts, edited, mustBeAt } from './drafts.js';
import { floorProofSteps } from './review/floor-proofs.js';
import { numberOfKnownDeclines, sentenceOfDeclines } from './review/declines.js';
import { countingApprovals, readyAt } from './review/requirements.js';
import { type Review, type Reviewer, noticesToName } from './review/review.js';
import { CURRENT } from '../policy/versions.js';

/** The order of a publisher. */
export type PublishOrder = {
  /** The edit that the publisher has seen. */
  readonly edit: number;
  /** The notice version that grants are given on from now on, for each purpose whose terms change. */
  readonly notices: Readonly<Record<string, number>>;
};

/** Notifications. */
export type PublishingNews = {
  readonly onPublished: (publication: Publication) => void;
  /** A scheduled publication was refused. */
  readonly onRefused: (draft: string, error: DomainError) => void;
  /** A scheduled publication failed, and will be retried. */
  readonly onDelayed: (error: unknown, draft?: string) => void;
  /** What is scheduled could not be read, and will be read again. What is known to be due is not affected. */
  readonly onUnseen: (error: unknown) => void;
};

/** The parts that publications need. */
export type PublishesOn = {
  readonly policies: PolicyService;
  readonly drafts: Drafts;
  readonly reviewer: Reviewer;
  readonly log: Pick<ConsentLog, 'betweenChanges' | 'announce' | 'follow' | 'leaveLapsesTo'>;
  readonly state: Pick<StateInForce, 'prepare'>;
  readonly store: PolicyStore;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
};

const WATCH_MS = 15_000;

export class Publisher {
  /** One publication at a time, so that none changes the basis of another's judgement. */
  private readonly inTurn = pLimit(1);
  private readonly alarm: Alarm;
  /** What became of publications here: delayed ones are counted at each attempt. */
  readonly counts = { published: 0, refused: 0, delayed: 0 };
  private stopped = false;
  private watching: NodeJS.Timeout | undefined;

  constructor(
    private readonly on: PublishesOn,
    private readonly news: PublishingNews,
  ) {
    this.alarm = new Alarm(on.now, () => void this.publishDue());
  }

  /**
   * Approves a draft as the caller has seen it, if that can count: not if the draft must be edited before it can be
   * published, which voids approvals, nor if the caller lacks the required role.
   *
   * @param seen the edit, and the hash of its content
   * @throws DomainError as `publish` does for what only another edit can fix, and as `Drafts.approve`;
   *   `caller_not_allowed` without the role
   */
  async approve(
    id: string,
    seen: Pick<Draft, 'edit' | 'content'>,
    approver: Pick<Approval, 'by' | 'roles'>,
  ): Promise<Draft> {
    const draft = await this.on.drafts.get(id);
    mustBeAt(draft, seen.edit);
    mustHaveRole(await this.finished(draft), approver, 'approval');
    return this.on.drafts.approve(id, seen, approver);
  }

  /**
   * Declines a draft as the caller has seen it: it cannot be published until its content changes, or the same person
   * approves it. Only those who may approve it may decline it; a draft that does not compile may be declined by anybody
   * who may approve any.
   *
   * @param seen the edit, and the hash of its content
   * @throws DomainError `draft_not_found`, `draft_edited`, `draft_ended`; `caller_not_allowed` without the role
   */
  async decline(
    id: string,
    seen: Pick<Draft, 'edit' | 'content'>,
    decliner: Pick<Decline, 'by' | 'roles' | 'remark'>,
  ): Promise<Draft> {
    const draft = await this.on.drafts.get(id);
    mustBeAt(draft, seen.edit);
    const review = await this.on.reviewer.review(draft).catch(noneOfUnsound);
    if (review !== undefined) mustHaveRole(review, decliner, 'decline');
    return this.on.drafts.decline(id, seen, decliner);
  }

  /**
   * Puts a draft in force.
   *
   * @returns once every decision that begins rests on it
   * @throws DomainError `draft_not_found`, `draft_edited`, `draft_ended`, `draft_outdated`, `draft_not_sound`,
   *   `nothing_to_publish`, `floor_crossed`, `draft_declined`, `approvals_missing`, `floor_waits`, `notice_not_named`,
   *   `notice_not_raised`, `invalid_request`; `not_confirmed` when storage does not say whether it is in force
   */
  publish(id: string, by: string, order: PublishOrder): Promise<Publication> {
    return inSpan('publication', { 'assent.draft': id }, () =>
      this.inTurn(async () => {
        const draft = await this.on.drafts.get(id);
        return this.putInForce(draft, by, await this.judge(draft, by, order, this.on.now()));
      }),
    );
  }

  /**
   * Schedules a draft to be put in force at a time, if nothing prevents it then.
   *
   * @throws DomainError as `publish` does
   */
  schedule(id: string, by: string, order: PublishOrder, at: number): Promise<Draft> {
    return this.inTurn(async () => {
      const draft = await this.on.drafts.get(id);
      const now = this.on.now();
      await this.judge(draft, by, order, Math.max(at, now));
      if (at < now - CLOCK_TOLERANCE_MS)
        throw new DomainError(
          'invalid_request',
          '`publish_at` has passed: leave it out to publish now, or give a time to come',
          '/publish_at',
        );
      const schedule: Schedule = { at, by, notices: order.notices };
      // before it is written, because an unconfirmed write may come due as well
      this.alarm.set(at);
      return this.move(draft, 'scheduled', schedule, null);
    });
  }

  /**
   * Cancels the scheduled publication of a draft.
   *
   * @throws DomainError `draft_not_found`, `draft_edited`, `draft_ended`
   */
  unschedule(id: string, edit: number): Promise<Draft> {
    return this.inTurn(async () => {
      const draft = await this.on.drafts.get(id);
      mustBeAt(draft, edit);
      return this.move(draft, 'open', null, null);
    });
  }

  /**
   * Opens a draft of an old version, and puts it in force at once if it needs no approval. Its notices are raised where
   * their numbers were used for other terms since.
   *
   * @throws DomainError `policy_not_found`; `notice_not_named` and the like as `publish` does
   */
  async rollBack(
    id: string,
    by: string,
    message: string,
    notices: PublishOrder['notices'],
  ): Promise<{ readonly draft: Draft; readonly publication?: Publication }> {
    if (id === CURRENT || id === this.on.policies.current.id)
      throw new DomainError(
        'nothing_to_publish',
        'it is in force already: name an older version; `GET /v1/policies` lists them',
      );
    const document = await this.on.reviewer.returning(id);
    const start = { base: 'current', document, message };
    // a rollback that is published at once has its own message, not that of an earlier draft
    const { draft, isNew } = await this.on.drafts.open(by, start, (own) => own.message === message);
    try {
      const review = await this.on.reviewer.review(draft);
      mustNameNoOtherNotices(review, notices);
      if (review.requirements.approvers > 0) return { draft };
      const publication = await this.publish(draft.id, by, { edit: draft.edit, notices });
      return { draft: await this.on.drafts.get(draft.id), publication };
    } catch (error) {
      // otherwise a refused caller who asks again would open another draft
      if (isNew && error instanceof DomainError && error.code !== 'not_confirmed')
        await this.on.drafts.discard(draft.id, draft.edit);
      throw error;
    }
  }

  /** Schedules the next publication; to be called at the start. */
  async wait(): Promise<void> {
    const times = (await this.on.store.scheduled()).flatMap(({ schedule }) => schedule?.at ?? []);
    // not before: what is known is due also where the store does not answer
    this.alarm.clear();
    if (!this.stopped) this.alarm.set(Math.min(...times));
  }

  /** Checks at intervals for publications scheduled by other processes, which may be gone when they are due. */
  watch(): void {
    this.watching ??= setInterval(() => {
      this.wait().catch((error: unknown) => this.news.onUnseen(error));
    }, WATCH_MS).unref();
  }

  /** Starts no more publications, and resolves when the last one has ended. */
  async close(): Promise<void> {
    this.stopped = true;
    clearInterval(this.watching);
    this.alarm.close();
    await this.inTurn(() => undefined);
  }

  private async publishDue(): Promise<void> {
    try {
      const delayed = await this.inTurn(async () => {
        let some = false;
        for (const { id, schedule } of await this.on.store.scheduled())
          if (schedule !== null && schedule.at <= this.on.now())
            some = !(await this.isSettled(id, schedule)) || some;
        return some;
      });
      if (delayed) return this.alarm.setSoon();
      await this.wait();
    } catch (error) {
      this.delayed(error);
      this.alarm.setSoon();
    }
  }

  private delayed(error: unknown, draft?: string): void {
    this.counts.delayed++;
    this.news.onDelayed(error, draft);
  }

  /** Publishes what is due, or refuses it; false if the outcome is open and it must be retried. */
  private async isSettled(id: string, schedule: Schedule): Promise<boolean> {
    try {
      await this.publishScheduled(await this.on.drafts.get(id), schedule);
      return true;
    } catch (error) {
      this.delayed(error, id);
      return false;
    }
  }

  private async publishScheduled(draft: Draft, { by, notices }: Schedule): Promise<void> {
    try {
      await this.putInForce(
        draft,
        by,
        await this.judge(draft, by, { edit: draft.edit, notices }, this.on.now()),
      );
    } catch (error) {
      // a technical failure is no verdict on the draft: try again, because it may be needed to close something
      if (!isVerdict(error)) throw error;
      await this.move(draft, 'open', null, error.message);
      this.counts.refused++;
      this.news.onRefused(draft.id, error);
    }
  }

  /** The review of a draft for publication at a time; refuses if anything is missing. */
  private async judge(
    draft: Draft,
    by: string,
    { edit, notices }: PublishOrder,
    at: number,
  ): Promise<Review> {
    mustBeAt(draft, edit);
    mustNotBeDeclined(draft);
    const review = await this.finished(draft);
    mustBeApproved(review, draft, by, at);
    mustNameNotices(review, notices);
    mustNameNoOtherNotices(review, notices);
    return review;
  }

  /** The review of a draft; refuses one that needs another edit first. */
  private async finished(draft: Draft): Promise<Review> {
    mustFollow(draft, this.on.policies.current);
    const review = await this.on.reviewer.review(draft);
    if (review.version.id === draft.base) throw nothingToPublish();
    await mustKeepFloor(review);
    mustRaiseNotices(review);
    return review;
  }

  private async putInForce(draft: Draft, by: string, review: Review): Promise<Publication> {
    const { version, requirements } = review;
    await this.on.store.saveVersion({
      id: version.id,
      document: version.document,
      authors: draft.authors,
      message: draft.message,
      parent: draft.base,
      at: this.on.now(),
    });
    // so that the first decisions on it need not wait, here and in other processes
    await this.on.state.prepare(version);
    await this.on.log.announce(version.id);
    const approvals = countingApprovals(requirements, draft, by);
    let publication: Publication | undefined;
    const known = { id: draft.id, edit: draft.edit, declines: numberOfKnownDeclines(draft) };
    const order = { version: version.id, by, approvals, draft: known };
    const work = async (at: number) => {
      // an earlier publication that timed out may have completed meanwhile
      if (this.on.policies.current.id !== draft.base) return;
      await this.on.log.leaveLapsesTo(version);
      publication = await this.on.store.publish({ ...order, at, follows: draft.base });
      if (publication === undefined) return;
      this.on.policies.put(version);
      await this.on.log.follow();
    };
    await this.on.log.betweenChanges(this.on.now(), work, () => this.follow(version)).catch(notConfirmed);
    if (publication === undefined) {
      mustFollow(draft, this.on.policies.current);
      const meanwhile = await this.on.drafts.get(draft.id);
      mustNotBeDeclined(meanwhile);
      if (meanwhile.edit === draft.edit) mustBeApproved(review, meanwhile, by, this.on.now());
      return edited();
    }
    this.counts.published++;
    this.news.onPublished(publication);
    return publication;
  }

  /** Finds out which of the two versions is in force, if storage did not say whether it wrote the new one. */
  private async follow(version: PolicyVersion): Promise<void> {
    const [latest] = await this.on.store.publications(1);
    if (latest?.version === version.id) this.on.policies.put(version);
  }

  private async move(
    draft: Draft,
    status: Draft['status'],
    schedule: Schedule | null,
    refusal: string | null,
  ): Promise<Draft> {
    const standing = { status, schedule, refusal, changedAt: this.on.now() };
    const moved = await this.on.store.moveDraft(draft.id, draft.edit, standing);
    if (moved === undefined) return edited();
    return moved;
  }
}

/** Whether it is a reason against a publication: neither a technical failure, nor a draft that changed while it was judged. */
function isVerdict(error: unknown): error is DomainError {
  if (!(error instanceof DomainError) || error.code === 'draft_edited') return false;
  return !['unavailable', 'internal'].includes(ERRORS[error.code].kind);
}

function mustFollow({ base }: Draft, { id }: PolicyVersion): void {
  if (base !== id)
    throw new DomainError(
      'draft_outdated',
      'it was made from a version that is no longer in force: rebase it, look at what it changes now, and have it approved again',
    );
}

/** Proves the floor again, whatever the review said. */
async function mustKeepFloor({ version, base, floorChange }: Review): Promise<void> {
  const crossing = crossingIn(await inSlices(floorProofSteps(version, base)), floorChange);
  if (crossing !== undefined)
    throw new DomainError(
      'floor_crossed',
      `${sentenceOfViolation(crossing)}: close it in the draft, or lower the floor there, which takes two privacy officers`,
    );
}

/** @param word what only those with the role may give */
function mustHaveRole(
  review: Review,
  { roles }: Pick<Approval, 'roles'>,
  word: 'approval' | 'decline',
): void {
  const { role } = review.requirements;
  if (role !== null && !roles.includes(role))
    throw new DomainError(
      'caller_not_allowed',
      `the draft ${whatItDoes(review)}, so only the ${word} of admins with the role \`${role}\` counts: leave it to them`,
    );
}

function mustNotBeDeclined(draft: Draft): void {
  const declined = sentenceOfDeclines(draft);
  if (declined !== undefined)
    throw new DomainError(
      'draft_declined',
      `${declined}: edit the draft, or talk to them, whose approval lifts it`,
    );
}

/** Nothing is known about a draft that does not compile, and it cannot be published. */
function noneOfUnsound(error: unknown): undefined {
  if (!(error instanceof DomainError && error.code === 'draft_not_sound')) throw error;
}

function mustBeApproved(review: Review, draft: Draft, by: string, at: number): void {
  const { requirements } = review;
  const { approvers, role } = requirements;
  const given = countingApprovals(requirements, draft, by).length;
  const isOwnAmong = countingApprovals(requirements, draft).length > given;
  const ready = readyAt(requirements, draft, by);
  if (ready === undefined)
    throw new DomainError(
      'approvals_missing',
      `it ${whatItDoes(review)}, so it takes the approval of ${approvers} admins who neither wrote on it nor publish it${role === null ? '' : ` and have the role \`${role}\``}; it has ${given}${isOwnAmong ? ' without your own' : ''}: ask others for theirs`,
    );
  if (ready > at)
    throw new DomainError(
      'floor_waits',
      `it changes the floor, and may come into force from ${timeText(ready)} on: publish it then, or give \`publish_at\``,
    );
}

/** The effects of a draft that others must approve. */
function whatItDoes({ effect, difference }: Review): string {
  return effect.changesFloor ? 'changes the floor' : doingsOf(difference);
}

function mustNameNotices(review: Review, notices: PublishOrder['notices']): void {
  const wanted = noticesToName(review);
  const body = JSON.stringify({ notices: Object.fromEntries(wanted) });
  for (const [purpose, notice] of wanted) {
    const said = Object.hasOwn(notices, purpose) ? notices[purpose] : undefined;
    if (said === notice) continue;
    throw new DomainError(
      'notice_not_named',
      said === undefined
        ? `the terms of \`${purpose}\` change, which users grant: name the number that its notice has in the draft, as in \`${body}\``
        : `the draft has notice ${notice} for \`${purpose}\`, not ${said}: name that one, as in \`${body}\`, or edit the draft`,
      `/notices/${purpose}`,
    );
  }
}

/** Refuses the notice of a purpose whose terms do not change, unless it is the current one: it must be a mistake. */
function mustNameNoOtherNotices(review: Review, notices: PublishOrder['notices']): void {
  const { purposes } = review.version;
  const wanted = noticesToName(review);
  for (const [id, said] of Object.entries(notices)) {
    if (wanted.has(id)) continue;
    const purpose = purposes.get(id);
    const meant = nearest(id, wanted.keys()) ?? nearest(id, purposes.keys());
    if (purpose === undefined)
      throw new DomainError(
        'invalid_request',
        `the draft has no purpose ${quoted(id)}: ${meant === undefined ? 'leave it out' : `did you mean \`${meant}\`?`}`,
        '/notices',
      );
    const notice = noticeOf(purpose);
    if (said !== notice)
      throw new DomainError(
        'invalid_request',
        `the terms of ${quoted(id)} do not change, and the draft has notice ${notice} for it, not ${said}: leave it out`,
        '/notices',
      );
  }
}

function mustRaiseNotices({ toRaise: [first] }: Review): void {
  if (first === undefined) return;
  const { purpose, atLeast } = first;
  throw new DomainError(
    'notice_not_raised',
    `users were shown other terms of \`${purpose}\` under the number of its notice, and their grants would count for these: raise its \`notice\` in the draft to ${atLeast} or higher, as in \`"notice": ${atLeast}\`, so that they are asked again; have it approved after that`,
  );
}

function notConfirmed(error: unknown): never {
  if (error instanceof DomainError) throw error;
  throw new DomainError(
    'not_confirmed',
    'read `GET /v1/policies`, and publish it again if it is not in force',
    undefined,
    { cause: error },
  );
}

function nothingToPublish(): DomainError {
  return new DomainError('nothing_to_publish', 'it says what is in force already: edit it, or discard it');
}
