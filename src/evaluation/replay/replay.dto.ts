import { ArrayMaxSize, IsArray } from 'class-validator';
import { IsContentId, IsId, IsNested, IsTime, MayBeAbsent } from '../../http/contract/schema.js';
import { EvaluationDto } from '../evaluation.dto.js';

/** A decision to be made again as it was: at a time, or on the policy and revision that its answer named. */
export class ReplayDto {
  @IsNested()
  declare evaluation: EvaluationDto;

  /** With a time zone; events in the same millisecond count as before it. */
  @MayBeAbsent()
  @IsTime()
  declare at?: string;

  /** `context.policy` of the answer. */
  @MayBeAbsent()
  @IsContentId()
  declare policy?: string;

  /** `context.revision` of the answer. */
  @MayBeAbsent()
  @IsId()
  declare revision?: string;

  /** The purposes that the client's credentials listed; absent: the requested purpose. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(500)
  @IsId({ each: true })
  declare client_purposes?: string[];
}
