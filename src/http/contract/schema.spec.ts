import 'reflect-metadata';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { getMetadataStorage, validateSync } from 'class-validator';
import { describe, expect, test } from 'vitest';
import { DomainError } from '../../errors.js';
import { SignalDto } from '../../consent/signals/signals.dto.js';
import { ChoiceDto, ChoicesDto, NamedChoiceDto, ProfileDto } from '../../consent/settings/settings.dto.js';
import {
  ActionSearchDto,
  EvaluationDto,
  EvaluationItemDto,
  EvaluationsDto,
  ResourceSearchDto,
  SubjectSearchDto,
} from '../../evaluation/evaluation.dto.js';
import { ReplayDto } from '../../evaluation/replay/replay.dto.js';
import { ApprovalDto, NewDraftDto, PublicationDto, ShadowDto } from '../../publishing/publishing.dto.js';
import { parserOf, schemaOf, validatorOf } from './schema.js';

type Dto = new () => object;
/** A body, and what is wrong with it and where. */
type Row = [Dto, object, [string, string] | undefined];

/** What a body may hold in place of what it should. */
const ODD: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  1.5,
  -1,
  1e9,
  '',
  'x',
  'unknown',
  'automated',
  'US-CA',
  'us-ca',
  'ZZ',
  'a\u0000b',
  '\ud800',
  'é'.repeat(128),
  'é'.repeat(129),
  'x'.repeat(257),
  [],
  ['x'],
  {},
  { x: 1 },
  [{}],
  Array.from({ length: 1_001 }, () => ({})),
];

const subject = { type: 'purpose', id: 'ads' };
const action = { name: 'read' };
const resource = {
  type: 'field',
  id: 'post.text',
  properties: { user: 'u-1', users: ['u-1', 'u-2'], field: 'post.text' },
};
const context = {
  actor: 'automated',
  case: 'c-1',
  legal_reference: 'r-1',
  on_behalf_of: 'u-1',
  consistency_token: 'cjEuMQ',
};
const page = { token: 'next', limit: 10 };

const BODIES: readonly (readonly [Dto, object])[] = [
  [EvaluationDto, { subject, action, resource, context }],
  [
    EvaluationsDto,
    {
      subject,
      action,
      resource,
      context,
      evaluations: [{}],
      options: { evaluations_semantic: 'execute_all' },
    },
  ],
  [SubjectSearchDto, { subject, action, resource, context, page }],
  [ResourceSearchDto, { subject, action, resource, context, page }],
  [ActionSearchDto, { subject, resource, context, page }],
  [ProfileDto, { region: 'US-CA', age_band: 'adult' }],
  [ChoiceDto, { choice: 'denied' }],
  [ChoiceDto, { choice: 'granted', signal_shown: true }],
  [ChoiceDto, { choice: 'denied', notice: 1, language: 'de-CH' }],
  [ChoicesDto, { choices: [{ purpose: 'ai', choice: 'denied' }], language: 'de' }],
  [NamedChoiceDto, { purpose: 'ai', choice: 'granted', notice: 2 }],
  [SignalDto, { signal: 'gpc' }],
  [SignalDto, { signal: 'tcf', tc_string: 'CP' }],
];

/** The value with each member, at any depth, replaced by each odd value, one at a time. */
function* variants(value: object): Generator<object> {
  for (const [key, member] of Object.entries(value)) {
    for (const odd of ODD) {
      const { [key]: _replaced, ...rest }: Record<string, unknown> = { ...value };
      yield odd === undefined ? rest : { ...rest, [key]: odd };
    }
    if (typeof member === 'object' && member !== null && !Array.isArray(member))
      for (const variant of variants(member)) yield { ...value, [key]: variant };
  }
}

/** The body as class-validator wants it: instances of the classes that its members are declared as. */
function instanceOf(dto: Dto, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const instance = new dto();
  for (const [key, member] of Object.entries(value)) {
    const declared: unknown = Reflect.getMetadata('design:type', dto.prototype, key);
    Object.assign(instance, { [key]: isDto(declared) ? instanceOf(declared, member) : member });
  }
  return instance;
}

