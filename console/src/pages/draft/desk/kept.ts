/**
 * What somebody wrote and has not saved, kept in this browser: a session that ends or a tab that is closed loses
 * nothing. It is kept per person and draft, until it is saved or dropped.
 */

/** A text, and the edit that it was made of: together they tell what its author changed. */
export type Kept = {
  /** RFC 3339. */
  readonly at: string;
  readonly edit: number;
  /** The text of that edit. */
  readonly from: string;
  readonly text: string;
};

function keyOf(person: string, draft: string): string {
  return `assent.console.draft.${person}.${draft}`;
}

/** Whose texts are not to be kept any more by this page. */
const forgotten = new Set<string>();

/** @returns whether the browser had room for it */
export function keep(person: string, draft: string, kept: Kept): boolean {
  if (forgotten.has(person)) return true;
  try {
    localStorage.setItem(keyOf(person, draft), JSON.stringify(kept));
    return true;
  } catch {
    return false;
  }
}

export function keptText(person: string, draft: string): Kept | undefined {
  const text = localStorage.getItem(keyOf(person, draft));
  try {
    const {
      at,
      edit,
      from,
      text: written,
    }: Readonly<Record<string, unknown>> = Object(JSON.parse(text ?? ''));
    if (
      typeof at === 'string' &&
      typeof edit === 'number' &&
      typeof from === 'string' &&
      typeof written === 'string'
    )
      return { at, edit, from, text: written };
  } catch {
    // what cannot be read is none
  }
  return undefined;
}

/** Drops what was kept, unless more was written since than this text. */
export function dropSaved(person: string, draft: string, text: string): void {
  if (keptText(person, draft)?.text === text) dropKept(person, draft);
}

export function dropKept(person: string, draft: string): void {
  localStorage.removeItem(keyOf(person, draft));
}

/** The drafts of which somebody has a text here. */
export function keptDrafts(person: string): string[] {
  const begin = keyOf(person, '');
  return (
    Object.keys(localStorage)
      .filter((key) => key.startsWith(begin))
      .map((key) => key.slice(begin.length))
      // the id of a draft has no dot, that of a person may have one
      .filter((draft) => !draft.includes('.'))
  );
}

/** Drops all texts of somebody; those that this page still shows are not kept when it goes. */
export function forgetTexts(person: string): void {
  forgotten.add(person);
  for (const draft of keptDrafts(person)) dropKept(person, draft);
}
