import { IsBoolean, IsIn, IsString } from 'class-validator';
import { AGE_BANDS, type AgeBand, CHOICES, type Choice } from '../decision/consent-event.js';
import { IsId, IsRegion, MayBeAbsent } from '../http/schema.js';

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

  /** Whether the user was shown the signal that stands against a grant. */
  @MayBeAbsent()
  @IsBoolean()
  declare signal_shown?: boolean;
}
