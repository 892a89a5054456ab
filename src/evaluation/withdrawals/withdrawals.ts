/**
 * Who of an extract has withdrawn: everybody is decided about anew, so that nobody is missed, whatever it was that closed
 * them. Members whom the log does not know any more were erased.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Caller, ServiceCaller } from '../../access/caller.js';
import type { StateInForce } from '../../consent/log/state-in-force.js';
import type { Reason } from '../../decision/reasons.js';
import { KeyBatch } from '../../decision/state/key-batch.js';
import { factsIndex } from '../../decision/table/table.js';
import { DomainError } from '../../errors.js';
import type { Extracts } from '../../extracts/extracts.js';
import type { StoredExtract } from '../../extracts/extracts.store.js';
import { type Look, lookIn, lookToken } from '../../extracts/look-token.js';
import { MemberNames } from '../../extracts/member-names.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import { Audience, type Outcome } from '../audience/outcomes.js';
import type { EvaluationService } from '../evaluation.service.js';
import { PURPOSE, factsOf } from '../question.js';
import type { News } from './news.js';
import { unavailable } from './unavailable.js';

/** A member who has withdrawn, or the end of a look. */
export type WithdrawalLine =
  | {
      readonly member: string;
      readonly user: string;
      /** The fields that were extracted and may not be read any more, each with the reason. */
      readonly withdrawn: Readonly<Record<string, Reason>>;
    }
  | { readonly member: string; readonly erased: true }
  | {
      readonly since: string;
      readonly policy: string;
      /** Whether all are told who withdrew; if not, those who did since an earlier look. */
      readonly complete: boolean;
      readonly members: number;
      readonly withdrawn: number;
      readonly erased: number;
    };

/** Users looked up before other work has its turn: about a millisecond. */
const SLICE_USERS = 2_048;
/** Lines given at once. */
const LINES = 512;
/** Looks at once in a process: each holds two bytes for every number in the ranges of its members. */
const MOST_LOOKS = 4;
/** Of these, those of one service, so that others can look as well. */
const MOST_OF_SERVICE = 2;
/** How long a look waits for the consent state that its members were decided on, in milliseconds. */
const PATIENCE_MS = 5_000;

export class Withdrawals {
  /** Whose looks go on, by the id of the service. */
  private readonly looks: string[] = [];

  constructor(
    private readonly extracts: Pick<Extracts, 'get' | 'membersOf'>,
    private readonly evaluation: EvaluationService,
    private readonly consent: StateInForce,
    private readonly news: News,
  ) {}

  /**
   * Looks at an extract, a page of lines at a time.
   *
   * @param since stands for an earlier look: who was told then may be left out. Where more may have changed than records
   *   of users, all are told
   * @param gone ends it
   * @throws DomainError `extract_not_found`; `invalid_request` when `since` is none, `change_lost` when it is no more;
   *   `answers_waiting` when too many look; `consent_unavailable`, also later: a look without its last line was cut off
   */
  async *lines(
    client: ServiceCaller,
    id: string,
    since: string | undefined,
    gone: AbortSignal,
  ): AsyncGenerator<readonly WithdrawalLine[], void> {
    const { policy: before } = this.evaluation;
    // before its members are read: what is noted later is not in it
    const found = await this.extracts.get(client, id);
    const seen = since === undefined ? undefined : lookIn(since, this.consent.tokens, found.parts);
    const own = this.looks.filter((one) => one === client.id).length;
    if (own >= MOST_OF_SERVICE || this.looks.length >= MOST_LOOKS)
      throw new DomainError(
        'answers_waiting',
        own >= MOST_OF_SERVICE
          ? `this service looks at ${own} extracts in this process already: ask again when one has ended, or ask another process`
          : `${MOST_LOOKS} look at extracts in this process already: ask again when one has ended, or ask another process`,
      );
    this.looks.push(client.id);
    try {
      const purposes = () => this.evaluation.boundNow(client, before).purposes;
      yield* this.pages(client, purposes, found, seen, gone);
    } finally {
      this.looks.splice(this.looks.indexOf(client.id), 1);
    }
  }

  /**
   * How many are in an extract, and of how many something that was taken may not be used any more, or who were erased.
   * That its service may not ask for the purpose any more withdraws nobody here.
   *
   * @throws DomainError `extract_not_found`, `consent_unavailable`
   */
  async count(
    caller: Caller,
    found: StoredExtract,
  ): Promise<{ readonly members: number; readonly left: number }> {
    const { signal } = new AbortController();
    let last: WithdrawalLine | undefined;
    const purposes = () => new Set([found.opening.purpose]);
    for await (const page of this.pages(caller, purposes, found, undefined, signal)) last = page.at(-1);
    if (last === undefined || !('since' in last)) throw unavailable();
    return { members: last.members, left: last.withdrawn + last.erased };
  }

