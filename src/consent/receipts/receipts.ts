/** Receipts of events in the log, for the users whom they are about. */
import { type UserRecord, EMPTY_RECORD, applyChange } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import type { PolicyStore } from '../../policy/policy.store.js';
import type { Versions } from '../../policy/versions.js';
import { type ConsentStore, eventsOf } from '../log/consent.store.js';
import type { ReceiptKeys, SignedReceipt } from './receipt-keys.js';
import { type Controller, type Statement, isStatement, receiptOf } from './receipt.js';
import { vocabularyView } from './vocabulary.js';

/** The issuer of receipts. */
export type Issuer = {
  readonly controller: Controller;
  /** Base URL of the service, without a trailing slash. */
  readonly base: string;
};

export type StatementPage = {
  readonly statements: readonly Statement[];
  /** The revision to continue after; `undefined`: there are no more. */
  readonly next: number | undefined;
};

/** The parts that receipts need. */
export type ReceiptsRestOn = {
  readonly log: ConsentStore;
  readonly policyStore: PolicyStore;
  readonly versions: Versions;
  readonly keys: ReceiptKeys;
  readonly newId: () => string;
};

export class Receipts {
  constructor(
    private readonly on: ReceiptsRestOn,
    private readonly issuer: Issuer,
  ) {}

  /**
   * The signed receipt of an event.
   *
   * @param token consistency token of the revision of the event
   * @throws DomainError `receipt_not_found`, the same for an event of another user, a profile and no event at all
   */
  async receipt(user: string, token: string): Promise<SignedReceipt> {
    const revision = this.on.log.tokens.entryOf(token);
    if (typeof revision !== 'number') throw notFound();
    const { event, subject } = await this.statementAt(user, revision);
    const publication = await this.on.policyStore.publicationBefore(revision);
    if (publication === undefined) throw notFound();
    const version = await this.on.versions.get(publication.version);
    const id = this.on.newId();
    return this.on.keys.sign((issuedAt) =>
      receiptOf({ event, token, subject, version, publication, ...this.issuer, id, issuedAt }),
    );
  }

  /** What the terms of this service in receipts mean. */
  vocabulary() {
    return vocabularyView(this.issuer.base);
  }

  /**
   * The events of a user that have receipts, oldest first.
   *
   * @param after a revision; 0: from the first
   */
  async list(user: string, after: number, limit: number): Promise<StatementPage> {
    const statements: Statement[] = [];
    for await (const event of eventsOf(this.on.log, user, after, Infinity, limit + 1)) {
      if (!isStatement(event)) continue;
      if (statements.length === limit) return { statements, next: statements.at(-1)?.revision };
      statements.push(event);
    }
    return { statements, next: undefined };
  }

  /** An event of a user with their record just before it. */
  private async statementAt(
    user: string,
    revision: number,
  ): Promise<{ readonly event: Statement; readonly subject: UserRecord }> {
    let subject = EMPTY_RECORD;
    for await (const event of eventsOf(this.on.log, user, 0, revision)) {
      if (event.revision === revision && isStatement(event)) return { event, subject };
      subject = applyChange(subject, event.change);
    }
    throw notFound();
  }
}

function notFound(): DomainError {
  return new DomainError(
    'receipt_not_found',
    'correct the event in the address; `GET /v1/users/{id}/receipts` lists those of the user that have one',
  );
}
