import { setImmediate as turn } from 'node:timers/promises';
import type { ServiceCaller } from '../../access/caller.js';
import { whyWithout } from '../../access/clients.js';
import type { StateInForce } from '../../consent/log/state-in-force.js';
import { didYouMean } from '../../decision/nearest.js';
import type { Reason } from '../../decision/reasons.js';
import { BATCH_KEYS, KeyBatch } from '../../decision/state/key-batch.js';
import { isTaken, permitColumns, refusalByFacts } from '../../decision/table/permit-columns.js';
import { factsIndex } from '../../decision/table/table.js';
import { DomainError } from '../../errors.js';
import { fieldsOpenTo } from '../../policy/open-fields.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import { HeldParts } from '../audience/held-parts.js';
import { Audience, type Outcome } from '../audience/outcomes.js';
import type { EvaluationService } from '../evaluation.service.js';
import { PURPOSE, type RequestContext, factsOf, neededRevision } from '../question.js';
import type { AnsweredAlike } from '../people.js';
import { UsersRecord, fieldAt } from '../users-record.js';
import { timeText } from '../../time.js';
import { PermitRows } from './permit-rows.js';

export type PermitsRequest = {
  readonly purpose: string;
  /** Absent: all that the policy opens to the purpose. */
  readonly fields?: readonly string[] | undefined;
  readonly context: Pick<RequestContext, 'actor' | 'legal_reference' | 'consistency_token' | 'consistency'>;
};

/** Version of the columns and of the metadata. */
const FORMAT = '1';
/** Users looked up before other work has its turn: about a millisecond. */
const SLICE_USERS = 2_048;

export class Permits {
  constructor(
    private readonly evaluation: EvaluationService,
    private readonly consent: StateInForce,
    private readonly now: () => number,
  ) {}

  /**
   * Prepares a file of what the purpose may read of all users. All rows rest on the policy version that is in force
   * now, and on the revision that the file names or a later one.
   *
   * @param id of the request
   * @param gone aborted when the client is gone
   * @returns the pieces of the file, each recorded before
   * @throws DomainError `invalid_request`, `change_lost`; `purpose_not_allowed` when the client may not ask for the purpose;
   *   `consent_unavailable`; `record_unavailable`. The pieces throw the last two too: a file without its end is none
   */
  async open(
    asking: ServiceCaller,
    { purpose, fields: asked, context }: PermitsRequest,
    id: string,
    gone: AbortSignal,
  ): Promise<AsyncGenerator<Uint8Array, void>> {
    const needed = neededRevision(context.consistency_token, this.consent);
    const resting = { subject: { type: PURPOSE, id: purpose }, context };
    const { policy: before } = this.evaluation;
    const isConfirmed = await this.evaluation.freshEnough([resting]);
    const client = this.evaluation.boundNow(asking, before);
    const { policy } = this.evaluation;
    const facts = factsIndex(factsOf(context, undefined));
    mustKnow(policy, purpose);
    if (!client.purposes.has(purpose))
      throw new DomainError('purpose_not_allowed', whyWithout(client, 'purposes', purpose), '/purpose');
    const fields = fieldsFor(policy, purpose, asked);
    const columns = permitColumns(policy, fields);
    mustBeAnswerable(policy, purpose, facts);
    const isProved = isConfirmed || !this.evaluation.mustBeConfirmed(policy, resting);
    if (!isProved || needed > this.consent.revision) throw unavailable();
    this.mustBeAvailable();
    const madeAt = this.now();
    const audience = new Audience(
      policy.table,
      {
        purpose,
        fields: columns.map(({ field }) => field),
        levels: columns.map(({ level }) => level),
        clientPurposes: client.purposes,
        facts,
      },
      (users) => {
        this.mustBeAvailable();
        return this.consent.answersFor(policy, users);
      },
    );
    const { table } = policy;
    const place = table.purposeIndex(purpose) ?? -1;
    const obligations = fields.flatMap(
      (field) => table.permitOf(place, table.fieldIndex(field) ?? -1).obligations,
    );
    const rows = new PermitRows({
      purpose,
      policy: policy.id,
      madeAt,
      columns: columns.map(({ name }) => name),
      metadata: {
        'assent.format': FORMAT,
        'assent.purpose': purpose,
        'assent.policy': policy.id,
        'assent.consistency_token': this.consent.tokens.of(this.consent.revision),
        'assent.made_at': timeText(madeAt),
        'assent.fields': JSON.stringify(fields),
        'assent.obligations': JSON.stringify([...new Set(obligations)]),
        'assent.facts': JSON.stringify({ actor: context.actor, legal_reference: context.legal_reference }),
      },
    });
    const names = columns.map(({ field, level }) => fieldAt(field, level));
    const record = new UsersRecord(
      this.evaluation.records.must(client, id),
      { way: 'permits', purpose, fields: names, policy, stated: context },
      (place) => namedBy(names, audience.answerAt(place)),
    );
    return this.pieces(audience, rows, record, gone);
  }

