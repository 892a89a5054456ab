/** Questions about an audience: as a JSON body, or as the query of a stream. */
import { ArrayMaxSize, ArrayMinSize, IsArray, IsString } from 'class-validator';
import { IsId, IsNested, MayBeAbsent } from '../../http/contract/schema.js';
import { FactsDto } from '../evaluation.dto.js';

/** Maximum number of fields of a question. */
export const MAX_FIELDS = 100;

/** A query. Its fields are separated by commas. */
export class AudienceQueryDto extends FactsDto {
  @IsId()
  declare purpose: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_FIELDS)
  @IsId({ each: true })
  declare fields: string[];

  @MayBeAbsent()
  @IsId()
  declare extract?: string;
}

export class AudienceDto {
  @IsId()
  declare purpose: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_FIELDS)
  @IsId({ each: true })
  declare fields: string[];

  /** Ids; their syntax is checked separately, because there may be very many. */
  @IsArray()
  @IsString({ each: true })
  declare users: string[];

  /** Id of the extract that takes in who is let through. */
  @MayBeAbsent()
  @IsId()
  declare extract?: string;

  @MayBeAbsent()
  @IsNested()
  declare context?: FactsDto;
}

/** The query with its fields as a list. */
export function questionIn(query: unknown): unknown {
  if (typeof query !== 'object' || query === null || !('fields' in query)) return query;
  const { fields } = query;
  return { ...query, fields: typeof fields === 'string' ? fields.split(',') : fields };
}
