/** Finds the last choices of users, reading each history backwards. */
import type { UserPurpose } from '../consent/log/consent.store.js';
import { type ChoiceEvent, isChoice } from '../consent/log/settlement/event-rules.js';
import { isKept } from '../decision/consent-event.js';
import { ENTRY_COLUMNS, type StoredEntry, storedEntry } from './database/log-row.js';
import type { Subject } from './database/vault.js';
import { Prisma } from './generated/client.js';
import type { LogPages } from './log-pages.js';
import type { Subjects } from './subjects.js';

/** The purposes of a user whose last choice is not found yet, and the revision below which nothing was read. */
type Unread = { readonly subject: Subject; readonly purposes: Set<string>; readonly before: number };

export async function lastChoices(
  pages: LogPages,
  subjects: Subjects,
  wanted: readonly UserPurpose[],
): Promise<ChoiceEvent[]> {
  const sought = new Map<string, Set<string>>();
  for (const { user, purpose } of wanted) sought.set(user, (sought.get(user) ?? new Set()).add(purpose));
  const lasts: ChoiceEvent[] = [];
  let unread = (await subjects.findThese([...sought.keys()])).map((subject): Unread => ({
    subject,
    purposes: new Set(sought.get(subject.user)),
    before: Number.MAX_SAFE_INTEGER,
  }));
  // most are a few events back; for the rest, each step reads eight times as many
  for (let step = 8; unread.length > 0; step *= 8) {
    const found = await choicesBack(pages, unread, step);
    unread = unread.flatMap(({ subject, purposes }) => {
      const page = found.get(subject.id) ?? [];
      for (const row of page) {
        const event = pages.entryOf(row, subject);
        if (isKept(event) && isChoice(event) && purposes.delete(event.change.purpose)) lasts.push(event);
      }
      const before = page.length < step ? undefined : page.at(-1)?.revision;
      return before === undefined || purposes.size === 0 ? [] : [{ subject, purposes, before }];
    });
  }
  return lasts;
}

/** The next choices back, at most so many a user, by number of the user, the last one first. */
async function choicesBack(
  pages: LogPages,
  unread: readonly Unread[],
  limit: number,
): Promise<ReadonlyMap<number, readonly StoredEntry[]>> {
  const places = JSON.stringify(unread.map(({ subject: { id }, before }) => ({ id, before })));
  const rows = await pages.list(Prisma.sql`
    SELECT choice.* FROM json_to_recordset(${places}::json) AS place (id bigint, before bigint), LATERAL (
      SELECT ${ENTRY_COLUMNS} FROM consent_event
      WHERE subject = place.id AND revision < place.before AND kind = 'choice' AND content IS NOT NULL
      ORDER BY revision DESC LIMIT ${limit}::int
    ) AS choice`);
  const found = new Map<number, StoredEntry[]>(unread.map(({ subject }) => [subject.id, []]));
  for (const row of rows.map(storedEntry)) found.get(row.subject)?.push(row);
  return found;
}
