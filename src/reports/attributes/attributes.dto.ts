/** What services send about attributes. */
import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, MaxLength } from 'class-validator';
import { AreNested, IsId, ReadsAs } from '../../http/contract/schema.js';
import { UNSEEN } from '../../id.js';

const MOST_VALUES = 20;
const TITLE_LENGTH = 200;
const TITLE = new RegExp(String.raw`^(?!\p{White_Space})(?:(?!${UNSEEN.source})[^\p{Cs}\ufffd])+$`, 'u');
const IsTitle = () => ReadsAs(TITLE, 'a line of text without control or invisible characters');

export class AttributeParams {
  @IsId()
  declare attribute: string;
}

export class AttributeValueDto {
  @IsId()
  declare id: string;

  @IsString()
  @MaxLength(TITLE_LENGTH)
  @IsTitle()
  declare title: string;
}

export class AttributeDto {
  /** What readers of the report, and users in their export, are told it is. */
  @IsString()
  @MaxLength(TITLE_LENGTH)
  @IsTitle()
  declare title: string;

  /** The values that users can have, a closed list. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_VALUES)
  @AreNested(AttributeValueDto)
  declare values: AttributeValueDto[];
}
