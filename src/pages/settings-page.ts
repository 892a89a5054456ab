/** The settings page and its files, as `settings/scripts/build.mjs` made them. They are the same for everybody. */
import type { FastifyInstance } from 'fastify';
import { acceptedLanguage } from '../http/headers/accept-language.js';
import { PUBLIC } from '../http/open-routes.js';
import { ASK_AGAIN, FOR_GOOD, ServedFiles } from './served-files.js';

/** By this name hosts embed it, whatever version it is. */
const EMBEDDED = 'assent-settings.js';

/** Nothing but its own script, which puts its style in by itself, and what that asks of the service. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Serves the page at `/settings`, and the element for other pages at `/settings/assent-settings.js`. */
export function serveSettingsPage(server: FastifyInstance): void {
  const files = new ServedFiles(new URL('../settings/', import.meta.url));
  server.get('/settings', { config: PUBLIC }, async ({ headers }, reply) => {
    void reply.type('text/html; charset=utf-8').headers({
      'content-security-policy': POLICY,
      'referrer-policy': 'same-origin',
      'cache-control': ASK_AGAIN,
      vary: 'accept-language',
    });
    return reply.send(pageOf(listedIn(await files.list()), headers['accept-language']));
  });
  server.get('/settings/:file', { config: PUBLIC }, (request, reply) =>
    files.send(request, reply, (name) => (name === EMBEDDED ? ASK_AGAIN : FOR_GOOD), FOR_OTHER_ORIGINS),
  );
}

/** Pages of other origins load it as a module. */
const FOR_OTHER_ORIGINS = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
};

type Listed = {
  readonly entry: string;
  readonly icon: string;
  /** Files of the page's own words by language; English is in the script. */
  readonly words: ReadonlyMap<string, string>;
};

function listedIn({ entry, icon, words }: Readonly<Record<string, unknown>>): Listed {
  const byLanguage = Object.entries(Object(words)).map(
    ([language, name]) => [language, String(name)] as const,
  );
  return { entry: String(entry), icon: String(icon), words: new Map(byLanguage) };
}

/**
 * Its language is set once it is known. The first answer that its script asks for is on the way while the script is: a
 * browser gives it to that one request, and to no later one. So are the words of the language that the browser asks for,
 * which the policy most likely has as well.
 */
function pageOf({ entry, icon, words }: Listed, asked: string | undefined): string {
  const file = words.get(acceptedLanguage(asked, ['en', ...words.keys()]));
  const spoken = file === undefined ? '' : `\n<link rel="modulepreload" href="settings/${file}">`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Your data, your settings</title>
<link rel="preload" as="fetch" href="v1/users/me/settings" crossorigin>${spoken}
<script type="module" src="settings/${entry}"></script>
<link rel="icon" type="image/svg+xml" href="settings/${icon}">
</head>
<body>
<assent-settings whole></assent-settings>
<noscript><p>This page needs JavaScript. Your data can be read and your settings changed through the API as well.</p></noscript>
</body>
</html>
`;
}
