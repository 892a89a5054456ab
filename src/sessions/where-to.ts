/** Where signing in leads: to a page of this service, and nowhere else. */

const SETTINGS = '/settings';
const CONSOLE = '/console';

/** Paths of pages, with a place in them. No dots, no escapes and no query: there is one way to write each. */
const PAGE = /^\/(?:settings|console)(?:\/[\w-]+)*(?:#[\w/-]*)?$/;

/** The page that is asked for; the settings unless one is. `undefined`: it is none. */
export function pageAskedFor(to: string | undefined): string | undefined {
  if (to === undefined) return SETTINGS;
  return to.length <= 200 && PAGE.test(to) ? to : undefined;
}

/** Whose page it is. */
export function kindOf(page: string): 'users' | 'admins' {
  return page.startsWith(CONSOLE) ? 'admins' : 'users';
}
