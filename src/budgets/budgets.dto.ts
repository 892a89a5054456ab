/** What services send to pay for figures. */
import { IsId, MayBeAbsent, ReadsAs } from '../http/contract/schema.js';
import { PageQuery } from '../http/page.dto.js';

const CODE = /^[0-9a-f]{64}$/;
const CODE_WORDS = '64 hexadecimal digits in lower case';

export class SpendParams {
  @IsId()
  declare purpose: string;

  /** A year, month, week or day of ISO 8601, as long as the budget of the purpose is for. */
  @IsId()
  declare period: string;
}

export class SpendDto {
  /** Keyed hash of what is asked, of which data. */
  @ReadsAs(CODE, CODE_WORDS)
  declare figure: string;

  /** Keyed hash of the exact answer. */
  @ReadsAs(CODE, CODE_WORDS)
  declare data: string;

  @ReadsAs(
    /^(?=.*[1-9])\d{1,12}(?:\.\d{1,12})?$/,
    'a decimal above 0 as text, such as `"0.1"`, with at most 12 digits before and after the point',
  )
  declare epsilon: string;

  /** Absent: 0. */
  @MayBeAbsent()
  @ReadsAs(/^0(?:\.\d{1,80})?$/, 'a decimal below 1 as text, with at most 80 digits after the point')
  declare delta?: string;
}

export class BudgetsQuery extends PageQuery {
  @MayBeAbsent()
  @IsId()
  declare purpose?: string;
}
