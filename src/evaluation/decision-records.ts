import type { ServiceCaller } from '../access/caller.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import type { Decision } from '../decision/reasons.js';
import { DomainError } from '../errors.js';
import type { DecisionCounts } from './decision-counts.js';
import { fieldIn } from '../decision/visibility.js';
import type { Question } from '../decision/table/decide.js';
import { messageFieldsOf } from '../policy/message-fields.js';
import type { PolicyVersion } from '../policy/policy.service.js';
import type { Asked, Person, RecordedUsers } from '../record/record-entry.js';
import type { Recording } from '../record/recording.js';
import { inSpan } from '../traces.js';

/** What a request states, as far as it is recorded. */
export type Stated = {
  readonly actor?: 'automated' | 'human';
  readonly case?: string;
  readonly legal_reference?: string;
  readonly on_behalf_of?: string;
  /** What of the case is asked for. */
  readonly item?: string | undefined;
  /** Who reads under the case, as their token shows. */
  readonly reader?: string;
};

/** Takes down what requests are answered, before they are. */
export class DecisionRecords {
  /** How often something was taken down whose answer must not leave before it is on disk, and how often it was settled. */
  private bound = 0;
  private boundAndSettled = 0;

  /** @param now milliseconds since the Unix epoch */
  constructor(
    private readonly recording: Recording,
    private readonly consent: Pick<StateInForce, 'numberOf'>,
    private readonly now: () => number,
    /** Absent: nobody watches. */
    private readonly counts?: DecisionCounts,
  ) {}

  /** Counts a request, once it is known who answers it. */
  count(client: ServiceCaller): void {
    this.counts?.requestOf(client.id);
  }

  /** The record of a request, by its id. */
  of(client: ServiceCaller, request: string): RequestRecord | 'impossible' {
    return this.recording.isAvailable ? new RequestRecord(this, client.id, request, this.now) : 'impossible';
  }

  /**
   * Resolves to whether all that was taken down is recorded; if not, no answer that was may leave.
   *
   * @returns `undefined` when no answer need wait
   */
  settled(): Promise<boolean> | undefined {
    const { bound } = this;
    // until then it binds all that is answered beside it: who asks first may be another
    const settled = this.recording.settled(bound > this.boundAndSettled);
    const note = (isWritten: boolean) => {
      if (isWritten) this.boundAndSettled = Math.max(this.boundAndSettled, bound);
    };
    if (settled === undefined) note(true);
    else void settled.then(note);
    return settled;
  }

  /**
   * What `search` finds, once that is recorded.
   *
   * @throws DomainError `record_unavailable`, and what `search` throws
   */
  async found<T>(client: ServiceCaller, request: string, search: (record: RequestRecord) => T): Promise<T> {
    return this.once(client, request, (record) => {
      if (record === 'impossible') throw recordUnavailable();
      const found = search(record);
      record.end();
      return found;
    });
  }

  /** @throws DomainError `record_unavailable` */
  must(client: ServiceCaller, request: string): RequestRecord {
    this.count(client);
    const record = this.of(client, request);
    if (record === 'impossible') throw recordUnavailable();
    return record;
  }

  /** What `answer` gives, once that is recorded. If it cannot be, it is asked again, for a denial. */
  async once<T>(
    client: ServiceCaller,
    request: string,
    answer: (record: RequestRecord | 'impossible') => T,
  ): Promise<T> {
    this.count(client);
    const record = this.of(client, request);
    const given = answer(record);
    const settled = record === 'impossible' ? undefined : this.settled();
    const isRecorded = settled === undefined || (await inSpan('wait for the record', {}, () => settled));
    return isRecorded ? given : answer('impossible');
  }

  /** @param number by which the log knows the user, if that was looked up already; 0: it does not */
  personOf(user: string, number = this.consent.numberOf(user) ?? 0): Person {
    return number > 0 ? number : this.recording.stranger(user);
  }

