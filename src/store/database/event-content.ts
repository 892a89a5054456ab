/** The sealed content of an event: compact JSON that a person with the key can still read. */
import { FORMATS, KINDS } from '../../consent/log/chain.js';
import {
  AGE_BANDS,
  type ChangedBy,
  type ConsentChange,
  type NewConsentEvent,
  SAID,
  SIGNALS,
  WAYS,
} from '../../decision/consent-event.js';
import { NewerBuild } from '../../errors.js';

/** What every build reads, and what a choice or a signal that was taken back is written in. */
const FORMAT_OF_ALL = 1;
const FORMAT_OF_TAKEN_BACK = 2;
/** Stands for the id of the user whom the event is about. */
const THEMSELVES = 0;

/** The data in the content; the log has the rest: the user, the time and the place in the order. */
export type EventContent = Omit<NewConsentEvent, 'user' | 'at'>;

/**
 * The content of an event as bytes.
 *
 * @throws RangeError when it could not be read again; the message names no user
 */
export function encodeContent({ user, by, at, via, saidAt, language, change }: NewConsentEvent): Buffer {
  const whose = by.id === user ? THEMSELVES : by.id;
  const members = [
    formatOf(change),
    by.kind,
    whose,
    via,
    saidAt ?? null,
    language ?? null,
    ...changeMembers(change),
  ];
  const text = JSON.stringify(members);
  // characters that cannot be stored are escaped in JSON
  if (text.includes('\\') || UNSTORABLE.test(user))
    for (const member of [user, ...members]) mustBeStorable(member);
  for (const member of [at, ...members]) mustBeWhole(member);
  return Buffer.from(text);
}

/** What an erasure leaves: the actor, unless it was the user. */
export function encodeErasure({ kind, id }: ChangedBy): Buffer {
  return Buffer.from(JSON.stringify(kind === 'user' ? [FORMAT_OF_ALL, kind] : [FORMAT_OF_ALL, kind, id]));
}

/** The record of deleted contents: their revisions, each as the distance from the one before. */
export function encodeForgetting(revisions: readonly number[]): Buffer {
  const steps = revisions.map((revision, place) => revision - (revisions[place - 1] ?? 0));
  return Buffer.from(JSON.stringify([FORMAT_OF_ALL, ...steps]));
}

/** @throws NewerBuild when it is not such a record */
export function decodeForgetting(revision: number, content: Buffer): number[] {
  const read = new ContentReader(revision, content);
  const revisions: number[] = [];
  for (let last = 0; !read.ended; revisions.push(last)) last += read.integer('revision');
  return revisions;
}

/**
 * Checks that the kind of an entry is known, even if its content is not needed: an entry about no user, or an erased
 * one, may still be of an unknown kind.
 *
 * @throws NewerBuild when it is not
 */
export function mustBeKnown(revision: number, kind: string, content: Buffer | undefined): void {
  const known = KINDS.find((candidate) => candidate === kind);
  if (known === undefined)
    throw new NewerBuild(`the consent log has an entry of a kind, at revision ${revision},`);
  // deleted contents cannot be misread, and sealed ones state their format when opened
  if (content === undefined) return;
  if (known === 'erasure') decodeErasure(revision, content);
  if (known === 'retention') decodeForgetting(revision, content);
}

/**
 * Who erased; for a user, only that it was the user.
 *
 * @throws NewerBuild when it is not the content of an erasure
 */
export function decodeErasure(revision: number, content: Buffer): { kind: ChangedBy['kind']; id?: string } {
  const read = new ContentReader(revision, content);
  const kind = read.oneOf('by_kind', BY_KINDS);
  return read.ended ? { kind } : { kind, id: read.text('by_id') };
}

function formatOf(change: ConsentChange): number {
  const isTakenBack =
    (change.kind === 'choice' && change.choice === 'none') ||
    (change.kind === 'signal' && change.withdrawn === true);
  return isTakenBack ? FORMAT_OF_TAKEN_BACK : FORMAT_OF_ALL;
}

function changeMembers(change: ConsentChange): (string | number | boolean | null)[] {
  switch (change.kind) {
    case 'profile':
      return [change.kind, change.region, change.ageBand, change.adultFrom ?? null];
    case 'choice': {
      const { kind, purpose, choice, notice, signal, until } = change;
      return [kind, purpose, choice, notice, signal, until ?? null];
    }
    case 'signal':
      return [change.kind, change.signal, ...(change.withdrawn === true ? [true] : [])];
    case 'visibility':
      return [change.kind, change.group, change.level];
  }
}

