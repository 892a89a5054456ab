/** Headers of pages: what is not allowed here, no page of this service can do. */

/** Directives of a Content Security Policy (CSP3) with their values. */
export type Directives = Readonly<Record<string, string>>;

const CLOSED: Directives = {
  'default-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/**
 * The headers of a page. It loads nothing, sends nothing and stands in no other page unless a directive opens that.
 *
 * @param opened directives that are added, or take the place of those that close
 */
export function pageHeaders(opened: Directives = {}): Readonly<Record<string, string>> {
  const policy = Object.entries({ ...CLOSED, ...opened }).map(([name, value]) => `${name} ${value}`.trim());
  return {
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
    // a browser shows no sandboxed page that has it (HTML, section 7.1.3)
    ...('sandbox' in opened ? {} : { 'cross-origin-opener-policy': 'same-origin' }),
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'content-type': 'text/html; charset=utf-8',
  };
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Text, escaped for an element or an attribute of HTML. */
export function escaped(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => ENTITIES.get(character) ?? '');
}
