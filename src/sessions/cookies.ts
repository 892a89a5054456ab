/** Reads and writes cookies (RFC 6265). */

/** Only a secure origin can set it, for itself alone and all of its paths (RFC 6265bis, section 4.1.3.2). */
const HOST = '__Host-';

/**
 * The values of the cookies that a request has, by their names without the prefix. A name that occurs twice has no value:
 * the server must not choose one.
 */
export function cookiesIn(header: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const twice = new Set<string>();
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(at, 0)).trim();
    if (!name.startsWith(HOST)) continue;
    const own = name.slice(HOST.length);
    if (found.has(own)) twice.add(own);
    found.set(own, pair.slice(at + 1).trim());
  }
  for (const name of twice) found.delete(name);
  return found;
}

/** The first value of a cookie, without a look at the others: where many are sent so that they are read. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  const [, after] = header?.split(`${HOST}${name}=`, 2) ?? [];
  return after?.split(';', 1)[0]?.trim();
}

/**
 * `Set-Cookie` for a cookie that no script reads, and that other sites send with nothing but a link that is followed.
 *
 * @param seconds how long the browser keeps it; absent: until it is closed
 */
export function setCookie(name: string, value: string, seconds?: number): string {
  const age = seconds === undefined ? '' : `; Max-Age=${seconds}`;
  return `${HOST}${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax${age}`;
}

/** `Set-Cookie` that takes a cookie away. */
export function clearCookie(name: string): string {
  return setCookie(name, '', 0);
}
