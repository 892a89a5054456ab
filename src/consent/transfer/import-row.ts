/** A row of an import: what an earlier system knows about one user. Parsed here for the service and the command. */
import { IsIn, IsInt, IsString, Max, Min } from 'class-validator';
import {
  AGE_BANDS,
  type AgeBand,
  CHOICES,
  type Choice,
  SIGNALS,
  type Signal,
} from '../../decision/consent-event.js';
import {
  IsId,
  IsRegion,
  IsTime,
  IsUserId,
  MayBeAbsent,
  checkOf,
  parserOf,
} from '../../http/contract/schema.js';
import { DomainError } from '../../errors.js';
import { isRegion } from '../../http/headers/region.js';
import { ME, misspelling } from '../../id.js';
import { DAY_MS, EARLIEST_TIME, momentOf, slipOfTime, timeOf } from '../../time.js';
import { IsLanguage } from '../settings/settings.dto.js';
import { COLUMNS } from './row-columns.js';
import { LINE_FAULTS, REGION_MISSPELT, type Refusal, isRefusalReason, refusalOf } from './import-refusals.js';

/** The content of a row; absent members say nothing. */
export type ImportRow = {
  readonly user: string;
  /** `null`: it is not known. */
  readonly region?: string | null;
  readonly ageBand?: AgeBand;
  /** When a minor comes of age, in milliseconds since the Unix epoch. */
  readonly adultFrom?: number;
  readonly said?: SaidInRow;
  /** The level of a visibility group. */
  readonly level?: LevelInRow;
  readonly signal?: Signal;
  /** When the user said it, in milliseconds since the Unix epoch. */
  readonly saidAt?: number;
  readonly language?: string;
  /** When the user registered anew after they were erased, in milliseconds since the Unix epoch. */
  readonly cameBackAt?: number;
};

/** A choice; `until`: when a grant ends, in milliseconds since the Unix epoch. */
export type SaidInRow = {
  readonly purpose: string;
  readonly choice: Choice;
  readonly notice?: number;
  readonly until?: number;
};

/** A level; of another policy, the group may not have it. */
export type LevelInRow = { readonly group: string; readonly level: string };

/** A row on the wire, `at` apart, which is a number or a text. */
class ImportRowDto {
  @IsUserId()
  declare user: string;

  @MayBeAbsent()
  @IsRegion()
  declare region?: string;

  @MayBeAbsent()
  @IsString()
  @IsIn(AGE_BANDS)
  declare age_band?: AgeBand;

  @MayBeAbsent()
  @IsTime()
  declare adult_from?: string;

  @MayBeAbsent()
  @IsId()
  declare purpose?: string;

  @MayBeAbsent()
  @IsString()
  @IsIn(CHOICES)
  declare choice?: Choice;

  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  declare notice?: number;

  @MayBeAbsent()
  @IsTime()
  declare until?: string;

  @MayBeAbsent()
  @IsId()
  declare group?: string;

  @MayBeAbsent()
  @IsId()
  declare level?: string;

  @MayBeAbsent()
  @IsLanguage()
  declare language?: string;

  @MayBeAbsent()
  @IsString()
  @IsIn(SIGNALS)
  declare signal?: Signal;

  @MayBeAbsent()
  @IsTime()
  declare came_back_at?: string;
}

/** `line`: its number, as the client counts. */
const isMember = (name: string): boolean => name === 'line' || COLUMNS.some((column) => column === name);

const isRow = checkOf(ImportRowDto);
const parseRow = parserOf(ImportRowDto);

/**
 * Reads a row.
 *
 * @param now milliseconds since the Unix epoch: no later time is accepted
 * @param isKnown whether a user is in the log, with any spelling; without a log nobody is
 * @returns the row, or why there is none
 */
