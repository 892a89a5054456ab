import { IsIn, IsString } from 'class-validator';
import { MayBeAbsent } from '../../http/contract/schema.js';
import { UserPageDto } from '../log/log-page.dto.js';
import { IsLanguage } from '../settings/settings.dto.js';

const ORDERS = ['oldest', 'newest'] as const;

/** A page of a user's history. */
export class HistoryQuery extends UserPageDto {
  /** What comes first; the oldest unless given. */
  @MayBeAbsent()
  @IsString()
  @IsIn(ORDERS)
  declare order?: (typeof ORDERS)[number];

  /** Language of the titles, before that of `Accept-Language`. */
  @MayBeAbsent()
  @IsLanguage()
  declare language?: string;
}
