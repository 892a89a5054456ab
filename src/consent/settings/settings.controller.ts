import type { IncomingHttpHeaders } from 'node:http';
import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import { AddressedUser } from '../../access/request-caller.js';
import type { ChangedBy } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import { isKnown } from '../../http/headers/entity-tags.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { TEXT, YES_OR_NO, listOf, named, objectOf, said } from '../../http/contract/shapes.js';
import { CHOICE } from '../log/change.shape.js';
import { parserOf, schemaOf } from '../../http/contract/schema.js';
import { momentOf } from '../../time.js';
import { ACKNOWLEDGED, ACKNOWLEDGED_MEMBERS, acknowledged } from '../log/acknowledgement.view.js';
import { Author } from './addressed-user.js';
import {
  ChoiceDto,
  ChoiceParams,
  ChoicesDto,
  LanguageQuery,
  LevelDto,
  NamedChoiceDto,
  ProfileDto,
  UserParams,
  VisibilityParams,
} from './settings.dto.js';
import { CHOICES, LEVELS, PROFILES, SEVERAL } from './settings.examples.js';
import { Choices, type Said } from './changes/choices.js';
import { noSuchPurpose } from './settings.js';
import { digestOf } from './changes/settings-mark.js';
import { Visibility } from './visibility.js';
import { SettingsService } from './settings.service.js';
import { ACKNOWLEDGED_CHOICE, HELD, OUTCOME, standing } from './outcome.view.js';
import { languageFor, seenIn } from './request-headers.js';
import { Tokens } from '../log/consistency-token.js';
import { HearsGpc } from './gpc/hears-gpc.js';
import { PROMPTS, promptsView } from './prompts/prompts.view.js';
import { PURPOSE_OF_USER, SETTINGS, purposeView, settingsView } from './settings.view.js';

/** Answer to several. */
const ACKNOWLEDGED_MANY = named(
  'AcknowledgedChoices',
  objectOf({
    ...ACKNOWLEDGED_MEMBERS,
    changes: said(
      'each choice; `changed` false: it stood so already',
      listOf(objectOf({ purpose: TEXT, choice: CHOICE, changed: YES_OR_NO, ...HELD }, OUTCOME)),
    ),
  }),
);

/** Of answers that tell of settings, and of their requests. */
const READ_HEADERS = ['Accept-Language', 'If-None-Match'] as const;
const TOLD_HEADERS = ['Content-Language', 'ETag'] as const;
const KNOWN = {
  304: { description: 'it is what the caller has, by `If-None-Match`', headers: TOLD_HEADERS, content: {} },
};

const CHOICE_PROBLEMS = [
  'settings_changed',
  'purpose_not_found',
  'choice_not_offered',
  'too_many_choices',
  'notice_needed',
  'notice_not_current',
  'signal_stands',
  'opt_out_in_progress',
  'user_erased',
  'too_many_users',
  'not_confirmed',
] as const;

@Tag('users and settings')
@Controller('v1/users/:id')
export class ConsentController {
  constructor(
    private readonly read: SettingsService,
    private readonly choices: Choices,
    private readonly visibility: Visibility,
    private readonly tokens: Tokens,
  ) {}

  @Put()
  @May('set_profile', 'user')
  @RouteSchema({ params: schemaOf(UserParams), body: schemaOf(ProfileDto) })
  @Operation('setProfile', {
    summary: 'Set where a user lives and how old they are',
    examples: PROFILES,
    description: 'Scope `users:write`.',
    answers: { 200: { description: 'the change is in force', schema: ACKNOWLEDGED } },
    problems: ['too_many_users', 'not_confirmed'],
  })
  async setProfile(@Author() by: ChangedBy, @AddressedUser() user: string, @Body() body: ProfileDto) {
    const { region, age_band: ageBand, adult_from: from } = body;
    const profile = {
      region: region === 'unknown' ? null : region,
      ageBand,
      ...(from === undefined ? {} : { adultFrom: momentOf(from) }),
    };
    return acknowledged(await this.choices.setProfile(user, by, profile), this.tokens);
  }

