import { IsString, MaxLength } from 'class-validator';
import { MayBeAbsent, ReadsAs } from '../../http/contract/schema.js';

/** Where to begin, for which purposes, and whether to wait for more. */
export class ChangesDto {
  /** `consistency_token` of the last line that was taken in. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(40)
  declare after?: string;

  /** Ids, separated by commas. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(16_384)
  declare purposes?: string;

  @MayBeAbsent()
  @ReadsAs(/^(?:true|false)$/, '`true` or `false`')
  declare follow?: string;
}
