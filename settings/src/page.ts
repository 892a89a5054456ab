/** What every part of the page has: whom it asks, in which words, and what can be changed. */
import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Settings } from './service/answers.js';
import type { Change } from './changes/changes.js';
import type { Exchange, Failure } from './service/exchange.js';
import type { Words } from './words/words.js';

export const VIEWS = ['settings', 'review', 'uses', 'record'] as const;
export type View = (typeof VIEWS)[number];

export function isView(name: string | null): name is View {
  return VIEWS.some((view) => view === name);
}

/** What became of a change. */
export type Outcome =
  | { readonly kind: 'saving' }
  /** It is in force, since that time; `undefined`: the record does not say since when. */
  | {
      readonly kind: 'done';
      readonly at: string | undefined;
      readonly said: string;
      readonly undo: Change | undefined;
    }
  /** It is in force, but what holds now could not be read. */
  | { readonly kind: 'unread' }
  /** Some of what was to be taken back is, and some is not. */
  | { readonly kind: 'partly' }
  /** It was said before somebody signed in again, and not recorded. */
  | { readonly kind: 'unsent'; readonly change: Change }
  /** Without the change, it cannot be tried again: it was one of somebody else. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly change: Change | undefined };

export type Page = {
  readonly exchange: Exchange;
  readonly words: Words;
  /** Of the words, as a BCP 47 tag: dates are written in it. */
  readonly lang: string;
  readonly settings: Settings;
  /** So many purposes are drawn: the first screen first. */
  readonly drawn: number;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Sends a change, and shows it once it is confirmed. */
  readonly make: (change: Change) => Promise<void>;
  /** Reads the settings anew. */
  readonly read: () => Promise<void>;
  /** Goes to a view, and there to a purpose. */
  readonly go: (view: View, purpose?: string) => void;
  /** Tells whoever listens to the page. */
  readonly say: (text: string) => void;
  /** Where to sign in; nothing where the host's page sees to it. */
  readonly signIn: string | undefined;
  /** Ends the page, of which this is left. */
  readonly onErased: (left: ComponentChildren) => void;
};

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  // INVARIANT: app.tsx provides it around every part
  if (page === undefined) throw new Error('a part of the page stands outside of it');
  return page;
}
