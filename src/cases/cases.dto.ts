/** What services and admins send about cases. */
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsString, MaxLength } from 'class-validator';
import { READERS, type CasePurpose } from '../access/case-permissions.js';
import { AreNested, IsId, IsTime, IsUserId, MayBeAbsent, ReadsAs } from '../http/contract/schema.js';
import { UNSEEN } from '../id.js';

const MOST_ITEMS = 1_000;
const MOST_FIELDS = 100;
const MOST_REVIEWERS = 20;
const REASON_LENGTH = 2_000;
const SEEN = String.raw`(?!${UNSEEN.source})[^\p{Cs}\ufffd]`;
/** Text of several lines, not empty and without invisible characters. */
const REASON = new RegExp(String.raw`^[\r\n\p{Zs}]*(?!\p{White_Space})${SEEN}(?:${SEEN}|[\r\n])*$`, 'u');

export class CaseParams {
  @IsId()
  declare id: string;
}

export class ReasonDto {
  /** Why, for whoever looks at the case later. */
  @IsString()
  @MaxLength(REASON_LENGTH)
  @ReadsAs(
    REASON,
    'text that says something, without control or invisible characters other than ends of lines',
  )
  declare reason: string;
}

/** A person who is to read under a case. */
export class ReaderDto {
  /** The claim `iss` of their tokens; may be left out where one issuer alone is trusted. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(REASON_LENGTH)
  declare issuer?: string;

  /** Their id, as this service reads it in their tokens. */
  @IsId()
  declare id: string;
}

export class ExtensionDto extends ReasonDto {
  /** When it is to end, at most 72 hours from now. */
  @IsTime()
  declare expires_at: string;
}

export class ReviewersDto extends ReasonDto {
  /** Those who are to read, in place of all before. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_REVIEWERS)
  @AreNested(ReaderDto)
  declare reviewers: ReaderDto[];
}

export class NewCaseDto extends ReasonDto {
  @IsString()
  @IsIn(Object.keys(READERS))
  declare purpose: CasePurpose;

  /** The user whose data is to be read. */
  @IsUserId()
  declare user: string;

  /** Of a report: its reference where reports are kept. */
  @MayBeAbsent()
  @IsId()
  declare report?: string;

  /** Of a report: the ids of exactly what was reported. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_ITEMS)
  @IsId({ each: true })
  declare items?: string[];

  /** Of an investigation: the fields that are to be read. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_FIELDS)
  @IsId({ each: true })
  declare fields?: string[];

  /** Those who are to read. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_REVIEWERS)
  @AreNested(ReaderDto)
  declare reviewers: ReaderDto[];

  /** When it ends, at most 72 hours from now. */
  @IsTime()
  declare expires_at: string;

  /** When the user may be told of it: at most a year from now, and a week before the record forgets it; by default once it has ended, and never before. */
  @MayBeAbsent()
  @IsTime()
  declare disclose_after?: string;
}
