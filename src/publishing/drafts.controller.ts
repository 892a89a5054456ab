import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { RouteConfig, RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../access/authorisation.js';
import { CurrentCaller } from '../access/request-caller.js';
import type { AdminCaller, Caller } from '../access/caller.js';
import { isSamePerson } from '../access/person.js';
import { isAllowed, mustBeAllowedOnPolicies } from '../access/policy-permissions.js';
import { Tokens } from '../consent/log/consistency-token.js';
import { DomainError } from '../errors.js';
import { Operation, Tag } from '../http/contract/described.js';
import { ANYTHING, TEXT, either, listOf, named } from '../http/contract/shapes.js';
import { queryOf, schemaOf } from '../http/contract/schema.js';
import { momentOf } from '../time.js';
import { PATCH, PATCH_TYPE, YAML, YAML_TYPE } from '../http/body.js';
import type { Draft } from '../policy/policy.store.js';
import { Drafts } from './drafts.js';
import { asJson, asYaml, inTurnOfDocuments, prefersYaml } from './documents.js';
import { PAGES, PAGE_PARAMETERS, PAGE_QUERY, pageIn, paged } from '../http/pages.js';
import { Publisher } from './publisher.js';
import {
  ApprovalDto,
  DeclineDto,
  DraftParams,
  MAX_OPERATIONS,
  NewDraftDto,
  OperationDto,
  PublicationDto,
} from './publishing.dto.js';
import {
  CHECK,
  DRAFT,
  DRAFTS,
  IMPACT,
  PUBLICATION,
  checkView,
  draftSummaryView,
  draftView,
  impactView,
  publicationView,
} from './publishing.views.js';
import * as examples from './publishing.examples.js';
import { EDIT_PROBLEMS, PUBLICATION_PROBLEMS } from './publication-problems.js';
import { MOST_SAMPLES, editIn, noticesIn, operationsIn, readYaml, samplesIn } from './requests.js';
import { Reviewer } from './review/review.js';

/**
 * Drafts of the next policy. Each answer has the draft's edit as its ETag; each change and approval must name, with
 * If-Match, the edit that it is based on (RFC 9110, section 13.1.1).
 */
@Tag('policies')
@Controller('v1/policies/drafts')
export class DraftsController {
  constructor(
    private readonly drafts: Drafts,
    private readonly reviewer: Reviewer,
    private readonly publisher: Publisher,
    private readonly tokens: Tokens,
  ) {}

  @Post()
  @May('edit', 'policies')
  @RouteSchema({ body: schemaOf(NewDraftDto) })
  @Operation('createDraft', {
    summary: 'Open a draft, from any version',
    examples: examples.DRAFTS,
    description:
      'A `document` that you have in an open draft already, to follow the same version, opens no second one: that draft is answered, with 200.',
    answers: {
      200: { description: 'your open draft that says the same', schema: DRAFT, headers: ['ETag'] },
      201: { description: 'the draft', schema: DRAFT, headers: ['ETag'] },
    },
    problems: ['policy_not_found', 'too_many_drafts'],
  })
  async create(
    @CurrentCaller() caller: Caller,
    @Body() { base = 'current', message, document }: NewDraftDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const start = document === undefined ? { base, message } : { base, message, document };
    const { draft, isNew } = await this.drafts.open(caller.id, start);
    void reply.status(isNew ? 201 : 200);
    return tagged(reply, draft);
  }

  @Get()
  @May('read', 'policies')
  @RouteSchema({ querystring: PAGE_PARAMETERS })
  @Operation('listDrafts', {
    summary: 'Drafts, newest first, without their documents',
    description: PAGES,
    query: PAGE_QUERY,
    answers: { 200: { description: 'the drafts', schema: DRAFTS } },
  })
  async list(@Query('limit') limit: string | undefined, @Query('cursor') cursor: string | undefined) {
    const page = pageIn(limit, cursor);
    const { entries, next } = paged(await this.drafts.list(page.limit + 1, page.after), page, (draft) => ({
      at: draft.createdAt,
      id: draft.id,
    }));
    return { drafts: entries.map(draftSummaryView), ...next };
  }

  @Get(':id')
  @May('read', 'policies')
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('getDraft', {
    summary: 'A draft, whole',
    description:
      'As JSON, or its document as YAML with `Accept: application/yaml`, written anew: what was sent as YAML comes back without its comments.',
    headers: ['Accept'],
    answers: {
      200: {
        description: 'the draft; as YAML, its document',
        headers: ['ETag'],
        content: { 'application/json': DRAFT, [YAML_TYPE]: TEXT },
      },
    },
    problems: ['draft_not_found'],
  })
  async get(
    @Param() { id }: DraftParams,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return inTurnOfDocuments(async () => {
      const draft = await this.drafts.get(id);
      if (!prefersYaml(accept)) return asJson(reply, await tagged(reply, draft));
      tag(reply, draft);
      return asYaml(reply, draft.document);
    });
  }

  @Put(':id/document')
  @May('edit', 'policies')
  @RouteConfig(YAML)
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('replaceDocument', {
    summary: 'Replace the document of a draft',
    description:
      'As JSON or YAML. It need not be sound, and `compiles` and `errors` of the answer say whether it is; only a sound one can be published. Voids approvals, unless it says the same as before.',
    body: { 'application/json': ANYTHING, [YAML_TYPE]: TEXT },
    headers: ['If-Match'],
    answers: { 200: { description: 'the draft as it is now', schema: DRAFT, headers: ['ETag'] } },
    problems: ['draft_not_found', 'draft_edit_not_named', 'draft_edited', 'draft_ended', 'too_many_drafts'],
  })
  async replace(
    @CurrentCaller() caller: Caller,
    @Param() { id }: DraftParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const document = typeof body === 'string' ? await readYaml(body) : body;
    return tagged(reply, await this.drafts.replace(id, editIn(ifMatch), caller.id, document));
  }

  @Patch(':id/document')
  @May('edit', 'policies')
  @RouteConfig(PATCH)
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('patchDocument', {
    summary: 'Edit the document of a draft by a JSON Patch (RFC 6902)',
    examples: examples.PATCHES,
    description:
      'All operations apply, or none. The draft that they make need not be sound: `compiles` and `errors` of the answer say. Voids approvals, unless it changes nothing.',
    body: {
      [PATCH_TYPE]: { ...listOf(named('PatchOperation', schemaOf(OperationDto))), maxItems: MAX_OPERATIONS },
    },
    headers: ['If-Match'],
    answers: { 200: { description: 'the draft as it is now', schema: DRAFT, headers: ['ETag'] } },
    problems: ['draft_not_found', 'draft_edit_not_named', 'draft_edited', 'draft_ended', 'too_many_drafts'],
  })
  async patch(
    @CurrentCaller() caller: Caller,
    @Param() { id }: DraftParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.drafts.patch(id, editIn(ifMatch), caller.id, operationsIn(body)));
  }

  @Post(':id/rebase')
  @May('edit', 'policies')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('rebaseDraft', {
    summary: 'Make a draft follow the version in force',
    description: 'Voids approvals, unless it follows that one already.',
    headers: ['If-Match'],
    answers: { 200: { description: 'the draft as it is now', schema: DRAFT, headers: ['ETag'] } },
    problems: ['draft_not_found', 'draft_edit_not_named', 'draft_edited', 'draft_ended'],
  })
  async rebase(
    @CurrentCaller() caller: Caller,
    @Param() { id }: DraftParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.drafts.rebase(id, editIn(ifMatch), caller.id));
  }

  @Delete(':id')
  @May('edit', 'policies')
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('discardDraft', {
    summary: 'Discard a draft',
    description: 'It stays readable.',
    headers: ['If-Match'],
    answers: { 200: { description: 'the draft as it was', schema: DRAFT, headers: ['ETag'] } },
    problems: ['draft_not_found', 'draft_edit_not_named', 'draft_edited', 'draft_ended'],
  })
  async discard(
    @Param() { id }: DraftParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.drafts.discard(id, editIn(ifMatch)));
  }

  @Get(':id/check')
  @May('read', 'policies')
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('checkDraft', {
    summary:
      'All errors of a draft, the proof that the floor holds, its lints, what it changes and what it takes',
    description: 'Every cell of the decision table is looked at. A violation comes with a counterexample.',
    answers: { 200: { description: 'what was found', schema: CHECK } },
    problems: ['draft_not_found'],
  })
  async check(@Param() { id }: DraftParams) {
    const draft = await this.drafts.get(id);
    return checkView(draft, await this.reviewer.check(draft));
  }

  @Get(':id/impact')
  @May('read', 'policies')
  @RouteSchema({ params: schemaOf(DraftParams), querystring: queryOf('samples') })
  @Operation('getImpact', {
    summary: 'For how many users fields turn from deny to permit and from permit to deny',
    description: 'Counted over the live consent state. `?samples=5` adds ids of users, for privacy officers.',
    query: { samples: { type: 'integer', minimum: 0, maximum: MOST_SAMPLES, default: 0 } },
    answers: { 200: { description: 'the counts', schema: IMPACT } },
    problems: ['draft_not_found', 'draft_not_sound', 'consent_unavailable'],
  })
  async impact(
    @CurrentCaller() caller: Caller,
    @Param() { id }: DraftParams,
    @Query('samples') samples: string | undefined,
  ) {
    const wanted = samplesIn(samples);
    if (wanted > 0) mustBeAllowedOnPolicies(caller, 'see_users');
    const draft = await this.drafts.get(id);
    return impactView(await this.reviewer.impact(draft, wanted), this.tokens);
  }

  @Post(':id/approvals')
  @May('approve', 'policies')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(DraftParams), body: schemaOf(ApprovalDto) })
  @Operation('approveDraft', {
    summary: 'Approve a draft',
    examples: examples.APPROVALS,
    description:
      'With the `ETag` of the draft in `If-Match`: for the edit that you looked at and no other, since after a rebase the same content changes something else. Nobody approves what they wrote on. What could never count is refused with the reason: a draft that must be edited before it can be published, or an approver without the role that it takes.',
    headers: ['If-Match'],
    answers: { 200: { description: 'the draft, with the approval', schema: DRAFT, headers: ['ETag'] } },
    problems: ['draft_not_found', 'draft_edit_not_named', 'draft_edited', 'draft_ended', ...EDIT_PROBLEMS],
  })
  async approve(
    @CurrentCaller() caller: Caller,
    @Param() { id }: DraftParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() { content }: ApprovalDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const approver = await this.whoMay('approve', caller, id);
    const seen = { edit: editIn(ifMatch), content };
    return tagged(reply, await this.publisher.approve(id, seen, approver));
  }

  @Delete(':id/approvals')
  @May('approve', 'policies')
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('withdrawApproval', {
    summary: 'Withdraw your own approval of a draft',
    description:
      'Also while it waits for its time: it is refused then, if it lacks the approval. Whoever has not approved it changes nothing.',
    headers: ['If-Match'],
    answers: { 200: { description: 'the draft, without the approval', schema: DRAFT, headers: ['ETag'] } },
    problems: ['draft_not_found', 'draft_edit_not_named', 'draft_edited', 'draft_ended'],
  })
  async withdrawApproval(
    @CurrentCaller() caller: Caller,
    @Param() { id }: DraftParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.drafts.withdraw(id, editIn(ifMatch), caller.id, 'approval'));
  }

  @Post(':id/declines')
  @May('decline', 'policies')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(DraftParams), body: schemaOf(DeclineDto) })
  @Operation('declineDraft', {
    summary: 'Decline a draft, with a remark',
    examples: examples.DECLINES,
    description:
      'As with an approval, `If-Match` and `content` say what you looked at. Your own approval of it is withdrawn, and it is published neither now nor at the time that was set, until it says something else, or you approve it or withdraw the decline; a rebase of the draft that it was given in does not lift it. Nobody declines what they wrote on: edit it, or discard it. Whoever may approve it may decline it: a change of the floor privacy officers. Declines stay readable in the draft.',
    headers: ['If-Match'],
    answers: { 200: { description: 'the draft, with the decline', schema: DRAFT, headers: ['ETag'] } },
    problems: ['draft_not_found', 'draft_edit_not_named', 'draft_edited', 'draft_ended'],
  })
  async decline(
    @CurrentCaller() caller: Caller,
    @Param() { id }: DraftParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() { content, remark }: DeclineDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const decliner = await this.whoMay('decline', caller, id);
    const seen = { edit: editIn(ifMatch), content };
    return tagged(reply, await this.publisher.decline(id, seen, { ...decliner, remark }));
  }

  @Delete(':id/declines')
  @May('decline', 'policies')
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('withdrawDecline', {
    summary: 'Withdraw your own decline of a draft',
    description:
      'Of what the draft says, in whichever draft you gave it. You do not approve it by that. Whoever does not decline it changes nothing.',
    headers: ['If-Match'],
    answers: {
      200: { description: 'the draft; the decline is lifted', schema: DRAFT, headers: ['ETag'] },
    },
    problems: ['draft_not_found', 'draft_edit_not_named', 'draft_edited', 'draft_ended'],
  })
  async withdrawDecline(
    @CurrentCaller() caller: Caller,
    @Param() { id }: DraftParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.drafts.withdraw(id, editIn(ifMatch), caller.id, 'decline'));
  }

  @Post(':id/publication')
  @May('publish', 'policies')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(DraftParams), body: schemaOf(PublicationDto) })
  @Operation('publishDraft', {
    summary: 'Put a draft in force, now or at a time',
    examples: examples.PUBLICATIONS,
    description:
      'One admin is enough for what only closes cells. Anything else takes the approval of two others who did not write on it; a change of the floor takes two privacy officers and a waiting time.',
    headers: ['If-Match'],
    answers: {
      200: {
        description: 'the publication; of one that is to wait for its time, the draft',
        schema: either(PUBLICATION, DRAFT),
        mayHave: ['ETag'],
      },
    },
    problems: ['draft_not_found', 'draft_edit_not_named', 'draft_edited', ...PUBLICATION_PROBLEMS],
  })
  async publish(
    @CurrentCaller() caller: Caller,
    @Param() { id }: DraftParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() { notices, publish_at: at }: PublicationDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const order = { edit: editIn(ifMatch), notices: noticesIn(notices) };
    if (at !== undefined)
      return tagged(reply, await this.publisher.schedule(id, caller.id, order, momentOf(at)));
    return publicationView(await this.publisher.publish(id, caller.id, order));
  }

  @Delete(':id/publication')
  @May('publish', 'policies')
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('unscheduleDraft', {
    summary: 'Take back a publication that waits for its time',
    headers: ['If-Match'],
    answers: { 200: { description: 'the draft, open again', schema: DRAFT, headers: ['ETag'] } },
    problems: ['draft_not_found', 'draft_edit_not_named', 'draft_edited', 'draft_ended'],
  })
  async unschedule(
    @CurrentCaller() caller: Caller,
    @Param() { id }: DraftParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.publisher.unschedule(id, editIn(ifMatch)));
  }

  /** The admin who approves or declines a draft, which somebody else wrote. */
  private async whoMay(action: 'approve' | 'decline', caller: Caller, id: string) {
    const { authors } = await this.drafts.get(id);
    mustBeAllowedOnPolicies(
      caller,
      action,
      authors.some((author) => isSamePerson(author, caller.id)),
    );
    const { id: by, roles } = admin(caller, action);
    return { by, roles: [...roles] };
  }
}

function tag(reply: FastifyReply, { edit }: Draft): void {
  void reply.header('etag', `"${edit}"`);
}

function tagged(reply: FastifyReply, draft: Draft) {
  tag(reply, draft);
  return draftView(draft);
}

/** Only admins have the roles for this. */
function admin(caller: Caller, action: 'approve' | 'decline'): AdminCaller {
  if (caller.kind === 'admin' && isAllowed(caller, action)) return caller;
  throw new DomainError(
    'caller_not_allowed',
    'to approve and to decline is for admins: use the token of one',
  );
}
