import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsInt, Max, Min } from 'class-validator';
import {
  AreUserIds,
  BelongsElsewhere,
  IsId,
  IsNested,
  IsUserId,
  MayBeAbsent,
} from '../../http/contract/schema.js';
import { FactsDto } from '../evaluation.dto.js';
import { MAX_SECONDS } from './grants.js';

/** Most users and fields of a grant, which must fit into a header. */
const MAX_USERS = 200;
const MAX_FIELDS = 50;

const UNDER_CASE =
  'no grant is given under a case: ask an evaluation for each reading, which names the case and its reader';

/** Facts of a request for a grant. */
export class GrantContextDto extends FactsDto {
  /** Id of the user who exercises their rights. */
  @MayBeAbsent()
  @IsUserId()
  declare on_behalf_of?: string;

  @MayBeAbsent()
  @BelongsElsewhere(UNDER_CASE)
  declare case?: never;

  @MayBeAbsent()
  @BelongsElsewhere(UNDER_CASE)
  declare reader_token?: never;
}

/** What a grant is asked for. */
export class GrantDto {
  @IsId()
  declare purpose: string;

  /** Id of the service that owns the data, and accepts the grant. */
  @IsId()
  declare audience: string;

  @MayBeAbsent()
  @IsUserId()
  declare user?: string;

  /** In place of `user`. */
  @MayBeAbsent()
  @AreUserIds(2, MAX_USERS, 'for one, send `user`')
  declare users?: string[];

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_FIELDS)
  @ArrayUnique()
  @IsId({ each: true })
  declare fields: string[];

  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MAX_SECONDS)
  declare seconds?: number;

  @MayBeAbsent()
  @IsNested()
  declare context?: GrantContextDto;
}
