import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import { IsId, MayBeAbsent } from '../../http/contract/schema.js';
import { MAX_FIELDS } from '../audience/audience.dto.js';
import { FactsDto } from '../evaluation.dto.js';

/** The query of a file of permits. Its fields are separated by commas. */
export class PermitsQueryDto extends FactsDto {
  @IsId()
  declare purpose: string;

  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_FIELDS)
  @IsId({ each: true })
  declare fields?: string[];
}
