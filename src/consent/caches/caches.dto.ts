import { IsInt, Max, Min } from 'class-validator';
import { IsId } from '../../http/contract/schema.js';

export class CacheParams {
  @IsId()
  declare id: string;
}

export class AcknowledgementDto {
  /** `sequence` of the last answer: what it touched is dropped. */
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  declare sequence: number;
}
