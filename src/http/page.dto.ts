import { IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from './contract/schema.js';

const LONGEST = 600;

/** The part of a list that a request asks for, see `pageIn`. */
export class PageQuery {
  @MayBeAbsent()
  @IsString()
  @MaxLength(LONGEST)
  declare limit?: string;

  @MayBeAbsent()
  @IsString()
  @MaxLength(LONGEST)
  declare cursor?: string;
}
