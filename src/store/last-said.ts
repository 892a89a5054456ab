/** Finds what users said last about something, reading each history backwards. */
import { topicOf } from '../consent/log/settlement/event-rules.js';
import { type ConsentChange, type ConsentEvent, isKept } from '../decision/consent-event.js';
import { ENTRY_COLUMNS, type StoredEntry, storedEntry } from './database/log-row.js';
import type { Subject } from './database/vault.js';
import { Prisma } from './generated/client.js';
import type { LogPages } from './log-pages.js';
import type { Subjects } from './subjects.js';

/** A subject of a user, see `topicOf`. */
type UserTopic = { readonly user: string; readonly topic: string };

/** The subjects of a user whose last event is not found yet, and the revision below which nothing was read. */
type Unread = { readonly subject: Subject; readonly topics: Set<string>; readonly before: number };

/** @param counts whether an event says something, and is of the kind */
export async function lastSaid<Said extends ConsentEvent>(
  pages: LogPages,
  subjects: Subjects,
  kind: ConsentChange['kind'],
  wanted: readonly UserTopic[],
  counts: (event: ConsentEvent) => event is Said,
): Promise<Said[]> {
  const sought = new Map<string, Set<string>>();
  for (const { user, topic } of wanted) sought.set(user, (sought.get(user) ?? new Set()).add(topic));
  const lasts: Said[] = [];
  let unread = (await subjects.findThese([...sought.keys()])).map((subject): Unread => ({
    subject,
    topics: new Set(sought.get(subject.user)),
    before: Number.MAX_SAFE_INTEGER,
  }));
  // most are a few events back; for the rest, each step reads eight times as many
  for (let step = 8; unread.length > 0; step *= 8) {
    const found = await eventsBack(pages, kind, unread, step);
    unread = unread.flatMap(({ subject, topics }) => {
      const page = found.get(subject.id) ?? [];
      for (const row of page) {
        const event = pages.entryOf(row, subject);
        if (isKept(event) && counts(event) && topics.delete(topicOf(event.change))) lasts.push(event);
      }
      const before = page.length < step ? undefined : page.at(-1)?.revision;
      return before === undefined || topics.size === 0 ? [] : [{ subject, topics, before }];
    });
  }
  return lasts;
}

/** The next events of a kind back, at most so many a user, by number of the user, the last one first. */
async function eventsBack(
  pages: LogPages,
  kind: ConsentChange['kind'],
  unread: readonly Unread[],
  limit: number,
): Promise<ReadonlyMap<number, readonly StoredEntry[]>> {
  const places = JSON.stringify(unread.map(({ subject: { id }, before }) => ({ id, before })));
  const rows = await pages.list(Prisma.sql`
    SELECT event.* FROM json_to_recordset(${places}::json) AS place (id bigint, before bigint), LATERAL (
      SELECT ${ENTRY_COLUMNS} FROM consent_event
      WHERE subject = place.id AND revision < place.before AND kind = ${kind} AND content IS NOT NULL
      ORDER BY revision DESC LIMIT ${limit}::int
    ) AS event`);
  const found = new Map<number, StoredEntry[]>(unread.map(({ subject }) => [subject.id, []]));
  for (const row of rows.map(storedEntry)) found.get(row.subject)?.push(row);
  return found;
}
