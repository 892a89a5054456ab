/** The pages on which people sign in, and are told what went wrong. They run nothing. */
import { createHash } from 'node:crypto';
import { ROLES } from '../access/policy-permissions.js';
import type { DomainError } from '../errors.js';
import { type Spoken, directionOf } from '../http/headers/spoken.js';
import { escaped, pageHeaders } from '../http/page-headers.js';
import { SESSION_WORDS } from './sessions.words.js';

const STYLE =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}fieldset{margin:1rem 0;padding:1rem}label{display:block;margin:.5rem 0}input[type=text]{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}button{font:inherit;padding:.5rem 1rem}';
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Headers of these pages: nothing is loaded, and forms are sent to this service alone. */
export const SESSION_PAGE_HEADERS = pageHeaders({
  'style-src': `'sha256-${STYLE_HASH}'`,
  'form-action': "'self'",
});

function page(language: Spoken, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}" dir="${directionOf(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${body}
</main></body></html>
`;
}

/** A page that says something. @param link where to go on, if there is such a place */
export function messagePage(
  language: Spoken,
  title: string,
  says: string,
  link?: { readonly to: string; readonly as: string },
): string {
  const on = link === undefined ? '' : `\n<p><a href="${escaped(link.to)}">${escaped(link.as)}</a></p>`;
  return page(language, title, `<p>${escaped(says)}</p>${on}`);
}

/** The page that says why nobody was signed in; the detail, for whoever helps, is in English. */
export function failurePage(language: Spoken, { code, message }: DomainError): string {
  const { notSignedIn, failed } = SESSION_WORDS[language];
  const says = new Map<string, string>(Object.entries(failed)).get(code) ?? failed.other;
  return page(
    language,
    notSignedIn,
    `<p>${escaped(says)}</p>\n<p lang="en" dir="ltr">${escaped(message)}.</p>`,
  );
}

/**
 * The picker of people, in development mode.
 *
 * @param action where the form is sent
 * @param to the page that follows
 * @param user the id that stands in the form at first
 */
export function pickerPage(language: Spoken, action: string, to: string, user: string): string {
  const { picker, signIn } = SESSION_WORDS[language];
  const roles = Object.keys(ROLES)
    .map((role) => `<label><input type="checkbox" name="role" value="${role}"> <code>${role}</code></label>`)
    .join('\n');
  return page(
    language,
    picker.title,
    `<p>${picker.says}</p>
<form method="post" action="${escaped(action)}">
<input type="hidden" name="to" value="${escaped(to)}">
<label>${picker.id} <input type="text" name="id" value="${escaped(user)}" required maxlength="256" autocomplete="off" spellcheck="false" dir="auto"></label>
<fieldset><legend>${picker.roles}</legend>
${roles}
</fieldset>
<button>${signIn}</button>
</form>`,
  );
}
