import { IsIn, IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../../http/contract/schema.js';
import { MOST_CHARACTERS } from './tc-string.js';

const SENT = ['gpc', 'tcf'] as const;

export class SignalDto {
  @IsString()
  @IsIn(SENT)
  declare signal: (typeof SENT)[number];

  /** The TC string; only with `tcf`. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(MOST_CHARACTERS)
  declare tc_string?: string;
}
