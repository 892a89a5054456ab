import type { ServiceCaller } from '../../access/caller.js';
import { whyWithout } from '../../access/clients.js';
import type { StateInForce } from '../../consent/log/state-in-force.js';
import type { KeyBatch } from '../../decision/state/key-batch.js';
import { byteOf, factsIndex } from '../../decision/table/table.js';
import { DomainError } from '../../errors.js';
import type { Extracts } from '../../extracts/extracts.js';
import type { MemberNames } from '../../extracts/member-names.js';
import type { MemberSet } from '../../extracts/members.js';
import type { RecordedSet } from '../../record/record-entry.js';
import { UsersRecord } from '../users-record.js';
import { Audience } from './outcomes.js';
import type { EvaluationService } from '../evaluation.service.js';
import { PURPOSE, type RequestContext, factsOf, neededRevision } from '../question.js';

/** The question for every user of an audience. */
export type AudienceRequest = {
  readonly purpose: string;
  readonly fields: readonly string[];
  readonly context: Pick<RequestContext, 'actor' | 'legal_reference' | 'consistency_token' | 'consistency'>;
  /** Id of the extract that everybody is taken into who is let through. */
  readonly extract?: string | undefined;
};

/** An audience, and the state that all of its decisions rest on. */
export type OpenAudience = {
  readonly audience: Audience;
  readonly policy: string;
  /** The revision at the start: later changes are seen as soon as they are made. */
  readonly revision: string;
  /** JSON Pointer to the first name that the policy does not have: then nobody passes. */
  readonly unknown: string | undefined;
  /** Whether the log knows a user by exactly this id. */
  readonly knows: (user: string) => boolean;
  /**
   * Has the database confirm what is decided from now on, where that must be: awaited after whatever else was waited
   * for.
   */
  readonly confirm: () => Promise<void>;
  readonly record: UsersRecord;
  /** Names those who are taken into an extract; absent: nobody is. */
  readonly names: MemberNames | undefined;
  /** Takes down a part of the answer, which may leave when that is settled. */
  readonly close: (isLast: boolean) => Promise<boolean> | undefined;
};

const UNKNOWN = byteOf('unknown_user');

export class AudienceService {
  constructor(
    private readonly evaluation: EvaluationService,
    private readonly consent: StateInForce,
    private readonly extracts: Pick<Extracts, 'intake'>,
  ) {}

  /**
   * Prepares the decisions of an audience. All of them rest on the policy version that is in force now; each user is
   * looked up at the moment of their decision.
   *
   * @param id of the request
   * @throws DomainError `invalid_request`, `change_lost`; `purpose_not_allowed` when the client may not ask for the purpose;
   *   `record_unavailable`; `extract_not_found`, `extract_closed`
   */
  async open(asking: ServiceCaller, request: AudienceRequest, id: string): Promise<OpenAudience> {
    const { purpose, fields, extract } = request;
    const { policy: before } = this.evaluation;
    const into = extract === undefined ? undefined : await this.extracts.intake(asking, extract, request);
    const context = { ...request.context, ...into?.stated };
    const needed = neededRevision(context.consistency_token, this.consent);
    const asked = { subject: { type: PURPOSE, id: purpose }, context };
    let isConfirmed = await this.evaluation.freshEnough([asked]);
    const client = this.evaluation.boundNow(asking, before);
    const { policy } = this.evaluation;
    const mustBeConfirmed = this.evaluation.mustBeConfirmed(policy, asked);
    if (policy.purposes.has(purpose) && !client.purposes.has(purpose))
      throw new DomainError('purpose_not_allowed', whyWithout(client, 'purposes', purpose), '/purpose');
    const { revision } = this.consent;
    const place = policy.table.purposeIndex(purpose);
    const unavailable = (_at: number, at: number) => policy.table.ofUnavailable(at);
    const answersFor = (users: KeyBatch) => {
      const answers = this.consent.answersFor(policy, users);
      // who has no number could not be a member
      return into === undefined
        ? answers
        : (at: number, asked: number) =>
            users.numbers[at] === 0 && asked === place ? UNKNOWN : answers(at, asked);
    };
    const audience = new Audience(
      policy.table,
      { purpose, fields, clientPurposes: client.purposes, facts: factsIndex(factsOf(context, undefined)) },
      place === undefined || needed > revision
        ? () => unavailable
        : (users) => (mustBeConfirmed && !isConfirmed ? unavailable : answersFor(users)),
    );
    const strange = fields.findIndex((field) => !policy.fields.has(field));
    const unknownField = strange < 0 ? undefined : `/fields/${strange}`;
    const unknown = place === undefined ? '/purpose' : unknownField;
    const knows = (user: string): boolean => this.consent.knows(user);
    const confirm = async () => {
      if (mustBeConfirmed) isConfirmed = await this.evaluation.isConfirmed();
    };
    const { records } = this.evaluation;
    const record = new UsersRecord(
      records.must(client, id),
      { way: 'audience', purpose, fields, policy, stated: context },
      (answered) => audience.answerAt(answered),
    );
    const close = (isLast: boolean) => {
      const { revision: now } = this.consent;
      const sets = record.close(now, isLast);
      const recorded = records.settled();
      return into === undefined ? recorded : both(recorded, into.add(sets.map(memberSet), now));
    };
    const revisionThen = this.consent.tokens.of(revision);
    return {
      record,
      names: into?.names,
      close,
      audience,
      policy: policy.id,
      revision: revisionThen,
      unknown,
      knows,
      confirm,
    };
  }
}

function memberSet({ permits, users }: RecordedSet): MemberSet {
  return { fields: permits, users };
}

/** Resolves to whether both hold. */
async function both(one: Promise<boolean> | undefined, other: Promise<boolean>): Promise<boolean> {
  const [first = true, second] = await Promise.all([one, other]);
  return first && second;
}