function isDto(value: unknown): value is Dto {
  return (
    typeof value === 'function' &&
    getMetadataStorage().getTargetValidationMetadatas(value, '', true, false).length > 0
  );
}

function isValid(instance: unknown, isClosed: boolean): boolean {
  if (typeof instance !== 'object' || instance === null) return false;
  const rules = { forbidUnknownValues: false, whitelist: isClosed, forbidNonWhitelisted: isClosed };
  return validateSync(instance, rules).length === 0;
}

describe('the schema of a body', () => {
  test.each(BODIES)('of %o takes and refuses exactly what class-validator does', (dto, good) => {
    const validate = validatorOf(schemaOf(dto));
    const isClosed = schemaOf(dto)['additionalProperties'] === false;
    const bodies = [good, { ...good, unknown: { member: true } }, ...variants(good)];
    const takes = { schema: 0, validator: 0 };
    for (const body of bodies) {
      const bySchema = validate(body);
      const instance = instanceOf(dto, body);
      const byClass = isValid(instance, isClosed);
      expect(bySchema, JSON.stringify(body).slice(0, 400)).toBe(byClass);
      if (bySchema) takes.schema++;
      if (byClass) takes.validator++;
    }
    expect(takes.schema).toBeGreaterThan(0);
    expect(takes.schema).toBeLessThan(bodies.length);
  });
});

/** What is said of a body, and of which member. */
function faultOf(dto: Dto, body: unknown): unknown {
  try {
    parserOf(dto)(body);
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? [error.message, error.member] : error;
  }
}

test.each([
  [ApprovalDto, undefined, 'the body is missing: send JSON, as in `{"content": …}`', ''],
  [PublicationDto, undefined, 'the body is missing: send JSON, as in `{}`', ''],
  [ApprovalDto, null, 'the body is missing: send JSON, as in `{"content": …}`', ''],
  [ApprovalDto, [], 'the body must be an object', ''],
  [ShadowDto, { share: 2 }, '`share` must be at most 1', '/share'],
  [ApprovalDto, {}, '`content` is missing: add it', '/content'],
  [
    ApprovalDto,
    { content: 'x' },
    '`content` must be `sha256:` and 64 hexadecimal digits, as an answer gave it',
    '/content',
  ],
  [NewDraftDto, { message: '' }, '`message` is empty: fill it', '/message'],
  [NewDraftDto, { message: 'x'.repeat(2_001) }, '`message` must have at most 2000 characters', '/message'],
  [
    NewDraftDto,
    { message: 'a\u0000' },
    '`message` must be text without control characters other than tabs and ends of lines',
    '/message',
  ],
  [ChoicesDto, { choices: [] }, '`choices` is empty: give at least one', '/choices'],
  [
    ChoiceDto,
    { choice: 'granted', language: 'english!' },
    '`language` must be a language tag such as `en` or `pt-BR`',
    '/language',
  ],
])('what is wrong with a body is said in words, and what to do: %o, %j', (dto, body, message, member) => {
  expect(faultOf(dto, body)).toEqual([message, member]);
});

