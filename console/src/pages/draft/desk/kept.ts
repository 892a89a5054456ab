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

/** @returns whether the browser had room for it */
export function keep(person: string, draft: string, kept: Kept): boolean {
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
