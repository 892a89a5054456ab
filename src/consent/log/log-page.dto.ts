import { IsString, MaxLength } from 'class-validator';
import { IsReason, MayBeAbsent, ReadsAs } from '../../http/contract/schema.js';
import { type Entries, entryNamed } from './named-entry.js';

/** The part of a list that a request asks for. */
export class LogPageDto {
  /** Id of the last entry of the page before. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(40)
  declare after?: string;

  /** Maximum entries: 1 to 999. */
  @MayBeAbsent()
  @ReadsAs(/^[1-9]\d{0,2}$/, 'a whole number from 1 to 999')
  declare limit?: string;
}

/** The same of what is held of a user. */
export class UserPageDto extends LogPageDto {
  /** Why an admin looks into it: noted, and told to the user. */
  @MayBeAbsent()
  @IsReason()
  declare reason?: string;
}

/** Who may read such a page. */
export const LOOKS_INTO =
  'The user themselves (`me`), or a service with scope `settings:read`. The roles `auditor` and `privacy_officer` with a `reason`, which is noted and told to the user.';

/** `limit`, as clients write it. */
export const PAGE_LIMIT = { type: 'integer', minimum: 1, maximum: 999, default: 100 };

/**
 * The part of the log that a page names.
 *
 * @param usual number of entries when the page does not say
 * @throws DomainError `invalid_request` when `after` is no id of an entry
 */
export async function pageOf(
  { after, limit }: { readonly [name in keyof LogPageDto]: string | undefined },
  log: Entries,
  usual = 100,
): Promise<{ readonly after: number; readonly limit: number }> {
  return {
    after: after === undefined ? 0 : await entryNamed('after', after, log),
    limit: limit === undefined ? usual : Number(limit),
  };
}
