/** The console and its files, as `console/scripts/build.mjs` made them. They are the same for everybody who signs in. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { PUBLIC } from '../http/open-routes.js';
import { escaped, pageHeaders } from '../http/page-headers.js';
import { FOR_GOOD, ServedFiles } from './served-files.js';

const NONCE_BYTES = 16;

/**
 * Serves the page at `/console` and below: its script finds the view of an address.
 *
 * @param base path that browsers reach the service below, without a slash at its end
 */
export function serveConsolePage(server: FastifyInstance, base: string): void {
  const files = new ServedFiles(new URL('../console/', import.meta.url));
  server.get('/console/files/:file', { config: PUBLIC }, (request, reply) =>
    files.send(request, reply, () => FOR_GOOD),
  );
  for (const place of ['/console', '/console/*'])
    server.get(place, { config: PUBLIC }, async (_request, reply) => {
      const list = await files.list();
      const nonce = randomBytes(NONCE_BYTES).toString('base64');
      void reply.headers({
        ...pageHeaders({
          'script-src': "'self'",
          // React Aria puts a rule of its own into the page, with the nonce of the meta element
          'style-src': `'self' 'nonce-${nonce}'`,
          'connect-src': "'self'",
          'img-src': "'self'",
          'worker-src': "'self'",
          'base-uri': "'self'",
        }),
        'cache-control': 'no-store',
      });
      return reply.send(pageOf(`${base}/console/`, nonce, list));
    });
}

function pageOf(home: string, nonce: string, list: Readonly<Record<string, unknown>>): string {
  const styles = namesIn(list, 'styles').map((name) => `<link rel="stylesheet" href="files/${name}">`);
  const chunks = namesIn(list, 'first').map((name) => `<link rel="modulepreload" href="files/${name}">`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<base href="${escaped(home)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta property="csp-nonce" content="${nonce}">
<title>Assent</title>
${[...styles, ...chunks].join('\n')}
<script type="module" src="files/${escaped(String(list['entry']))}"></script>
<link rel="icon" type="image/svg+xml" href="files/${escaped(String(list['icon']))}">
</head>
<body>
<div id="console"></div>
<noscript><p>The console needs JavaScript. Everything in it can be done with the API and with npm run policy as well.</p></noscript>
</body>
</html>
`;
}

function namesIn(list: Readonly<Record<string, unknown>>, member: string): string[] {
  const names = list[member];
  return Array.isArray(names) ? names.map(String) : [];
}
