/**
 * What differs between two versions besides the permitted cells: texts for users, the handling of signals, obligations
 * of callers, and everything else in the document. No comparison of decisions finds it.
 *
 * Members in `CELLS` are skipped, because {@link Difference} compares them. Every other member, also one added later,
 * counts as a rewrite.
 */
import type { PolicyDocument } from '../../policy.js';

/** A changed member, or an entry that only one of the two has. */
export type Rewrite = {
  /** A part of the document, such as `purposes`. */
  readonly section: string;
  /** The entry, where the part is a list of entries. */
  readonly id?: string;
  /** A path with dots, such as `translations.de.title`; absent: the whole entry, or the whole part. */
  readonly member?: string;
  /** Absent: it did not exist before. */
  readonly before?: unknown;
  /** Absent: it was removed. */
  readonly after?: unknown;
};

/** Members whose only effect is on cells or clients; `''`: the whole part. */
const CELLS: Readonly<Record<string, readonly string[]>> = {
  unknown_regime: [''],
  // compared by `changeOfFloor`
  floor: [''],
  regimes: ['regions'],
  // `consistency` is compared by `changesOfConsistency`, `lapses_after` by `changesOfLapses`
  purposes: [
    'settings',
    'lapses_after',
    'categories',
    'provenance',
    'conditions',
    'requires',
    'notice',
    'consistency',
  ],
  fields: ['never', 'only'],
  // compared by `changesOfVisibility`
  visibility: ['defaults'],
  overlays: ['minor_or_age_unknown'],
  // compared by `clientChanges`
  clients: ['purposes', 'scopes'],
  unlisted_clients: [''],
};

/** Lists whose added and removed entries are reported elsewhere. */
const ENTRIES_TOLD = new Set(['clients']);

/** Lists whose order matters. */
const ORDERED = new Set(['languages', 'visibility']);

export function rewritesBetween(before: PolicyDocument, after: PolicyDocument): Rewrite[] {
  const [was, is] = [new Map(partsOf(before)), new Map(partsOf(after))];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((section) =>
    ofSection(section, was.get(section), is.get(section)),
  );
}

function ofSection(section: string, before: unknown, after: unknown): Rewrite[] {
  const passedOver = CELLS[section] ?? [];
  if (passedOver.includes('')) return [];
  const [was, is] = [entriesOf(before), entriesOf(after)];
  if (was === undefined || is === undefined) return ofMembers({ section }, before, after, passedOver);
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((id) => {
    const [one, other] = [was.get(id), is.get(id)];
    if (one === undefined || other === undefined)
      return ENTRIES_TOLD.has(section) ? [] : [{ section, id, ...sides(one, other) }];
    return ofMembers({ section, id }, one, other, passedOver);
  });
}

function ofMembers(
  place: Pick<Rewrite, 'section' | 'id' | 'member'>,
  before: unknown,
  after: unknown,
  passedOver: readonly string[] = [],
): Rewrite[] {
  const [was, is] = [membersOf(before), membersOf(after)];
  if (was === undefined || is === undefined)
    return saidBy(place.section, before) === saidBy(place.section, after)
      ? []
      : [{ ...place, ...sides(before, after) }];
  const names = [...new Set([...was.keys(), ...is.keys()])].filter((name) => !passedOver.includes(name));
  return names.flatMap((name) => {
    const member = place.member === undefined ? name : `${place.member}.${name}`;
    return ofMembers({ ...place, member }, was.get(name), is.get(name));
  });
}

function sides(before: unknown, after: unknown): Pick<Rewrite, 'before' | 'after'> {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

function partsOf(document: PolicyDocument): [string, unknown][] {
  return Object.entries(document);
}

/** The entries of a list by their ids; empty if it is absent; `undefined` if it is no such list. */
function entriesOf(part: unknown): Map<string, unknown> | undefined {
  if (part === undefined) return new Map();
  if (!Array.isArray(part)) return undefined;
  const entries = new Map<string, unknown>();
  for (const entry of part) {
    const id: unknown = membersOf(entry)?.get('id');
    // entries without unique ids cannot be told apart, so the list is compared as a whole
    if (typeof id !== 'string' || entries.has(id)) return undefined;
    entries.set(id, entry);
  }
  return entries;
}

/** The members of an object; `undefined` for anything else. */
function membersOf(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map<string, unknown>(Object.entries(value));
}

function saidBy(section: string, value: unknown): string {
  return canonical(value, ORDERED.has(section));
}

/** A value as text, with its members, and the items of unordered lists, sorted. */
function canonical(value: unknown, ordered: boolean): string {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => canonical(item, ordered));
    return `[${(ordered ? items : items.toSorted()).join()}]`;
  }
  const members = membersOf(value);
  // INVARIANT: a document is JSON, so only an absent member has no text
  if (members === undefined) return JSON.stringify(value) ?? '';
  const texts = [...members].map(([name, member]) => `${JSON.stringify(name)}:${canonical(member, ordered)}`);
  return `{${texts.toSorted().join()}}`;
}
