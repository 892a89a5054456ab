import { Body, Controller, Header, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { May } from '../../access/authorisation.js';
import type { ServiceCaller } from '../../access/caller.js';
import { CurrentService } from '../../access/request-caller.js';
import { proofOf } from '../../access/tokens/authentication.js';
import { BEARER, tokenOf } from '../../access/tokens/authorization-header.js';
import { Proofs } from '../../access/tokens/dpop.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { PUBLIC_URL } from '../discovery.controller.js';
import { GrantDto } from './grants.dto.js';
import { GRANT } from './grants.shape.js';
import { Grants } from './grants.js';

/** Permits that the owner of the data verifies by itself. */
@Tag('grants')
@Controller('v1/grants')
export class GrantsController {
  private readonly proofs: Proofs;

  constructor(
    private readonly grants: Grants,
    @Inject(PUBLIC_URL) base: string,
  ) {
    this.proofs = new Proofs(base, Date.now);
  }

  @Post()
  @May('ask', 'decisions')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @RouteSchema({ body: schemaOf(GrantDto) })
  @Operation('issueGrant', {
    summary: 'May this purpose read these fields of these users? Signed, for the service that owns the data',
    description:
      'The grant is bound to a key of the caller: that of its access token (DPoP, RFC 9449), or of the proof in `DPoP` beside a bearer token. It lives at most a minute.',
    headers: ['DPoP'],
    examples: {
      'the skills of two users, from the service of profiles': {
        purpose: 'ai',
        audience: 'profiles',
        users: ['u-123', 'u-456'],
        fields: ['member.skills'],
        seconds: 60,
        context: { actor: 'automated' },
      },
    },
    answers: { 200: { description: 'the grant, and what is denied', schema: GRANT } },
    problems: [
      'change_lost',
      'purpose_not_allowed',
      'grant_not_offered',
      'grant_not_bound',
      'too_many_proofs',
    ],
  })
  async issue(
    @CurrentService() client: ServiceCaller,
    @Body() { user, users, ...asked }: GrantDto,
    @Req() request: FastifyRequest,
  ) {
    if ((user === undefined) === (users === undefined))
      throw new DomainError(
        'invalid_request',
        'send either `user` or `users`: a grant is about one or several',
      );
    // who may not ask learns nothing of what else is wrong
    this.grants.mustBeAsked(client, asked.purpose);
    const key = request.provedKey ?? (await this.provedBy(request));
    return this.grants.issue(client, { ...asked, users: users ?? [user ?? ''] }, key, request.id);
  }

  /** The key of the proof beside a bearer token. @throws DomainError `grant_not_bound`, and what `Proofs` throws */
  private async provedBy(request: FastifyRequest): Promise<string> {
    const proof = proofOf(request);
    if (proof === undefined)
      throw new DomainError(
        'grant_not_bound',
        'a grant is bound to a key, so that nobody else can use it: send a proof of yours in `DPoP` (RFC 9449), or a token that is bound to one',
      );
    const { method, url: path, headers } = request;
    return this.proofs.keyOf({ token: tokenOf(headers.authorization, BEARER), proof, method, path });
  }
}