  private async *pieces(
    audience: Audience,
    rows: PermitRows,
    record: UsersRecord,
    gone: AbortSignal,
  ): AsyncGenerator<Uint8Array, void> {
    const users = new KeyBatch();
    const parts = new HeldParts();
    let pieces = [rows.begin()];
    const endPart = (isLast: boolean) => {
      record.close(this.consent.revision, isLast);
      parts.add(pieces, this.evaluation.records.settled());
      pieces = [];
    };
    let inSlice = 0;
    for (let place: number | undefined = 0; place !== undefined;) {
      gone.throwIfAborted();
      users.clear();
      place = this.consent.takeUsers(place, users);
      const outcomeOf = audience.lookUp(users);
      for (let at = 0; at < users.size; at++) {
        const outcome = outcomeOf(at);
        rows.add(users, at, outcome);
        record.add(users.numbers[at] ?? 0, outcome.place, () => users.textAt(at));
      }
      inSlice += users.size;
      if (inSlice >= SLICE_USERS) {
        inSlice = 0;
        await turn();
      }
      for (const piece of rows.take()) {
        pieces.push(piece);
        await turn();
      }
      if (record.room >= BATCH_KEYS) continue;
      endPart(false);
      // one is written while the next one is decided
      while (parts.size > 1) yield* parts.next(gone);
    }
    pieces.push(...rows.end());
    endPart(true);
    while (!parts.isEmpty) yield* parts.next(gone);
  }

  private mustBeAvailable(): void {
    if (!this.consent.available) throw unavailable();
  }
}

/** What users were permitted, by the names of the columns. */
function namedBy(names: readonly string[], { bits, obligations, reasons }: Outcome): AnsweredAlike {
  const permitted = names.filter((_name, at) => (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1);
  return { permitted, obligations, reasons };
}

function unavailable(): DomainError {
  return new DomainError(
    'consent_unavailable',
    'the consent state cannot be read, or is not known to be as new as was asked for: ask again shortly',
  );
}

/** @throws DomainError `invalid_request` */
function mustKnow({ purposes }: PolicyVersion, purpose: string): void {
  if (purposes.has(purpose)) return;
  throw new DomainError(
    'invalid_request',
    `the policy names no purpose \`${purpose}\`${didYouMean(purpose, purposes.keys())}`,
    '/purpose',
  );
}

/** @throws DomainError `invalid_request` */
function fieldsFor(
  policy: PolicyVersion,
  purpose: string,
  asked: readonly string[] | undefined,
): readonly string[] {
  if (asked === undefined) {
    const open = fieldsOpenTo(policy, purpose).map(({ id }) => id);
    if (open.length > 0) return mustBeColumns(open);
    throw new DomainError(
      'invalid_request',
      `the policy opens no field to \`${purpose}\`, so there is nothing to permit: name fields, or ask for another purpose`,
      '/purpose',
    );
  }
  for (const [place, field] of asked.entries()) {
    const refuse = (fault: string) =>
      new DomainError('invalid_request', `\`fields\`: ${fault}`, `/fields/${place}`);
    if (!policy.fields.has(field))
      throw refuse(`the policy has no field \`${field}\`${didYouMean(field, policy.fields.keys())}`);
    if (asked.indexOf(field) < place) throw refuse(`\`${field}\` is listed twice: list it once`);
  }
  return mustBeColumns(asked);
}

/** @throws DomainError `invalid_request` */
function mustBeColumns(fields: readonly string[]): readonly string[] {
  const taken = fields.find(isTaken);
  if (taken === undefined) return fields;
  throw new DomainError(
    'invalid_request',
    `a file of permits has another column \`${taken}\`, so it cannot have the field of that name: leave the field out, or give it another id`,
    '/fields',
  );
}

/** What to do where the facts permit nobody, whatever users chose. */
const UNANSWERABLE: { readonly [reason in Reason]?: string } = {
  needs_automated_actor: 'is for processes alone: add `actor=automated`, if no person will see the data',
  needs_legal_reference: 'needs a legal reference: add `legal_reference`',
  needs_case:
    'needs an open case for what it reads, which a file about all users cannot state: ask for evaluations',
  not_own_data:
    'reads only for the user whose data it is, which a file about all users cannot state: ask for evaluations',
};

/**
 * Refuses a file that could permit nothing, because of what the request states or cannot state.
 *
 * @throws DomainError `invalid_request`
 */
function mustBeAnswerable({ table }: PolicyVersion, purpose: string, facts: number): void {
  const reason = refusalByFacts(table, table.purposeIndex(purpose) ?? -1, facts);
  const fault = reason === undefined ? undefined : UNANSWERABLE[reason];
  if (fault !== undefined) throw new DomainError('invalid_request', `\`${purpose}\` ${fault}`, '/purpose');
}