  @Get('settings')
  @May('read_settings', 'user')
  @HearsGpc()
  @RouteSchema({ params: schemaOf(UserParams), querystring: schemaOf(LanguageQuery) })
  @Operation('getSettings', {
    summary: 'Every purpose as it stands for a user now, and why',
    description: 'The user themselves (`me`), or a service with scope `settings:read`.',
    headers: READ_HEADERS,
    answers: { 200: { description: 'the settings', schema: SETTINGS, headers: TOLD_HEADERS }, ...KNOWN },
    problems: ['consent_unavailable'],
  })
  async settings(
    @AddressedUser() user: string,
    @Query() query: LanguageQuery,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { settings, history, mark } = await this.read.explained(user);
    const language = languageFor(settings, reply, headers, query);
    return unlessKnown(reply, headers, mark, settingsView(user, settings, history, language, this.tokens));
  }

  @Get('choices/:purpose')
  @May('read_settings', 'user')
  @HearsGpc()
  @RouteSchema({ params: schemaOf(ChoiceParams), querystring: schemaOf(LanguageQuery) })
  @Operation('getChoice', {
    summary: 'One purpose as it stands for a user now, and why',
    description: 'As `settings` has it. The user themselves (`me`), or a service with scope `settings:read`.',
    headers: READ_HEADERS,
    answers: {
      200: { description: 'the purpose', schema: PURPOSE_OF_USER, headers: TOLD_HEADERS },
      ...KNOWN,
    },
    problems: ['purpose_not_found', 'consent_unavailable'],
  })
  async choice(
    @AddressedUser() user: string,
    @Param('purpose') purpose: string,
    @Query() query: LanguageQuery,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const settings = this.read.settingsOf(user);
    const one = settings.purposes.find((each) => each.purpose.id === purpose);
    if (one === undefined) throw noSuchPurpose();
    const { history, mark } = await this.read.explained(user, settings);
    const language = languageFor(settings, reply, headers, query);
    const view = { user, policy: settings.policy.id, ...purposeView(settings, one, history, language) };
    return unlessKnown(reply, headers, mark, view);
  }

  @Get('prompts')
  @May('read_settings', 'user')
  @HearsGpc()
  @RouteSchema({ params: schemaOf(UserParams), querystring: schemaOf(LanguageQuery) })
  @Operation('getPrompts', {
    summary: 'Whether a user must be asked for anything now, and on which terms',
    description:
      'The user themselves (`me`), or a service with scope `settings:read`. Ask once, and record the answer, either way.',
    headers: READ_HEADERS,
    answers: {
      200: {
        description: 'what to ask now, and what not before when',
        schema: PROMPTS,
        headers: TOLD_HEADERS,
      },
      ...KNOWN,
    },
    problems: ['consent_unavailable'],
  })
  async prompts(
    @AddressedUser() user: string,
    @Query() query: LanguageQuery,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { settings, prompts, mark } = await this.read.promptsFor(user);
    const language = languageFor(settings, reply, headers, query);
    return unlessKnown(reply, headers, mark, promptsView(user, settings, prompts, language, this.tokens));
  }

  @Put('choices')
  @May('choose', 'user')
  @HearsGpc()
  @RouteSchema({ params: schemaOf(UserParams), body: schemaOf(ChoicesDto) })
  @Operation('chooseMany', {
    summary: 'Grant or deny several purposes at once, or deny everything',
    examples: SEVERAL,
    description:
      'The user themselves (`me`), or a service with scope `choices:write`. All of it is recorded or nothing.',
    headers: ['Accept-Language', 'If-Match of settings'],
    answers: {
      200: {
        description: 'the changes are in force',
        schema: ACKNOWLEDGED_MANY,
        mayHave: ['Content-Language'],
      },
    },
    problems: CHOICE_PROBLEMS,
  })
  async chooseMany(
    @Author() by: ChangedBy,
    @AddressedUser() user: string,
    @Headers() headers: IncomingHttpHeaders,
    @Body() body: ChoicesDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const seen = seenIn(headers['if-match']);
    const made = await this.choices.chooseMany(user, by, saidIn(body), body.language, seen);
    const outcome = await this.read.outcomeOf(user, by, made.at, made.choices);
    const stands = standing(outcome, reply, headers, body);
    const changes = made.choices.map((one) => ({ ...one, ...stands(one.purpose) }));
    return { ...acknowledged(made, this.tokens), changes };
  }