  begin(asked: Asked): void {
    this.recording.begin(asked);
  }

  /** @param isJustified whether it was asked for under a case or a legal reference */
  decision(
    policy: PolicyVersion,
    { purpose, field, visibility }: Question,
    person: Person | undefined,
    decision: Decision,
    isJustified: boolean,
  ): void {
    if (decision.permit && (isJustified || messageFieldsOf(policy).has(field))) this.bound++;
    this.recording.decision(purpose, field, visibility, person, decision);
  }

  end(): void {
    this.recording.end();
  }

  users(policy: PolicyVersion, asked: Asked, users: RecordedUsers): void {
    const messages = messageFieldsOf(policy);
    const mayHold = (permit: string) => messages.has(fieldIn(permit));
    if (asked.legalReference !== undefined || users.sets.some(({ permits }) => permits.some(mayHold)))
      this.bound++;
    this.recording.takeUsers(asked, users);
  }
}

/** Takes down what one request is answered. Between its first decision and its end nothing may be awaited. */
export class RequestRecord {
  private stated: Stated | undefined;
  private policy: PolicyVersion | undefined;
  private revision = -1;
  /** What the decision that was taken down last was asked under. */
  last: Asked | undefined;

  constructor(
    private readonly records: DecisionRecords,
    private readonly client: string,
    private readonly request: string,
    private readonly now: () => number,
  ) {}

  /**
   * @param revision that the decision rests on
   * @param person whom it is about; absent: nobody whose record could be read
   */
  decision(
    policy: PolicyVersion,
    revision: number,
    stated: Stated | undefined,
    question: Question,
    person: Person | undefined,
    decision: Decision,
  ): void {
    if (this.policy !== policy || this.revision !== revision || !isSame(this.stated, stated)) {
      this.end();
      this.policy = policy;
      this.revision = revision;
      this.stated = stated;
      this.last = this.asked(policy, revision, stated);
      this.records.begin(this.last);
    }
    const isJustified = stated?.case !== undefined || stated?.legal_reference !== undefined;
    this.records.decision(policy, question, person, decision, isJustified);
  }

  /** To be called after the last decision. */
  end(): void {
    if (this.policy !== undefined) this.records.end();
    this.policy = undefined;
  }

  personOf(user: string, number?: number): Person {
    return this.records.personOf(user, number);
  }

  /** Takes down a question about many people, or a part of it. */
  users(policy: PolicyVersion, revision: number, stated: Stated | undefined, users: RecordedUsers): void {
    this.records.users(policy, this.asked(policy, revision, stated), users);
  }

  private asked({ id }: PolicyVersion, revision: number, stated: Stated | undefined): Asked {
    const {
      actor = 'human',
      case: named,
      legal_reference: legalReference,
      on_behalf_of: onBehalfOf,
      item,
      reader,
    } = stated ?? {};
    return {
      // of each part anew: a question about many people may take long
      at: this.now(),
      client: this.client,
      request: this.request,
      policy: id,
      revision,
      actor,
      ...(named === undefined ? {} : { case: named }),
      ...(item === undefined ? {} : { item }),
      ...(reader === undefined ? {} : { reader }),
      ...(legalReference === undefined ? {} : { legalReference }),
      ...(onBehalfOf === undefined ? {} : { onBehalfOf: this.records.personOf(onBehalfOf) }),
    };
  }
}

/** Whether the records of two contexts say the same. */
function isSame(one: Stated | undefined, other: Stated | undefined): boolean {
  return (
    one === other ||
    (one?.actor === other?.actor &&
      one?.case === other?.case &&
      one?.item === other?.item &&
      one?.reader === other?.reader &&
      one?.legal_reference === other?.legal_reference &&
      one?.on_behalf_of === other?.on_behalf_of)
  );
}

export function recordUnavailable(): DomainError {
  return new DomainError(
    'record_unavailable',
    'what is answered must be recorded first, and cannot be now: ask again shortly',
  );
}
