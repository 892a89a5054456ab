/** How one policy version follows another: at one place of the consent log, once everything that it takes is there. */
import pLimit from 'p-limit';
import { Alarm } from '../alarm.js';
import type { ConsentLog } from '../consent/log/consent-log.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { doingsOf, sentenceOfViolation } from '../decision/comparison/sentences.js';
import { nearest } from '../decision/nearest.js';
import { noticeOf } from '../decision/policy.js';
import { DomainError, ERRORS } from '../errors.js';
import type { PolicyService, PolicyVersion } from '../policy/policy.service.js';
import type { Approval, Decline, Draft, PolicyStore, Publication, Schedule } from '../policy/policy.store.js';
import { quoted } from '../policy/text/quoting.js';
import { inSlices } from '../work/slices.js';
import { CLOCK_TOLERANCE_MS, timeText } from '../time.js';
import { type Drafts, edited, mustBeAt } from './drafts.js';
import { crossingIn, floorProofSteps } from './review/floor-proofs.js';
import { numberOfKnownDeclines, sentenceOfDeclines } from './review/declines.js';
import { type Requirements, countingApprovals, readyAt } from './review/requirements.js';
import { type Review, type Reviewer, noticesToName } from './review/review.js';
import { CURRENT } from '../policy/versions.js';

/** What a publisher says. */
export type PublishOrder = {
  /** The edit that the publisher has seen. */
  readonly edit: number;
  /** The notice version that grants are given on from now on, for each purpose whose terms change. */
  readonly notices: Readonly<Record<string, number>>;
};

/** What somebody wants to know of publications. */
export type PublishingNews = {
  readonly onPublished: (publication: Publication) => void;
  /** A publication was refused when its time came. */
  readonly onRefused: (draft: string, error: DomainError) => void;
  /** What was due could not be done, and is tried again. */
  readonly onDelayed: (error: unknown, draft?: string) => void;
};

/** What publications rest on. */
export type PublishesOn = {
  readonly policies: PolicyService;
  readonly drafts: Drafts;
  readonly reviewer: Reviewer;
  readonly log: Pick<ConsentLog, 'betweenChanges' | 'announce' | 'follow'>;
  readonly state: Pick<StateInForce, 'prepare'>;
  readonly store: PolicyStore;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
};

const WATCH_MS = 15_000;

export class Publisher {
  /** One publication at a time: what one was judged on, the next must not have changed. */
  private readonly inTurn = pLimit(1);
  private readonly alarm: Alarm;
  private stopped = false;
  private watching: NodeJS.Timeout | undefined;

  constructor(
    private readonly on: PublishesOn,
    private readonly news: PublishingNews,
  ) {
    this.alarm = new Alarm(on.now, () => void this.publishDue());
  }

  /**
   * Approves a draft as the caller has seen it, if that can count: not where the draft must be edited before it can be
   * published, which voids approvals, nor where it takes approvers of a role that the caller has not.
   *
   * @param seen the edit, and the hash of its content
   * @throws DomainError as `publish` does for what only another edit can mend, and as `Drafts.approve`;
   *   `caller_not_allowed` without the role
   */
  async approve(
    id: string,
    seen: Pick<Draft, 'edit' | 'content'>,
    approver: Pick<Approval, 'by' | 'roles'>,
  ): Promise<Draft> {
    const draft = await this.on.drafts.get(id);
    mustBeAt(draft, seen.edit);
    const { requirements } = await this.finished(draft);
    mustHaveRole(requirements, approver, 'approval');
    return this.on.drafts.approve(id, seen, approver);
  }

