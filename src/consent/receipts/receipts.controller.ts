import { Controller, Get, Param, Query } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../access/authorisation.js';
import { AddressedUser } from '../../access/request-caller.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { TEXT, TIME, YES_OR_NO, either, listOf, named, objectOf } from '../../http/contract/shapes.js';
import { CHOICE_OR_NONE, SIGNAL, WAY } from '../log/change.shape.js';
import { SIGNED_RECEIPT } from './receipt-keys.view.js';
import { schemaOf } from '../../http/contract/schema.js';
import { timeText } from '../../time.js';
import { UserParams } from '../settings/settings.dto.js';
import { ConsentStore } from '../log/consent.store.js';
import type { Statement } from './receipt.js';
import { ReceiptParams, ReceiptQuery, ReceiptsQuery } from './receipts.dto.js';
import { LOOKS_INTO, pageOf } from '../log/log-page.dto.js';
import { Receipts } from './receipts.js';

/** Default number of events per page. */
const DEFAULT_PAGE = 50;

const STATEMENT = { event: TEXT, at: TIME, via: WAY };
const STATEMENTS = named(
  'Statements',
  objectOf({
    receipts: listOf(
      named(
        'Statement',
        either(
          objectOf({ ...STATEMENT, purpose: TEXT, choice: CHOICE_OR_NONE }),
          objectOf({ ...STATEMENT, signal: SIGNAL, withdrawn: YES_OR_NO }),
        ),
      ),
    ),
    next: TEXT,
  }),
);

/** Consent receipts: signed, for the user to keep and for anybody to verify. */
@Tag('receipts')
@Controller('v1/users/:id/receipts')
export class ReceiptsController {
  constructor(
    private readonly receipts: Receipts,
    private readonly store: ConsentStore,
  ) {}

  @Get()
  @May('look_into', 'user')
  @RouteSchema({ params: schemaOf(UserParams), querystring: schemaOf(ReceiptsQuery) })
  @Operation('listReceipts', {
    summary: 'What a user has said, each with the event of its receipt, oldest first',
    description: LOOKS_INTO,
    query: { limit: { type: 'integer', minimum: 1, maximum: 200, default: DEFAULT_PAGE } },
    answers: { 200: { description: 'a page; `next` is empty on the last one', schema: STATEMENTS } },
    problems: ['change_lost', 'consent_unavailable'],
  })
  async list(@AddressedUser() user: string, @Query() query: ReceiptsQuery) {
    const from = query.after === '' ? undefined : query.after;
    const { after, limit } = await pageOf({ after: from, limit: query.limit }, this.store, DEFAULT_PAGE);
    const { statements, next } = await this.receipts.list(user, after, limit);
    return {
      receipts: statements.map((statement) => statementView(statement, this.store.tokens)),
      next: next === undefined ? '' : this.store.tokens.of(next),
    };
  }

  @Get(':event')
  @May('look_into', 'user')
  @RouteSchema({ params: schemaOf(ReceiptParams), querystring: schemaOf(ReceiptQuery) })
  @Operation('getReceipt', {
    summary: 'The signed receipt of what a user said',
    description: `${LOOKS_INTO} \`event\` is the consistency token of the change.`,
    answers: {
      200: { description: 'the receipt in JSON-LD, and the same as a compact JWS', schema: SIGNED_RECEIPT },
    },
    problems: ['receipt_not_found', 'consent_unavailable'],
  })
  async receipt(@AddressedUser() user: string, @Param('event') event: string) {
    return this.receipts.receipt(user, event);
  }
}

function statementView({ revision, at, via, change }: Statement, tokens: ConsentStore['tokens']) {
  return {
    event: tokens.of(revision),
    at: timeText(at),
    via,
    ...(change.kind === 'choice'
      ? { purpose: change.purpose, choice: change.choice }
      : { signal: change.signal, withdrawn: change.withdrawn === true }),
  };
}
