import { ArrayMaxSize, IsArray, IsObject, ValidateNested } from 'class-validator';
import { IsContentId, IsId, IsTime, MayBeAbsent } from '../http/schema.js';
import { EvaluationDto } from './evaluation.dto.js';

/** A decision to be made again as it was: at a time, or on the policy and revision that its answer named. */
export class ReplayDto {
  @IsObject()
  @ValidateNested()
  declare evaluation: EvaluationDto;

  /** With its zone; what happened in the same millisecond counts as before it. */
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

  /** What the client's credentials listed; absent: the purpose that is asked for. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(500)
  @IsId({ each: true })
  declare client_purposes?: string[];
}
