/** What admins send and ask about reviews of purposes. */
import { IsId, MayBeAbsent, ReadsAs } from '../../http/contract/schema.js';
import { IsRemark } from '../publishing.dto.js';

export class PurposeReviewDto {
  /** Of the policy in force. */
  @IsId()
  declare purpose: string;

  /** What was found, for whoever looks at it next. */
  @IsRemark()
  declare finding: string;

  /** The day by which somebody looks again, in UTC; absent: a later version of the policy is to say. */
  @MayBeAbsent()
  @ReadsAs(/^\d{4}-\d\d-\d\d$/, 'a day, such as `2027-06-30`')
  declare next?: string;
}

export class DueQuery {
  /** How far ahead, in years, months and days; absent: what is due today. */
  @MayBeAbsent()
  @ReadsAs(/^P(?=\d)(\d{1,2}Y)?(\d{1,3}M)?(\d{1,4}D)?$/, 'years, months and days, as in `P30D`')
  declare within?: string;
}
