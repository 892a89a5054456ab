import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Max,
  Min,
} from 'class-validator';
import {
  AGE_BANDS,
  type AgeBand,
  CHOICES,
  type Choice,
  SIGNALS,
  type Signal,
} from '../../decision/consent-event.js';
import {
  IsContentId,
  IsId,
  IsRegion,
  IsTime,
  IsUserId,
  MayBeAbsent,
  ReadsAs,
} from '../../http/contract/schema.js';

/** Address of a user: an id, or `me` for the user who calls. */
export class UserParams {
  @IsUserId()
  declare id: string;
}

export class ChoiceParams extends UserParams {
  @IsId()
  declare purpose: string;
}

export class SignalParams extends UserParams {
  @IsIn(SIGNALS)
  declare signal: Signal;
}

export class VisibilityParams extends UserParams {
  @IsId()
  declare group: string;
}

/** A level of a visibility group. */
export class LevelDto {
  @IsId()
  declare level: string;
}

export class ProfileDto {
  /** ISO 3166-1 alpha-2 or ISO 3166-2, upper case, or `unknown`. */
  @IsRegion()
  declare region: string;

  @IsString()
  @IsIn(AGE_BANDS)
  declare age_band: AgeBand;

  /** When a minor comes of age; the user is an adult from then on. */
  @MayBeAbsent()
  @IsTime()
  declare adult_from?: string;
}

/** Maximum number of choices in one request. */
const MAX_TOGETHER = 500;
/** Highest notice of a purpose. */
const MAX_NOTICE = 16_383;
/** A BCP 47 tag, by its syntax (RFC 5646, section 2.1). */
export const IsLanguage = () =>
  ReadsAs(/^(?=.{2,35}$)[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'a language tag such as `en` or `pt-BR`');

/** What a page asks for in its address. */
export class LanguageQuery {
  /** Language of the texts, before that of `Accept-Language`. */
  @MayBeAbsent()
  @IsLanguage()
  declare language?: string;
}

/** A choice for a purpose. */
class SaidDto {
  @IsString()
  @IsIn(CHOICES)
  declare choice: Choice;

  /** Version of the notice that the user was shown. */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_NOTICE)
  declare notice?: number;

  /** Whether the user was shown the signal that is against the grant. */
  @MayBeAbsent()
  @IsBoolean()
  declare signal_shown?: boolean;

  /** When a grant ends. */
  @MayBeAbsent()
  @IsTime()
  declare until?: string;
}

export class ChoiceDto extends SaidDto {
  /** Language of the texts that the user was shown. */
  @MayBeAbsent()
  @IsLanguage()
  declare language?: string;
}

/** One of several choices. */
export class NamedChoiceDto extends SaidDto {
  @IsId()
  declare purpose: string;
}

/** Several choices, each a {@link NamedChoiceDto}, or one no to everything: either `choices` or `choice`. */
export class ChoicesDto {
  @MayBeAbsent()
  @IsString()
  @IsIn(CHOICES)
  declare choice?: Choice;

  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_TOGETHER)
  @IsObject({ each: true })
  declare choices?: object[];

  /** Language of the texts that the user was shown. */
  @MayBeAbsent()
  @IsLanguage()
  declare language?: string;
}

export class NoticeParams {
  @IsId()
  declare purpose: string;
}

export class NoticeQuery {
  /** Number of a notice, as grants name it. */
  @MayBeAbsent()
  @ReadsAs(/^[1-9]\d{0,4}$/, 'a whole number from 1 to 99999')
  declare version?: string;

  /** Id of a policy version that was in force. */
  @MayBeAbsent()
  @IsContentId()
  declare policy?: string;

  @MayBeAbsent()
  @IsLanguage()
  declare language?: string;
}
