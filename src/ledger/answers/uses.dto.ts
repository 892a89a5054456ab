import { IsIn } from 'class-validator';
import { CATEGORIES, type Category } from '../../decision/policy.js';
import { REASONS, type Reason, isReason } from '../../decision/reasons.js';
import { IsLanguage } from '../../consent/settings/settings.dto.js';
import { IsId, IsReason, IsTime, MayBeAbsent } from '../../http/contract/schema.js';
import { PageQuery } from '../../http/page.dto.js';
import { BUCKETS, DIVISIONS, type Histogram } from '../uses.store.js';

export class ReasonedQuery extends PageQuery {
  /** Why an admin looks into it: noted, and told to the user. */
  @MayBeAbsent()
  @IsReason()
  declare reason?: string;
}

/** The same of what was used of a user. */
export class LedgerOfUserQuery extends ReasonedQuery {
  /** Language of the texts, before that of `Accept-Language`. */
  @MayBeAbsent()
  @IsLanguage()
  declare language?: string;
}

export class UseParams {
  @IsId()
  declare id: string;
}

export class UsesQuery extends PageQuery {
  @MayBeAbsent()
  @IsId()
  declare client?: string;

  @MayBeAbsent()
  @IsId()
  declare purpose?: string;

  /** Of the fields, as the policy in force has it. */
  @MayBeAbsent()
  @IsIn(CATEGORIES)
  declare category?: Category;

  @MayBeAbsent()
  @IsIn(Object.keys(REASONS).filter(isReason))
  declare reason?: Reason;

  /** Permits alone, or refusals alone. */
  @MayBeAbsent()
  @IsIn(['true', 'false'])
  declare permitted?: 'true' | 'false';

  @MayBeAbsent()
  @IsId()
  declare case?: string;

  /** Days from that of this time on, in UTC. */
  @MayBeAbsent()
  @IsTime()
  declare from?: string;

  /** Days until that of this time. */
  @MayBeAbsent()
  @IsTime()
  declare until?: string;
}

export class UseCountsQuery extends UsesQuery {
  /** How long a bucket is: a day unless given, a week from Monday, or a month; in UTC. */
  @MayBeAbsent()
  @IsIn(BUCKETS)
  declare every?: Histogram['every'];

  /** What each bucket is divided by: reasons unless given. */
  @MayBeAbsent()
  @IsIn(DIVISIONS)
  declare by?: Histogram['by'];
}
