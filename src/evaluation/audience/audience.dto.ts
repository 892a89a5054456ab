/** What can be asked of an audience: as a JSON body, or as the query of a stream. Members without a name are ignored. */
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsString,
  ValidateNested,
} from 'class-validator';
import { IsId, MayBeAbsent } from '../../http/schema.js';

/** Most fields that can be asked about at once. */
export const MAX_FIELDS = 100;

/** Facts of the request. */
export class AudienceContextDto {
  /** Whether a person or a process will see the data; absent: a person. */
  @MayBeAbsent()
  @IsString()
  @IsIn(['automated', 'human'])
  declare actor?: 'automated' | 'human';

  /** What obliges: a court order's file number, say. */
  @MayBeAbsent()
  @IsId()
  declare legal_reference?: string;

  /** Token of a change that the decisions must rest on. */
  @MayBeAbsent()
  @IsId()
  declare consistency_token?: string;
}

/** A query. Its fields are separated by commas. */
export class AudienceQueryDto extends AudienceContextDto {
  @IsId()
  declare purpose: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_FIELDS)
  @IsId({ each: true })
  declare fields: string[];
}

export class AudienceDto {
  @IsId()
  declare purpose: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_FIELDS)
  @IsId({ each: true })
  declare fields: string[];

  /** Ids; that they are such is checked apart, because there may be very many. */
  @IsArray()
  @IsString({ each: true })
  declare users: string[];

  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  declare context?: AudienceContextDto;
}
