/** The view that somebody was in when they had to sign in, so that they come back to it. */
const KEY = 'assent.console.view';

/** Before leaving for the sign-in. */
export function keepView(): void {
  sessionStorage.setItem(KEY, location.pathname + location.search + location.hash);
}

/** The view that was kept, once. */
export function keptView(): string | undefined {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const home = new URL(document.baseURI).pathname;
  // only a view of the console itself
  return kept !== null && kept.startsWith(home) ? kept : undefined;
}

/** The state of the address that a sign-in led back to: a page begins there at its top. */
export const ARRIVED = 'arrived';
