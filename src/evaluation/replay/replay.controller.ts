import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../access/authorisation.js';
import { ConsentStore } from '../../consent/log/consent.store.js';
import { entryNamed } from '../../consent/log/named-entry.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { momentOf as timeAt } from '../../time.js';
import { type Moment, Replay } from './replay.js';
import { ReplayDto } from './replay.dto.js';
import { REPLAYED, replayedView } from './replay.view.js';

/** Past decisions, for those who must explain them. */
@Tag('policies')
@Controller('v1/decisions')
export class ReplayController {
  constructor(
    private readonly replay: Replay,
    private readonly log: ConsentStore,
  ) {}

  @Post('replay')
  @May('replay', 'policies')
  @HttpCode(200)
  @RouteSchema({ body: schemaOf(ReplayDto) })
  @Operation('replayDecision', {
    summary: 'Decide as it was decided then, and say why',
    description:
      'At a time (`at`), or on the `policy` and `revision` that a recorded answer names. The version that was in force, the consent events until then, the same engine.',
    answers: { 200: { description: 'the decision, and what it rested on', schema: REPLAYED } },
    problems: ['change_lost', 'policy_not_found', 'record_forgotten'],
  })
  async decide(@Body() body: ReplayDto) {
    return replayedView(
      await this.replay.decide(body.evaluation, await momentOf(body, this.log), body.client_purposes),
      this.log.tokens,
    );
  }
}

async function momentOf({ at, policy, revision }: ReplayDto, log: ConsentStore): Promise<Moment> {
  if (at !== undefined && policy === undefined && revision === undefined) return { at: timeAt(at) };
  if (at === undefined && policy !== undefined && revision !== undefined)
    return { policy, revision: await entryNamed('revision', revision, log, 'nothing can be replayed on it') };
  throw new DomainError(
    'invalid_request',
    'say when: give `at`, or `policy` and `revision` as the answer named them',
  );
}
