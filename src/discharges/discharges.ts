/** Takes down what services say of the obligations of their answers: that they did what these oblige them to. */
import type { ServiceCaller } from '../access/caller.js';
import { eachQuoted, listOf } from '../decision/lists.js';
import { DomainError } from '../errors.js';
import { recordUnavailable } from '../evaluation/decision-records.js';
import type { Recording } from '../record/recording.js';
import { DAY_MS } from '../time.js';
import type { DischargeTokens, RecordedAnswer } from './discharge-tokens.js';

/** Of all answers of a report together: each is a row of the ledger. */
const MOST_PEOPLE = 10_000;

/** What a service says. */
export type Report = {
  /** The `discharge_token` of an answer. */
  readonly answer: string;
  readonly obligation: string;
};

export class Discharges {
  /**
   * @param isKept whether decisions are recorded at all
   * @param days after which a record is deleted; 0: never
   * @param now milliseconds since the Unix epoch
   */
  constructor(
    private readonly recording: Recording,
    private readonly tokens: DischargeTokens,
    private readonly isKept: boolean,
    private readonly days: number,
    private readonly now: () => number,
  ) {}

  /**
   * Takes all of the reports down, or none. Resolves when they are on the disk. What is reported twice is taken down twice,
   * and counts once.
   *
   * @param request id of the request
   * @throws DomainError `invalid_request`, `nothing_recorded`, `answer_not_found`, `obligation_not_owed`, `record_unavailable`
   */
  async report(client: ServiceCaller, request: string, reports: readonly Report[]): Promise<void> {
    if (!this.isKept)
      throw new DomainError(
        'nothing_recorded',
        'decisions are not recorded here, so there is nothing to note it of: unset RECORD and start the service again',
      );
    const at = this.now();
    const said = reports.map(({ answer, obligation }, place) => {
      const found = this.found(client, answer, at, `/discharges/${place}/answer`);
      mustOwe(found, obligation, `/discharges/${place}/obligation`);
      return { found, obligation };
    });
    mustBeFewEnough(said.reduce((sum, { found }) => sum + found.decisions.length, 0));
    if (!this.recording.isAvailable) throw recordUnavailable();
    for (const { found, obligation } of said) {
      const { asked, decisions, name } = found;
      this.recording.takeDischarge(
        { ...asked, at, request },
        { obligation, decidedAt: asked.at, decidedIn: asked.request, answer: name, decisions },
      );
    }
    if ((await this.recording.settled(true)) === false) throw recordUnavailable();
  }

  /** @throws DomainError `answer_not_found` */
  private found(client: ServiceCaller, token: string, at: number, member: string): RecordedAnswer {
    const found = this.tokens.read(client.id, token);
    if (found === undefined)
      throw new DomainError(
        'answer_not_found',
        'no answer to this client has this token: send the `discharge_token` of an answer as it came',
        member,
      );
    // by the day, as the ledger forgets
    if (this.days > 0 && dayOf(found.asked.at) < dayOf(at - this.days * DAY_MS))
      throw new DomainError(
        'answer_not_found',
        `the answer is older than ${this.days} days, and so its record is gone: leave it out`,
        member,
      );
    return found;
  }
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** @throws DomainError `invalid_request` */
function mustBeFewEnough(people: number): void {
  if (people > MOST_PEOPLE)
    throw new DomainError(
      'invalid_request',
      `the answers are about ${people} people, and a report takes ${MOST_PEOPLE}: send fewer at once`,
      '/discharges',
    );
}

/** @throws DomainError `obligation_not_owed` */
function mustOwe({ decisions }: RecordedAnswer, obligation: string, member: string): void {
  const owed = decisions[0]?.obligations ?? [];
  if (owed.includes(obligation)) return;
  throw new DomainError(
    'obligation_not_owed',
    `the answer obliges to ${listOf(eachQuoted(owed), 'and')}, and not to \`${obligation}\`: send one of its own`,
    member,
  );
}