  @Put('choices/:purpose')
  @May('choose', 'user')
  @HearsGpc()
  @RouteSchema({ params: schemaOf(ChoiceParams), body: schemaOf(ChoiceDto) })
  @Operation('choose', {
    summary: 'Grant or deny a purpose',
    examples: CHOICES,
    description:
      'The user themselves (`me`), or a service with scope `choices:write`. Giving and withdrawing take the same call. A grant against a signal needs `signal_shown`.',
    headers: ['Accept-Language', 'If-Match of settings'],
    answers: {
      200: {
        description: 'the change is in force',
        schema: ACKNOWLEDGED_CHOICE,
        mayHave: ['Content-Language'],
      },
    },
    problems: CHOICE_PROBLEMS,
  })
  async choose(
    @Author() by: ChangedBy,
    @AddressedUser() user: string,
    @Param('purpose') purpose: string,
    @Headers() headers: IncomingHttpHeaders,
    @Body() body: ChoiceDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const seen = seenIn(headers['if-match']);
    const made = await this.choices.choose(user, by, saidOf(purpose, body), body.language, seen);
    const outcome = await this.read.outcomeOf(user, by, made.at, [
      { purpose, choice: body.choice, changed: made.changed },
    ]);
    return { ...acknowledged(made, this.tokens), ...standing(outcome, reply, headers, body)(purpose) };
  }

  @Put('visibility/:group')
  @May('choose', 'user')
  @HearsGpc()
  @RouteSchema({ params: schemaOf(VisibilityParams), body: schemaOf(LevelDto) })
  @Operation('setVisibility', {
    summary: 'Set who may see the data of a visibility group',
    examples: LEVELS,
    description:
      'The user themselves (`me`), or a service with scope `choices:write`. Of two levels that race, the stricter one holds.',
    headers: ['If-Match of settings'],
    answers: { 200: { description: 'the level is in force', schema: ACKNOWLEDGED } },
    problems: [
      'settings_changed',
      'visibility_not_found',
      'too_many_choices',
      'opt_out_in_progress',
      'user_erased',
      'too_many_users',
      'not_confirmed',
    ],
  })
  async setVisibility(
    @Author() by: ChangedBy,
    @AddressedUser() user: string,
    @Param('group') group: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: LevelDto,
  ) {
    return acknowledged(await this.visibility.set(user, by, group, body.level, seenIn(ifMatch)), this.tokens);
  }
}

/**
 * The answer with its tag, or 304 where the caller has it. A tag is the mark of the settings, on which changes can rest,
 * and the digest of what is told of them.
 *
 * @param view whose revision does not count: it moves with every change of every user
 */
function unlessKnown<View extends object>(
  reply: FastifyReply,
  headers: IncomingHttpHeaders,
  mark: string,
  view: View,
): View | undefined {
  const tag = `${mark}.${digestOf({ ...view, revision: null })}`;
  void reply.header('etag', `"${tag}"`);
  if (!isKnown(headers['if-none-match'], tag)) return view;
  void reply.code(304);
  return undefined;
}

const namedChoice = parserOf(NamedChoiceDto);

function saidOf(
  purpose: string,
  { choice, notice, signal_shown: signalShown, until }: Omit<NamedChoiceDto, 'purpose'>,
): Said {
  return {
    purpose,
    choice,
    ...(notice === undefined ? {} : { notice }),
    ...(signalShown === undefined ? {} : { signalShown }),
    ...(until === undefined ? {} : { until: momentOf(until) }),
  };
}

/**
 * Reads a request with several choices.
 *
 * @throws DomainError when it is ambiguous, or grants purposes without naming them
 */
function saidIn({ choice, choices }: ChoicesDto): readonly Said[] | 'denied' {
  if (choices !== undefined && choice !== undefined)
    throw new DomainError('invalid_request', 'send either `choice`, for everything, or `choices`', '/choice');
  if (choices === undefined) {
    if (choice === 'denied') return choice;
    if (choice === undefined)
      throw new DomainError('invalid_request', '`choices` is missing: add it', '/choices');
    throw new DomainError(
      'invalid_request',
      'a grant must name what it is for (GDPR article 4(11), recital 32): list the purposes under `choices`',
      '/choice',
    );
  }
  const named = new Set<string>();
  const said = choices.map((one, index) => {
    const named = namedChoice(one, `/choices/${index}`);
    return saidOf(named.purpose, named);
  });
  for (const [index, { purpose }] of said.entries()) {
    if (named.has(purpose))
      throw new DomainError(
        'invalid_request',
        `the purpose \`${purpose}\` is listed twice: remove one`,
        `/choices/${index}/purpose`,
      );
    named.add(purpose);
  }
  return said;
}