  /** @param purposesNow for which they are decided about, under the policy in force */
  private async *pages(
    caller: Caller,
    purposesNow: () => ReadonlySet<string>,
    found: StoredExtract,
    seen: Look | undefined,
    gone: AbortSignal,
  ): AsyncGenerator<readonly WithdrawalLine[], void> {
    const { opening } = found;
    const { members, fresh } = await this.extracts.membersOf(found, seen?.parts ?? 0);
    // parts may be noted meanwhile: who is in them may be told of, and need not be
    const { revision: rested } = await this.extracts.get(caller, found.id);
    await this.mustReach(rested, opening.purpose);
    const { policy } = this.evaluation;
    const purposes = purposesNow();
    const { revision } = this.consent;
    const audience = audienceOf(opening, policy, purposes, (users) => {
      this.mustBeAvailable();
      return this.consent.answersFor(policy, users);
    });
    const changed =
      seen === undefined || !purposes.has(opening.purpose) || seen.revision > revision
        ? undefined
        : await this.news.between(seen.revision, revision);
    const isNews = (number: number) =>
      changed === undefined || changed.users.has(number) || fresh.kindOf(number) !== 0;
    const names = new MemberNames(opening.secret);
    const lostBy = new Map<number, WithdrawnFields | undefined>();
    const lost = (kind: number, outcome: Outcome): WithdrawnFields | undefined => {
      const pair = kind * 2 ** 32 + outcome.place;
      if (!lostBy.has(pair)) lostBy.set(pair, withdrawnOf(members.fieldsOf(kind), opening.fields, outcome));
      return lostBy.get(pair);
    };
    const count = { members: 0, withdrawn: 0, erased: 0 };
    let page: WithdrawalLine[] = [];
    const users = new KeyBatch();
    let inSlice = 0;
    for (let place: number | undefined = 0; place !== undefined;) {
      gone.throwIfAborted();
      users.clear();
      place = this.consent.takeUsers(place, users);
      const outcomeOf = audience.lookUp(users);
      for (let at = 0; at < users.size; at++) {
        const number = users.numbers[at] ?? 0;
        const kind = members.kindOf(number);
        if (kind === 0) continue;
        members.remove(number);
        count.members++;
        const withdrawn = lost(kind, outcomeOf(at));
        if (withdrawn === undefined || !isNews(number)) continue;
        count.withdrawn++;
        page.push({ member: names.of(number), user: users.textAt(at), withdrawn });
      }
      inSlice += users.size;
      if (page.length >= LINES) {
        yield page;
        page = [];
      }
      if (inSlice < SLICE_USERS) continue;
      inSlice = 0;
      await turn();
    }
    for (const range of members.ranges)
      for (const { users: numbers } of members.in(range)) {
        await turn();
        for (const number of numbers) {
          count.members++;
          if (changed?.erased === false && !isNews(number)) continue;
          count.erased++;
          page.push({ member: names.of(number), erased: true });
          if (page.length < LINES) continue;
          yield page;
          page = [];
          gone.throwIfAborted();
        }
      }
    this.mustBeAvailable();
    const since = lookToken({ revision, parts: found.parts }, this.consent.tokens);
    yield [...page, { since, policy: policy.id, complete: changed === undefined, ...count }];
  }

  /** @throws DomainError `consent_unavailable` */
  private async mustReach(revision: number, purpose: string): Promise<void> {
    const resting = { subject: { type: PURPOSE, id: purpose } };
    const isConfirmed = await this.evaluation.freshEnough([resting]);
    const isProved = isConfirmed || !this.evaluation.mustBeConfirmed(this.evaluation.policy, resting);
    // who registered elsewhere a moment ago would be taken for erased
    if (!isProved || !(await this.consent.reaches(revision, PATIENCE_MS))) throw unavailable();
    this.mustBeAvailable();
  }

  private mustBeAvailable(): void {
    if (!this.consent.available) throw unavailable();
  }
}

type WithdrawnFields = Readonly<Record<string, Reason>>;

/** Decides anew, as a client with these purposes would be answered now. */
export function audienceOf(
  { purpose, fields, actor, legalReference }: StoredExtract['opening'],
  policy: PolicyVersion,
  clientPurposes: ReadonlySet<string>,
  answersFor: ConstructorParameters<typeof Audience>[2],
): Audience {
  const context = { actor, ...(legalReference === null ? {} : { legal_reference: legalReference }) };
  const facts = factsIndex(factsOf(context, undefined));
  return new Audience(policy.table, { purpose, fields, clientPurposes, facts }, answersFor);
}

/**
 * What was taken and is not permitted any more; `undefined`: nothing.
 *
 * @param taken the fields that were
 * @param fields all that the outcome is about
 */
export function withdrawnOf(
  taken: readonly string[],
  fields: readonly string[],
  { reasons, permitted }: Outcome,
): WithdrawnFields | undefined {
  const lost = taken.filter((field) => !permitted.includes(field));
  if (lost.length === 0) return undefined;
  return Object.fromEntries(
    lost.map((field) => [field, reasons[fields.indexOf(field)] ?? 'consent_unavailable']),
  );
}
