/**
 * The bodies of the AuthZEN Authorization API 1.0. Members that a class does not name are ignored, as its section
 * "JSON Serialization" asks.
 */
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import {
  AreUserIds,
  BelongsElsewhere,
  IgnoresUnknown,
  IsId,
  IsNested,
  IsUserId,
  MayBeAbsent,
  ReadsAs,
} from '../http/contract/schema.js';

/** Most people of one resource. */
const MAX_USERS = 1_000;

/** Most items of one batch. */
export const MAX_EVALUATIONS = 1_000;

export const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
export type Semantic = (typeof SEMANTICS)[number];

/** The purpose that asks. */
export class SubjectDto {
  @IsId()
  declare type: string;

  @IsId()
  declare id: string;

  /** This service uses none. */
  @MayBeAbsent()
  @IsObject()
  declare properties?: object;
}

export class ActionDto {
  @IsId()
  declare name: string;

  /** This service uses none. */
  @MayBeAbsent()
  @IsObject()
  declare properties?: object;
}

/** A level or users by another name would be passed over, and the field read at a wider level, or of one user. */
@IgnoresUnknown('visibility', 'users', 'item')
export class ResourcePropertiesDto {
  /** Id of the user whose data it is, where the resource is a field. */
  @MayBeAbsent()
  @IsUserId()
  declare user?: string;

  /**
   * Ids of all whose data it is, in place of `user`: of a thread, a connection, a joint photo. It is permitted only if it
   * is for each of them.
   */
  @MayBeAbsent()
  @AreUserIds(2, MAX_USERS, 'for one, send `user`')
  declare users?: string[];

  /** The field asked about, where the resource is a user. */
  @MayBeAbsent()
  @IsId()
  declare field?: string;

  /**
   * The level that this item has by itself, such as that of a post. What the user set counts as well, and the stricter
   * of the two holds.
   */
  @MayBeAbsent()
  @IsId()
  declare visibility?: string;

  /** Id of the item that is read, such as a message: what a case names. */
  @MayBeAbsent()
  @IsId()
  declare item?: string;

  /** Its name where a user sets it. */
  @MayBeAbsent()
  @BelongsElsewhere('send it as `visibility`')
  declare level?: never;
}

const IN_PROPERTIES = 'send it in `properties` of `resource`';

/** What is asked about: a field, with the user whose it is, or a user, with the field. */
export class ResourceDto {
  @IsId()
  declare type: string;

  /** Its spelling is checked later, where it is known whether it is a user's id. */
  @IsUserId()
  declare id: string;

  @MayBeAbsent()
  @BelongsElsewhere(IN_PROPERTIES)
  declare visibility?: never;

  @MayBeAbsent()
  @BelongsElsewhere(IN_PROPERTIES)
  declare users?: never;

  @MayBeAbsent()
  @IsNested()
  declare properties?: ResourcePropertiesDto;
}

/** Facts of the request. */
export class FactsDto {
  /** Whether a person or a process will see the data; absent: a person. */
  @MayBeAbsent()
  @IsString()
  @IsIn(['automated', 'human'])
  declare actor?: 'automated' | 'human';

  /** The legal obligation, such as a court order's file number. */
  @MayBeAbsent()
  @IsId()
  declare legal_reference?: string;

  /** Token of a change that the decision must rest on. */
  @MayBeAbsent()
  @IsId()
  declare consistency_token?: string;

  /**
   * `confirmed`: the database is asked for the head of the log, so that the decision rests on no clock, also where the
   * policy does not demand it of the purpose.
   */
  @MayBeAbsent()
  @IsString()
  @IsIn(['confirmed'])
  declare consistency?: 'confirmed';
}

const AS_TOKEN = 'send it as `consistency_token`';
const IN_CONTEXT = 'send it in `context`';
const AS_TOKEN_IN_CONTEXT = 'send it as `consistency_token` in `context`';
const IN_PAGE = 'send it in `page`';

/** Facts of a request about one user. */
@IgnoresUnknown(
  'consistency_token',
  'consistency',
  'actor',
  'legal_reference',
  'on_behalf_of',
  'case',
  'reader_token',
  'discharge',
)
export class ContextDto extends FactsDto {
  /** The name of the token in answers. */
  @MayBeAbsent()
  @BelongsElsewhere(AS_TOKEN)
  declare revision?: never;

  @MayBeAbsent()
  @BelongsElsewhere(AS_TOKEN)
  declare token?: never;

  @MayBeAbsent()
  @BelongsElsewhere(IN_PROPERTIES)
  declare visibility?: never;

  @MayBeAbsent()
  @BelongsElsewhere(IN_PROPERTIES)
  declare users?: never;

  /** Id of the case under which the data is read. */
  @MayBeAbsent()
  @IsId()
  declare case?: string;

  /** Access token of the person who reads under the case: they prove who they are. */
  @MayBeAbsent()
  @ReadsAs(
    /^[\x21-\x7e]{1,16384}$/,
    'an access token: at most 16,384 printable ASCII characters, without `Bearer`',
  )
  declare reader_token?: string;

  /** Whether a permit with obligations comes with a token, by which the client says later that it kept them. */
  @MayBeAbsent()
  @IsBoolean()
  declare discharge?: boolean;

  /** The name of the token in answers. */
  @MayBeAbsent()
  @BelongsElsewhere('send it to `/v1/discharges`')
  declare discharge_token?: never;

