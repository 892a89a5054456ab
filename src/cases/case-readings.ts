/** What the cases that decisions name are worth, read from the store at the moment of the decision. */
import { type CasePurpose, isCasePurpose, mayReadUnder } from '../access/case-permissions.js';
import type { Verified } from '../access/tokens/token-verifier.js';
import type { CaseStanding } from '../decision/rules/ability.js';
import { DomainError } from '../errors.js';
import type { PolicyVersion } from '../policy/policy.service.js';
import { type Case, caseOf, standingOf } from './case.js';
import { takesCases, takesTwoPeople } from './cases.js';
import { ALTERED, type CaseReader, type CaseStore } from './cases.store.js';

/** What a decision asks for under a case. */
export type UnderCase = {
  readonly case: string;
  readonly purpose: string;
  /** Absent: several people, whom no case covers. */
  readonly user: string | undefined;
  readonly field: string | undefined;
  readonly item: string | undefined;
  readonly readerToken: string | undefined;
};

/** What a case is worth for a decision, and who reads; `unavailable`: it cannot be known now. */
export type CaseFinding = {
  readonly standing: CaseStanding | 'unavailable';
  readonly reader?: CaseReader;
};

/** What the case of a request is worth under a policy. */
export type Findings = (request: object, policy: PolicyVersion) => CaseFinding;
const NO_CASE: CaseFinding = { standing: 'none' };
const UNREAD: CaseFinding = { standing: 'unavailable' };
/** Where no case was read. */
export const NO_CASES: Findings = () => NO_CASE;

/** Most different cases of one request. */
const MAX_CASES = 100;

export class CaseReadings {
  /**
   * @param verify verifies the token of a reader
   * @param patience milliseconds that a decision waits for the cases
   */
  constructor(
    private readonly store: CaseStore,
    private readonly verify: (token: string) => Promise<Verified>,
    private readonly patience: number,
    private readonly now: () => number,
  ) {}

  /** Whether a decision must wait for its case. */
  concerns(policy: PolicyVersion, asked: UnderCase | undefined): asked is UnderCase {
    return asked !== undefined && takesCases(policy, asked.purpose);
  }

  /**
   * What the cases are worth that these requests name. What cannot be read is unavailable.
   *
   * @param askedBy what a request asks for under a case
   * @throws DomainError `invalid_request` when there are too many cases
   */
  async findings<Request extends object>(
    policy: PolicyVersion,
    requests: readonly Request[],
    askedBy: (request: Request) => UnderCase | undefined,
  ): Promise<Findings> {
    const named = requests.filter((request) => this.concerns(policy, askedBy(request)));
    if (named.length === 0) return NO_CASES;
    const asked = named.map(askedBy).filter((one) => one !== undefined);
    const found = await this.findingsOf(policy, asked);
    const findings = new Map<object, CaseFinding>(
      named.map((request, place) => [request, found[place] ?? NO_CASE]),
    );
    // another version that came into force meanwhile may demand more of a case
    return (request, now) => {
      const finding = findings.get(request);
      return finding !== undefined && now !== policy ? UNREAD : (finding ?? NO_CASE);
    };
  }

  private async findingsOf(
    policy: PolicyVersion,
    asked: readonly UnderCase[],
  ): Promise<readonly CaseFinding[]> {
    const ids = new Set(asked.map((one) => one.case));
    if (ids.size > MAX_CASES)
      throw new DomainError(
        'invalid_request',
        `the request names ${ids.size} cases: name at most ${MAX_CASES}, and the others in another request`,
      );
    const unread = asked.map(() => UNREAD);
    return within(this.patience, this.read(policy, asked, ids), unread);
  }

  private async read(
    policy: PolicyVersion,
    asked: readonly UnderCase[],
    ids: ReadonlySet<string>,
  ): Promise<readonly CaseFinding[]> {
    // tokens may take a while, and nothing is to be waited for once the cases are read
    const readers: (CaseReader | undefined | 'unavailable')[] = [];
    for (const one of asked) readers.push(await this.readerIn(one));
    const cases = await this.store.readAll([...ids]).catch(() => undefined);
    if (cases === undefined) return asked.map(() => UNREAD);
    const now = this.now();
    return asked.map((one, place) => {
      const found = cases.get(one.case);
      const reader = readers[place];
      return found === ALTERED || reader === 'unavailable'
        ? UNREAD
        : findingOf(policy, one, found && caseOf(found), reader, now);
    });
  }

  private async readerIn({
    purpose,
    readerToken,
  }: UnderCase): Promise<CaseReader | undefined | 'unavailable'> {
    return readerToken === undefined || !isCasePurpose(purpose)
      ? undefined
      : this.readerOf(readerToken, purpose);
  }

  /** Who the token shows, if they may read for the purpose; a token that is bound to a key proves nothing here. */
  private async readerOf(
    token: string,
    purpose: CasePurpose,
  ): Promise<CaseReader | undefined | 'unavailable'> {
    try {
      const { credentials, issuer, binding } = await this.verify(token);
      const isReader =
        binding === undefined && credentials.kind === 'admin' && mayReadUnder(credentials, purpose);
      return isReader ? { issuer, id: credentials.id } : undefined;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'not_authenticated') return undefined;
      return 'unavailable';
    }
  }
}

function findingOf(
  policy: PolicyVersion,
  { purpose, user, field, item }: UnderCase,
  found: Case | undefined,
  reader: CaseReader | undefined,
  now: number,
): CaseFinding {
  const takesTwo = takesTwoPeople(policy, found?.scope.purpose ?? purpose);
  const itemsOnly = policy.purposes.get(purpose)?.conditions?.includes('reported_items_only') === true;
  const standing = standingOf(found, { purpose, takesTwo, itemsOnly, user, field, item, reader }, now);
  return reader === undefined ? { standing } : { standing, reader };
}

/** The value, or another one when it takes too long. @param patience in milliseconds */
async function within<T>(patience: number, value: Promise<T>, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), patience);
  });
  try {
    return await Promise.race([value, over]);
  } finally {
    clearTimeout(timer);
  }
}
