/** What services send about what they did. */
import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, MaxLength } from 'class-validator';
import { AreNested, IsId } from '../http/contract/schema.js';

const MOST_REPORTS = 1_000;
/** An answer about a thousand people, none of whom the log knows. */
const TOKEN_LENGTH = 40_000;

export class DischargeDto {
  /** The `discharge_token` of the answer. */
  @IsString()
  @MaxLength(TOKEN_LENGTH)
  declare answer: string;

  /** One of the obligations of the answer. */
  @IsId()
  declare obligation: string;
}

export class DischargesDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_REPORTS)
  @AreNested(DischargeDto)
  declare discharges: DischargeDto[];
}
