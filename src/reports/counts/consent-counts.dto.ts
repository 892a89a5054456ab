import { IsId, IsTime, MayBeAbsent } from '../../http/contract/schema.js';

export class ConsentCountsQuery {
  @IsId()
  declare purpose: string;

  @MayBeAbsent()
  @IsId()
  declare regime?: string;

  /** Days from that of this time on, in UTC; absent: the day of `until`. */
  @MayBeAbsent()
  @IsTime()
  declare from?: string;

  /** Days until that of this time; absent: today. */
  @MayBeAbsent()
  @IsTime()
  declare until?: string;
}
