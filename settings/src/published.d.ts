/** The types of the package `@assent/settings`. */

/** Gives a bearer token for the next request. */
export type GetToken = () => string | Promise<string>;

/** A change is in force; `detail.consistencyToken` is for `context.consistency_token` of the next decision. */
export type AssentChange = CustomEvent<{ readonly consistencyToken: string }>;

/** The record of the user is erased: nothing more is asked on this page. */
export type AssentErasure = CustomEvent<null>;

/** The attributes of `<assent-settings>`, for JSX. */
export type AssentSettingsAttributes = {
  /** Address of the service; that of the script unless given. */
  base?: string;
  /** Language to ask for, as a BCP 47 tag; those of the browser unless given. */
  language?: string;
  /** What is shown first. */
  view?: 'settings' | 'review' | 'uses' | 'record';
  /** Whether nothing else is on the document. */
  whole?: boolean;
};

/** `<assent-settings>`: the page on which people see, understand and change what is done with their data. */
export class AssentSettings extends HTMLElement {
  /** Gives the bearer token of whoever is signed in; without it, the session of the service counts. */
  getToken: GetToken | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    'assent-settings': AssentSettings;
  }
  interface HTMLElementEventMap {
    'assent-change': AssentChange;
    'assent-erasure': AssentErasure;
  }
}
