/** The settings page and its files, as `settings/scripts/build.mjs` made them. They are the same for everybody. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { whereMissing } from '../disk.js';
import { noRoute } from '../http/addresses.js';
import { acceptedCoding } from '../http/headers/accept-encoding.js';
import { acceptedLanguage } from '../http/headers/accept-language.js';
import { PUBLIC } from '../http/open-routes.js';
import { share } from '../http/waiting.js';
import { parseJson } from '../json.js';
import { readText } from '../text.js';

const FOLDER = new URL('../settings/', import.meta.url);
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

/** Whose name changes with what is in it may be kept for good. */
const FOR_GOOD = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';

/** A file in both forms, its media type, and the name of what is in it. */
type Kept = {
  readonly plain: Buffer;
  readonly brotli: Buffer | undefined;
  readonly type: string;
  readonly tag: string;
};

/** Serves the page at `/settings`, and the element for other pages at `/settings/assent-settings.js`. */
export function serveSettingsPage(server: FastifyInstance): void {
  const files = new Map<string, Promise<Kept>>();
  const at = (name: string) => {
    const kept = files.get(name) ?? fileOf(name);
    files.set(name, kept);
    void kept.catch(() => files.delete(name));
    return kept;
  };
  let listed: Promise<Listed> | undefined;
  const list = () => (listed ??= listOfFiles());
  server.get('/settings', { config: PUBLIC }, async ({ headers }, reply) => {
    void reply.type('text/html; charset=utf-8').headers({
      'content-security-policy': POLICY,
      'referrer-policy': 'same-origin',
      'cache-control': ASK_AGAIN,
      vary: 'accept-language',
    });
    return reply.send(pageOf(await list(), headers['accept-language']));
  });
  server.get('/settings/:file', { config: PUBLIC }, async (request, reply) => {
    const { file }: { readonly file?: unknown } = Object(request.params);
    const name = (await list()).names.find((one) => one === file);
    if (name === undefined) throw noRoute();
    return sent(request, reply, await at(name), name === EMBEDDED ? ASK_AGAIN : FOR_GOOD);
  });
}

function sent(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { plain, brotli, tag, type }: Kept,
  keep: string,
) {
  const takesBrotli = acceptedCoding(headers['accept-encoding']?.toString()) === 'br';
  const bytes = takesBrotli && brotli !== undefined ? brotli : plain;
  void reply.type(type).headers({
    'cache-control': keep,
    etag: tag,
    vary: 'accept-encoding',
    // pages of other origins load it as a module
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    ...(bytes === brotli ? { 'content-encoding': 'br' } : {}),
  });
  if (headers['if-none-match'] === tag) return reply.code(304).send();
  share(bytes);
  return reply.send(bytes);
}

async function fileOf(name: string): Promise<Kept> {
  const plain = await readFile(new URL(name, FOLDER));
  const brotli = await readFile(new URL(`${name}.br`, FOLDER)).catch(whereMissing(undefined));
  const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  const type = name.endsWith('.svg') ? 'image/svg+xml' : 'text/javascript; charset=utf-8';
  return { plain, brotli, type, tag };
}

type Listed = {
  readonly entry: string;
  readonly names: readonly string[];
  readonly icon: string;
  /** Files of the page's own words by language; English is in the script. */
  readonly words: ReadonlyMap<string, string>;
};

/** @throws Error when the page was not built */
async function listOfFiles(): Promise<Listed> {
  const list = parseJson(await readText(fileURLToPath(new URL('files.json', FOLDER))));
  const { entry, names, icon, words }: Readonly<Record<string, unknown>> = Object(list);
  if (typeof entry !== 'string' || !Array.isArray(names) || typeof icon !== 'string')
    throw new Error('the settings page is not built: run `npm run build`');
  const byLanguage = Object.entries(Object(words)).map(
    ([language, name]) => [language, String(name)] as const,
  );
  return { entry, names: names.map(String), icon, words: new Map(byLanguage) };
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