  /** Id of the user who exercises their rights. */
  @MayBeAbsent()
  @IsUserId()
  declare on_behalf_of?: string;
}

/**
 * Members that are refused where they do not belong: ignoring them would not wait as intended, or would ask of fewer
 * people or of a wider level.
 */
class BesideContext {
  @MayBeAbsent()
  @BelongsElsewhere(IN_PROPERTIES)
  declare visibility?: never;

  @MayBeAbsent()
  @BelongsElsewhere(IN_PROPERTIES)
  declare users?: never;

  @MayBeAbsent()
  @BelongsElsewhere(IN_CONTEXT)
  declare consistency_token?: never;

  @MayBeAbsent()
  @BelongsElsewhere(IN_CONTEXT)
  declare consistency?: never;

  @MayBeAbsent()
  @BelongsElsewhere(AS_TOKEN_IN_CONTEXT)
  declare revision?: never;
}

const ENTITIES = ['subject', 'action', 'resource'];
const BESIDE_ENTITIES = ['context', 'consistency_token', 'consistency'];

@IgnoresUnknown(...ENTITIES, ...BESIDE_ENTITIES)
export class EvaluationDto extends BesideContext {
  @MayBeAbsent()
  @BelongsElsewhere(AS_TOKEN_IN_CONTEXT)
  declare token?: never;

  @IsNested()
  declare subject: SubjectDto;

  @IsNested()
  declare action: ActionDto;

  @IsNested()
  declare resource: ResourceDto;

  @MayBeAbsent()
  @IsNested()
  declare context?: ContextDto;
}

@IgnoresUnknown('evaluations_semantic')
export class EvaluationsOptionsDto {
  @MayBeAbsent()
  @IsString()
  @IsIn(SEMANTICS)
  declare evaluations_semantic?: Semantic;
}

/** An item of a batch: missing members come from the batch's defaults. */
@IgnoresUnknown(...ENTITIES, ...BESIDE_ENTITIES)
export class EvaluationItemDto extends BesideContext {
  @MayBeAbsent()
  @BelongsElsewhere(AS_TOKEN_IN_CONTEXT)
  declare token?: never;

  @MayBeAbsent()
  @IsNested()
  declare subject?: SubjectDto;

  @MayBeAbsent()
  @IsNested()
  declare action?: ActionDto;

  @MayBeAbsent()
  @IsNested()
  declare resource?: ResourceDto;

  @MayBeAbsent()
  @IsNested()
  declare context?: ContextDto;
}

/** A batch: its defaults, and items that are checked one by one, since a broken one is answered in its place. */
@IgnoresUnknown(...ENTITIES, ...BESIDE_ENTITIES, 'evaluations', 'options', 'evaluations_semantic')
export class EvaluationsDto extends EvaluationItemDto {
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_EVALUATIONS)
  declare evaluations?: unknown[];

  @MayBeAbsent()
  @IsNested()
  declare options?: EvaluationsOptionsDto;

  @MayBeAbsent()
  @BelongsElsewhere('send it in `options`')
  declare evaluations_semantic?: never;
}

@IgnoresUnknown('token', 'next_token', 'limit')
export class PageDto {
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  declare token?: string;

  /** The name of the next page's token in answers. */
  @MayBeAbsent()
  @BelongsElsewhere('send the `next_token` of the last answer as `token`')
  declare next_token?: never;

  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  declare limit?: number;

  /** This service uses none. */
  @MayBeAbsent()
  @IsObject()
  declare properties?: object;
}

/** An entity that is searched for: only its type. An id is ignored. */
export class SearchedSubjectDto {
  @IsId()
  declare type: string;

  /** This service uses none. */
  @MayBeAbsent()
  @IsObject()
  declare properties?: object;
}

export class SearchedResourceDto {
  @IsId()
  declare type: string;

  @MayBeAbsent()
  @BelongsElsewhere(IN_PROPERTIES)
  declare visibility?: never;

  @MayBeAbsent()
  @BelongsElsewhere(IN_PROPERTIES)
  declare users?: never;

  @MayBeAbsent()
  @IsNested()
  declare properties?: ResourcePropertiesDto;
}

class SearchDto extends BesideContext {
  @MayBeAbsent()
  @BelongsElsewhere(IN_PAGE)
  declare token?: never;

  @MayBeAbsent()
  @BelongsElsewhere('send it as `token` in `page`')
  declare next_token?: never;

  @MayBeAbsent()
  @BelongsElsewhere(IN_PAGE)
  declare limit?: never;

  @MayBeAbsent()
  @IsNested()
  declare context?: ContextDto;

  @MayBeAbsent()
  @IsNested()
  declare page?: PageDto;
}

@IgnoresUnknown(...BESIDE_ENTITIES, 'page')
export class SubjectSearchDto extends SearchDto {
  @IsNested()
  declare subject: SearchedSubjectDto;

  @IsNested()
  declare action: ActionDto;

  @IsNested()
  declare resource: ResourceDto;
}

@IgnoresUnknown(...BESIDE_ENTITIES, 'page')
export class ResourceSearchDto extends SearchDto {
  @IsNested()
  declare subject: SubjectDto;

  @IsNested()
  declare action: ActionDto;

  @IsNested()
  declare resource: SearchedResourceDto;
}

@IgnoresUnknown(...BESIDE_ENTITIES, 'page')
export class ActionSearchDto extends SearchDto {
  @IsNested()
  declare subject: SubjectDto;

  @IsNested()
  declare resource: ResourceDto;
}