describe('a member that is not known', () => {
  test.each<Row>([
    [
      ChoiceDto,
      { choice: 'granted', untill: '2030-01-01T00:00:00Z' },
      ['`untill` is not known here: did you mean `until`?', '/untill'],
    ],
    [
      ProfileDto,
      { region: 'DE', age_band: 'adult', 'e/mail': 'x' },
      [
        '`e~1mail` is not known here: leave it out, or correct it to one of `region`, `age_band`, `adult_from`',
        '/e~1mail',
      ],
    ],
    [
      EvaluationDto,
      { subject, action, resource, consistency_token: 'x' },
      ['`consistency_token` is not read here: send it in `context`', '/consistency_token'],
    ],
    [
      EvaluationDto,
      { subject, action, resource, context: { consistencyToken: 'x' } },
      [
        '`context.consistencyToken` is not known here: did you mean `consistency_token`?',
        '/context/consistencyToken',
      ],
    ],
    [
      EvaluationDto,
      { subject, action, resource, contxt: { consistency_token: 'x' } },
      ['`contxt` is not known here: did you mean `context`?', '/contxt'],
    ],
    [
      EvaluationsDto,
      { subject, action, resource, evaluation: [] },
      ['`evaluation` is not known here: did you mean `evaluations`?', '/evaluation'],
    ],
    [
      SubjectSearchDto,
      { subject, action, resource, page: { tokens: 'x' } },
      ['`page.tokens` is not known here: did you mean `token`?', '/page/tokens'],
    ],
    [
      SubjectSearchDto,
      { subject, action, resource, page: { nextToken: 'x' } },
      ['`page.nextToken` is not known here: did you mean `next_token`?', '/page/nextToken'],
    ],
    [
      ReplayDto,
      { evaluation: { subject, action, resource, anything: 1, context: { colour: 'c' } } },
      undefined,
    ],
    [
      ReplayDto,
      { evaluation: { subject, action, resource }, At: '2030-01-01T00:00:00Z' },
      ['`At` is not known here: did you mean `at`?', '/At'],
    ],
    [
      SubjectSearchDto,
      { subject, action, resource, page: { next_token: 'x' } },
      [
        '`page.next_token` is not read here: send the `next_token` of the last answer as `token`',
        '/page/next_token',
      ],
    ],
    [
      EvaluationDto,
      { subject, action, resource, anything: 1, context: { colour: 'c', time: 't', ip: '::1' } },
      undefined,
    ],
    [
      EvaluationsDto,
      { evaluations: [], options: { evaluation_semantic: 'deny_on_first_deny', trace: true } },
      [
        '`options.evaluation_semantic` is not known here: did you mean `evaluations_semantic`?',
        '/options/evaluation_semantic',
      ],
    ],
    [EvaluationsDto, { evaluations: [], options: { trace: true } }, undefined],
    [
      EvaluationsDto,
      { evaluations: [], evaluations_semantic: 'deny_on_first_deny' },
      ['`evaluations_semantic` is not read here: send it in `options`', '/evaluations_semantic'],
    ],
    [
      EvaluationsDto,
      { evaluations: [], evaluation_semantics: 'deny_on_first_deny' },
      [
        '`evaluation_semantics` is not known here: did you mean `evaluations_semantic`?',
        '/evaluation_semantics',
      ],
    ],
    [
      EvaluationItemDto,
      { subject, resorce: resource },
      ['`resorce` is not known here: did you mean `resource`?', '/resorce'],
    ],
    ...['revision', 'token'].map((name): Row => [
      EvaluationDto,
      { subject, action, resource, context: { [name]: 'x' } },
      [`\`context.${name}\` is not read here: send it as \`consistency_token\``, `/context/${name}`],
    ]),
    ...['revision', 'token'].map((name): Row => [
      EvaluationDto,
      { subject, action, resource, [name]: 'x' },
      [`\`${name}\` is not read here: send it as \`consistency_token\` in \`context\``, `/${name}`],
    ]),
    [
      EvaluationDto,
      { subject, action, resource, consistency: 'confirmed' },
      ['`consistency` is not read here: send it in `context`', '/consistency'],
    ],
    ...[
      ['actors', 'actor'],
      ['cases', 'case'],
      ['legalReference', 'legal_reference'],
      ['onBehalfOf', 'on_behalf_of'],
    ].map(([name = '', meant]): Row => [
      EvaluationDto,
      { subject, action, resource, context: { [name]: 'x' } },
      [`\`context.${name}\` is not known here: did you mean \`${meant}\`?`, `/context/${name}`],
    ]),
    ...[
      ['token', 'send it in `page`'],
      ['limit', 'send it in `page`'],
      ['next_token', 'send it as `token` in `page`'],
    ].map(([name = '', hint]): Row => [
      SubjectSearchDto,
      { subject, action, resource, [name]: 'x' },
      [`\`${name}\` is not read here: ${hint}`, `/${name}`],
    ]),
  ])('of %o is refused where it could have meant something', (dto, body, fault) => {
    expect(faultOf(dto, body)).toEqual(fault);
  });
});

test('no two classes of bodies have one name: a schema is found by it', async () => {
  const root = new URL('../..', import.meta.url).pathname;
  const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(files.map((name) => readFile(join(root, name), 'utf8')));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/^(?:export )?class (\w+(?:Dto|Params|Query))\b/gm)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
});