/**
 * The event of a content. Everything is checked: another build may have written it, and a misread choice would be a
 * wrong decision.
 *
 * @throws NewerBuild naming the revision and the member, never its value, which may be personal data
 */
export function decodeContent(revision: number, user: string, content: Buffer): EventContent {
  const read = new ContentReader(revision, content);
  const kind = read.oneOf('by_kind', BY_KINDS);
  const id = read.textOr('by_id', THEMSELVES) ?? user;
  const via = read.oneOf('via', WAYS);
  const saidAt = read.integerOrNull('said_at');
  const language = read.textOr('language', null);
  const change = readChange(read);
  if (!read.ended) read.refuse('end');
  return {
    by: { kind, id },
    via,
    ...(saidAt === undefined ? {} : { saidAt }),
    ...(language === undefined ? {} : { language }),
    change,
  };
}

const BY_KINDS = ['user', 'service', 'engine'] as const satisfies readonly ChangedBy['kind'][];
const CHANGE_KINDS = [
  'profile',
  'choice',
  'signal',
  'visibility',
] as const satisfies readonly ConsentChange['kind'][];

function readChange(read: ContentReader): ConsentChange {
  const kind = read.oneOf('kind', CHANGE_KINDS);
  switch (kind) {
    case 'profile': {
      const region = read.textOr('region', null) ?? null;
      const ageBand = read.oneOf('age_band', AGE_BANDS);
      const adultFrom = read.integerOrNull('adult_from');
      return { kind, region, ageBand, ...(adultFrom === undefined ? {} : { adultFrom }) };
    }
    case 'choice': {
      const purpose = read.text('purpose');
      const choice = read.oneOf('choice', SAID);
      const notice = read.integer('notice');
      const signal = read.flag('signal');
      const until = read.integerOrNull('until');
      return { kind, purpose, choice, notice, signal, ...(until === undefined ? {} : { until }) };
    }
    case 'signal': {
      const signal = read.oneOf('signal', SIGNALS);
      if (read.ended) return { kind, signal };
      return { kind, signal, withdrawn: read.flag('withdrawn') || read.refuse('withdrawn') };
    }
    case 'visibility':
      return { kind, group: read.text('group'), level: read.text('level') };
  }
}

/** Reads the members in their order. */
class ContentReader {
  private readonly members: readonly unknown[];
  private at = 0;

  constructor(
    private readonly revision: number,
    content: Buffer,
  ) {
    this.members = membersIn(content);
    const format = this.next();
    if (!FORMATS.some((known) => known === format)) this.refuse('format');
  }

  get ended(): boolean {
    return this.at === this.members.length;
  }

  text(name: string): string {
    const value = this.next();
    return typeof value === 'string' ? value : this.refuse(name);
  }

  /** @param nothing stands for a missing text */
  textOr(name: string, nothing: null | 0): string | undefined {
    const value = this.next();
    if (value === nothing) return undefined;
    return typeof value === 'string' ? value : this.refuse(name);
  }

  integer(name: string): number {
    return this.integerOrNull(name) ?? this.refuse(name);
  }

  integerOrNull(name: string): number | undefined {
    const value = this.next();
    if (value === null) return undefined;
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : this.refuse(name);
  }

  flag(name: string): boolean {
    const value = this.next();
    return typeof value === 'boolean' ? value : this.refuse(name);
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.next();
    return allowed.find((candidate) => candidate === value) ?? this.refuse(name);
  }

  refuse(name: string): never {
    throw new NewerBuild(`the consent log has an entry with a \`${name}\`, at revision ${this.revision},`);
  }

  private next(): unknown {
    return this.members[this.at++];
  }
}

/** None when they are laid out in another way. */
function membersIn(content: Buffer): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(content.toString('utf8'));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

const UNSTORABLE = /[\0\p{Surrogate}]/u;

function mustBeStorable(member: string | number | boolean | null): void {
  if (typeof member === 'string' && UNSTORABLE.test(member)) throw unstorable();
}

function mustBeWhole(member: string | number | boolean | null): void {
  if (typeof member === 'number' && !Number.isSafeInteger(member)) throw unstorable();
}

function unstorable(): RangeError {
  return new RangeError(
    'a consent event has text or a number that the log cannot keep; leave out NUL and unpaired surrogates, and give whole numbers',
  );
}
