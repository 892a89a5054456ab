import { IsObject, IsString } from 'class-validator';
import { IsReason, MayBeAbsent, ReadsAs } from '../../http/contract/schema.js';
import { UserParams } from '../settings/settings.dto.js';

export class ReceiptParams extends UserParams {
  /** The consistency token of the event's revision. */
  @IsString()
  declare event: string;
}

export class ReceiptQuery {
  /** Why an admin looks into it: noted, and told to the user. */
  @MayBeAbsent()
  @IsReason()
  declare reason?: string;
}

export class ReceiptsQuery extends ReceiptQuery {
  /** `next` of the page before. */
  @MayBeAbsent()
  @IsString()
  declare after?: string;

  /** 1 to 200. */
  @MayBeAbsent()
  @ReadsAs(/^([1-9]\d?|1\d\d|200)$/, 'a whole number from 1 to 200')
  declare limit?: string;
}

export class ReceiptVerificationDto {
  /** A receipt as `GET /v1/users/{id}/receipts/{event}` answers it. */
  @IsString()
  declare jws: string;

  /** The readable receipt beside it; absent: what was signed is not compared with anything. */
  @MayBeAbsent()
  @IsObject()
  declare receipt?: object;
}
