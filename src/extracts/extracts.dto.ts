/** What services send about extracts. */
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsString, MaxLength } from 'class-validator';
import { IsId, IsNested, MayBeAbsent, ReadsAs } from '../http/contract/schema.js';
import { UNSEEN } from '../id.js';

const MOST_FIELDS = 100;
const TITLE_LENGTH = 200;
const TITLE = new RegExp(String.raw`^(?!\p{White_Space})(?:(?!${UNSEEN.source})[^\p{Cs}\ufffd])+$`, 'u');
const LOOK_LENGTH = 80;

export class ExtractParams {
  @IsId()
  declare id: string;
}

/** What each question of an extract states. */
export class ExtractContextDto {
  /** Whether a person or a process will see the data; absent: a person. */
  @MayBeAbsent()
  @IsString()
  @IsIn(['automated', 'human'])
  declare actor?: 'automated' | 'human';

  /** The legal obligation, such as a court order's file number. */
  @MayBeAbsent()
  @IsId()
  declare legal_reference?: string;
}

export class NewExtractDto {
  @IsId()
  declare purpose: string;

  /** All fields that are taken of anybody. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_FIELDS)
  @IsId({ each: true })
  declare fields: string[];

  /** What users and auditors are told it is. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(TITLE_LENGTH)
  @ReadsAs(TITLE, 'a line of text without control or invisible characters')
  declare title?: string;

  @MayBeAbsent()
  @IsNested()
  declare context?: ExtractContextDto;
}

export class UnlearnedDto {
  /** `since` of the last line of the look whose users are left out, or unlearned. */
  @IsString()
  @MaxLength(LOOK_LENGTH)
  declare since: string;
}

export class LookDto {
  /** `since` of the last line of an earlier look; absent: all are told. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(LOOK_LENGTH)
  declare since?: string;
}
