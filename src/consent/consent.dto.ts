import { IsIn, IsString } from 'class-validator';
import {
  AGE_BANDS,
  type AgeBand,
  CHOICES,
  type Choice,
  SIGNALS,
  type Signal,
} from '../decision/consent-event.js';
import { IsId, IsRegion } from '../http/schema.js';

/** Address of a user: an id, or `me` for the user who calls. */
export class UserParams {
  @IsId()
  declare id: string;
}

export class ChoiceParams extends UserParams {
  @IsId()
  declare purpose: string;
}

export class ProfileDto {
  /** ISO 3166-1 alpha-2 or ISO 3166-2, upper case, or `unknown`. */
  @IsRegion()
  declare region: string;

  @IsString()
  @IsIn(AGE_BANDS)
  declare age_band: AgeBand;
}

export class ChoiceDto {
  @IsString()
  @IsIn(CHOICES)
  declare choice: Choice;
}

export class SignalDto {
  @IsString()
  @IsIn(SIGNALS)
  declare signal: Signal;
}