  /**
   * Declines a draft as the caller has seen it: it is not published until it says something else, or the same person
   * approves it. So whoever may approve it may, and nobody else; one that does not compile changes nothing yet, and
   * whoever may approve any may.
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
    if (review !== undefined) mustHaveRole(review.requirements, decliner, 'decline');
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
    return this.inTurn(async () => {
      const draft = await this.on.drafts.get(id);
      return this.putInForce(draft, by, await this.judge(draft, by, order, this.on.now()));
    });
  }

  /** Has a draft put in force at a time, if by then nothing stands against it. @throws DomainError as `publish` does */
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
      // before it is written: what was written and not confirmed comes due as well
      this.alarm.set(at);
      return this.move(draft, 'scheduled', schedule, null);
    });
  }

  /**
   * Takes the publication of a draft back that waits for its time.
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
   * Opens a draft of an old version, and puts it in force at once if it takes no approval. Its notices are raised where
   * other terms were shown under their numbers since.
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
    // what may be published at once says why it is, and not why somebody wanted it before
    const { draft, isNew } = await this.on.drafts.open(by, start, (own) => own.message === message);
    try {
      const review = await this.on.reviewer.review(draft);
      mustNameNoOtherNotices(review, notices);
      if (review.requirements.approvers > 0) return { draft };
      const publication = await this.publish(draft.id, by, { edit: draft.edit, notices });
      return { draft: await this.on.drafts.get(draft.id), publication };
    } catch (error) {
      // whoever was refused asks again, and that opens another draft
      if (isNew && error instanceof DomainError && error.code !== 'not_confirmed')
        await this.on.drafts.discard(draft.id, draft.edit);
      throw error;
    }
  }

  /** Waits for the next publication that is due; to be called at the start. */
  async wait(): Promise<void> {
    this.alarm.clear();
    if (this.stopped) return;
    const times = (await this.on.store.scheduled()).flatMap(({ schedule }) => schedule?.at ?? []);
    this.alarm.set(Math.min(...times));
  }

  /** Looks now and then for what other processes have scheduled, who may be gone by then. */
  watch(): void {
    this.watching ??= setInterval(() => {
      this.wait().catch((error: unknown) => this.news.onDelayed(error));
    }, WATCH_MS).unref();
  }

  /** Starts no publication any more, and resolves when the last one is through. */
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
      this.news.onDelayed(error);
      this.alarm.setSoon();
    }
  }

  /** Publishes what is due or refuses it; false when neither is known, and it is to be tried again. */
  private async isSettled(id: string, schedule: Schedule): Promise<boolean> {
    try {
      await this.publishScheduled(await this.on.drafts.get(id), schedule);
      return true;
    } catch (error) {
      this.news.onDelayed(error, id);
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
      // what failed says nothing of the draft, which may close what must not stay open
      if (!isVerdict(error)) throw error;
      await this.move(draft, 'open', null, error.message);
      this.news.onRefused(draft.id, error);
    }
  }

  /** What publishing the draft takes at a time; refuses if anything is missing. */
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

  /** What a draft does; refuses one that takes another edit first, whoever approves this one. */
  private async finished(draft: Draft): Promise<Review> {
    mustFollow(draft, this.on.policies.current);
    const review = await this.on.reviewer.review(draft);
    if (review.version.id === draft.base) throw nothingToPublish();
    await mustKeepFloor(review);
    mustRaiseNotices(review);
    return review;
  }

  private async putInForce(
    draft: Draft,
    by: string,
    { version, requirements }: Review,
  ): Promise<Publication> {
    await this.on.store.saveVersion({
      id: version.id,
      document: version.document,
      authors: draft.authors,
      message: draft.message,
      parent: draft.base,
      at: this.on.now(),
    });
    // so that the first decisions on it do not have to wait, here and elsewhere
    await this.on.state.prepare(version);
    await this.on.log.announce(version.id);
    const approvals = countingApprovals(requirements, draft, by);
    let publication: Publication | undefined;
    const known = { id: draft.id, edit: draft.edit, declines: numberOfKnownDeclines(draft) };
    const order = { version: version.id, by, approvals, draft: known };
    const work = async (at: number) => {
      // a publication that outlived the answer to it may have come between
      if (this.on.policies.current.id !== draft.base) return;
      publication = await this.on.store.publish({ ...order, at, follows: draft.base });
      if (publication === undefined) return;
      this.on.policies.put(version);
      await this.on.log.follow();
    };
    await this.on.log.betweenChanges(this.on.now(), work, () => this.follow(version)).catch(notConfirmed);
    if (publication === undefined) {
      mustFollow(draft, this.on.policies.current);
      mustNotBeDeclined(await this.on.drafts.get(draft.id));
      return edited();
    }
    this.news.onPublished(publication);
    return publication;
  }

  /** Finds out which of the two versions is in force, when storage failed to say whether it took the new one. */
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

/** Whether it says what stands against a publication, and not that something failed. */
function isVerdict(error: unknown): error is DomainError {
  return error instanceof DomainError && !['unavailable', 'internal'].includes(ERRORS[error.code].kind);
}

function mustFollow({ base }: Draft, { id }: PolicyVersion): void {
  if (base !== id)
    throw new DomainError(
      'draft_outdated',
      'it was made from a version that is no longer in force: rebase it, look at what it changes now, and have it approved again',
    );
}

/** Whatever the review said: what goes live is what is proved. */
async function mustKeepFloor({ version, base, floorChange }: Review): Promise<void> {
  const crossing = crossingIn(await inSlices(floorProofSteps(version, base)), floorChange);
  if (crossing !== undefined)
    throw new DomainError(
      'floor_crossed',
      `${sentenceOfViolation(crossing)}: close it in the draft, or lower the floor there, which takes two privacy officers`,
    );
}

/** @param word of whom only those count who have the role */
function mustHaveRole(
  { role }: Requirements,
  { roles }: Pick<Approval, 'roles'>,
  word: 'approval' | 'decline',
): void {
  if (role !== null && !roles.includes(role))
    throw new DomainError(
      'caller_not_allowed',
      `the draft changes the floor, so only the ${word} of admins with the role \`${role}\` counts: leave it to them`,
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

/** Of a draft that does not compile nothing is known, and it cannot be published. */
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

/** What a draft does that others must agree to. */
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

/** Refuses the notice of a purpose whose terms do not change, unless it is the present one: somebody was mistaken. */
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
