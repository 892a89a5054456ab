import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../access/authorisation.js';
import type { ServiceCaller } from '../access/caller.js';
import { CurrentService } from '../access/request-caller.js';
import { DomainError } from '../errors.js';
import { Operation, Tag } from '../http/contract/described.js';
import { schemaOf } from '../http/contract/schema.js';
import { TEXT, TIME, WHOLE, listOf, named, objectOf, orNull, said, wordOf } from '../http/contract/shapes.js';
import { NEXT, PAGES, PAGE_QUERY, pageIn, paged } from '../http/pages.js';
import { BUDGET_PERIODS } from '../decision/policy.js';
import { timeText } from '../time.js';
import { BudgetsQuery, SpendDto, SpendParams } from './budgets.dto.js';
import { Budgets } from './budgets.js';
import type { Spent } from './budgets.store.js';

const DECIMAL = said('an exact decimal', TEXT);
const BUDGET = named(
  'PrivacyBudget',
  objectOf({
    purpose: TEXT,
    period: TEXT,
    spent: objectOf({ epsilon: DECIMAL, delta: DECIMAL }),
    limit: said(
      'of the policy in force, for each period of this length; null: it gives the purpose none',
      orNull(objectOf({ epsilon: DECIMAL, delta: DECIMAL, period: wordOf(BUDGET_PERIODS) })),
    ),
    figures: said('how many were paid for', WHOLE),
    first_at: TIME,
    last_at: TIME,
  }),
);

/** What figures may tell about people. */
@Tag('uses')
@Controller('v1/budgets')
export class BudgetsController {
  constructor(private readonly budgets: Budgets) {}

  @Post(':purpose/:period/spend')
  @May('ask', 'decisions')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(SpendParams), body: schemaOf(SpendDto) })
  @Operation('spendBudget', {
    summary: 'Pay for a figure before it is given out',
    description:
      'By a service that may ask for the purpose, out of what the policy gives it for the period; whoever asks for the purpose shares it. A figure that was paid for costs nothing when it is sent again with the same answer, so this may be repeated.',
    examples: {
      'a count': { figure: '0a'.repeat(32), data: '7f'.repeat(32), epsilon: '0.1' },
    },
    answers: {
      200: {
        description: 'it is paid for, now or before',
        schema: named('PaidFigure', objectOf({ figure: TEXT, data: TEXT })),
      },
    },
    problems: [
      'purpose_not_found',
      'purpose_not_allowed',
      'budget_not_offered',
      'budget_exhausted',
      'figure_changed',
    ],
  })
  async spend(
    @CurrentService() client: ServiceCaller,
    @Param() { purpose, period }: SpendParams,
    @Body() { figure, data, epsilon, delta = '0' }: SpendDto,
  ) {
    await this.budgets.spend(client, { purpose, period, figure, data, epsilon, delta });
    return { figure, data };
  }

  @Get()
  @May('audit', 'policies')
  @RouteSchema({ querystring: schemaOf(BudgetsQuery) })
  @Operation('listBudgets', {
    summary: 'What was spent of privacy budgets, by purpose and period',
    description: `Roles \`auditor\` and \`privacy_officer\`. The budget that was begun last first. ${PAGES}`,
    query: PAGE_QUERY,
    answers: {
      200: {
        description: 'the budgets',
        schema: named('PrivacyBudgets', objectOf({ budgets: listOf(BUDGET) }, NEXT)),
      },
    },
  })
  async list(@Query() { purpose, limit, cursor }: BudgetsQuery) {
    const page = pageIn(limit, cursor);
    const found = await this.budgets.store.list(page.limit + 1, purpose, page.after && placeIn(page.after));
    const { entries, next } = paged(found, page, ({ first, purpose: of, period }) => ({
      at: first,
      id: `${period} ${of}`,
    }));
    return { budgets: entries.map((spent) => this.viewOf(spent)), ...next };
  }

  private viewOf({ purpose, period, epsilon, delta, figures, first, last }: Spent) {
    return {
      purpose,
      period,
      spent: { epsilon, delta },
      limit: this.budgets.limitOf(purpose) ?? null,
      figures,
      first_at: timeText(first),
      last_at: timeText(last),
    };
  }
}

/** @throws DomainError `invalid_request` when a cursor names no budget */
function placeIn({ at, id }: { readonly at: number; readonly id: string }) {
  const [, period, purpose] = /^(\S+) (.+)$/.exec(id) ?? [];
  if (period === undefined || purpose === undefined)
    throw new DomainError('invalid_request', '`cursor` is none that was given: begin without one', '/cursor');
  return { first: at, purpose, period };
}