export function rowOf(
  value: unknown,
  now: number,
  isKnown: (user: string) => boolean = () => false,
): ImportRow | Refusal {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not_readable';
  // what a client found in a line of its file, in which there is no row
  if ('error' in value) return LINE_FAULTS.find((fault) => fault === value.error) ?? 'not_readable';
  // an unknown member might have been the end of a grant
  if (!Object.keys(value).every(isMember)) return 'member_not_known';
  const { at, line: _line, ...rest }: { readonly at?: unknown; readonly line?: unknown } = value;
  if (!isRow(rest)) return reasonFor(rest);
  const {
    user,
    region,
    age_band,
    adult_from,
    purpose,
    choice,
    notice,
    until,
    group,
    level,
    language,
    signal,
    came_back_at,
  } = rest;
  if (user === ME) return 'user_is_me';
  if (misspelling(user) !== undefined && !isKnown(user)) return 'user_not_valid';
  const saidAt = at === undefined ? undefined : timeSaid(at, now);
  if (typeof saidAt === 'string') return saidAt;
  if (purpose !== undefined && choice === undefined) return 'choice_not_valid';
  if (purpose === undefined && choice !== undefined) return 'purpose_not_valid';
  if (group !== undefined && level === undefined) return 'level_not_valid';
  if (group === undefined && level !== undefined) return 'group_not_valid';
  if (adult_from !== undefined && age_band !== 'minor') return 'adult_from_not_valid';
  if (until !== undefined && choice !== 'granted') return 'until_not_valid';
  const cameBackAt = came_back_at === undefined ? undefined : momentOf(came_back_at);
  // whatever another clock says: a row of now must not count after an erasure that is still to come
  if (cameBackAt !== undefined && cameBackAt > now) return 'came_back_at_not_valid';
  if ((region ?? age_band ?? choice ?? group ?? signal) === undefined) return 'says_nothing';
  return {
    user,
    ...(region === undefined ? {} : { region: region === 'unknown' ? null : region }),
    ...(age_band === undefined ? {} : { ageBand: age_band }),
    ...(adult_from === undefined ? {} : { adultFrom: momentOf(adult_from) }),
    ...(purpose === undefined || choice === undefined
      ? {}
      : {
          said: {
            purpose,
            choice,
            ...(notice === undefined ? {} : { notice }),
            ...(until === undefined ? {} : { until: momentOf(until) }),
          },
        }),
    ...(group === undefined || level === undefined ? {} : { level: { group, level } }),
    ...(signal === undefined ? {} : { signal }),
    ...(saidAt === undefined ? {} : { saidAt }),
    ...(language === undefined ? {} : { language }),
    ...(cameBackAt === undefined ? {} : { cameBackAt }),
  };
}

/** Which member is at fault. */
function reasonFor(value: object): Refusal {
  try {
    parseRow(value);
  } catch (error) {
    const member = error instanceof DomainError ? error.member?.slice(1) : undefined;
    const reason = `${member ?? ''}_not_valid`;
    const written: unknown = Object.entries(value).find(([name]) => name === member)?.[1];
    if (
      reason === 'adult_from_not_valid' ||
      reason === 'until_not_valid' ||
      reason === 'came_back_at_not_valid'
    )
      return refusalOf(reason, slipOfTime(written));
    if (reason === 'region_not_valid' && isRegion(upperCode(written))) return REGION_MISSPELT;
    if (isRefusalReason(reason)) return reason;
  }
  return 'not_readable';
}

function upperCode(written: unknown): unknown {
  return typeof written === 'string' ? written.trim().toUpperCase().replace('_', '-') : written;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** How far another machine's clock may be ahead. */
const AHEAD_MS = DAY_MS;

/** @returns why it is refused when it is not a time in the past */
function timeSaid(at: unknown, now: number): number | Refusal {
  const isDay = typeof at === 'string' && DATE.test(at);
  const time = typeof at === 'number' ? at : timeOf(isDay ? `${at}T00:00:00Z` : at);
  if (
    typeof time === 'number' &&
    Number.isSafeInteger(time) &&
    time >= EARLIEST_TIME &&
    time <= now + AHEAD_MS
  )
    return time;
  const slip = slipOfTime(at);
  // both are accepted, so the fault must be another
  const isTaken = isDay || (typeof at === 'number' && slip === 'milliseconds');
  return refusalOf('at_not_valid', isTaken ? undefined : slip);
}
