/** Files of a page, as its build made them: read once, the same for everybody, with brotli where the browser takes it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { whereMissing } from '../disk.js';
import { noRoute } from '../http/addresses.js';
import { acceptedCoding } from '../http/headers/accept-encoding.js';
import { share } from '../http/waiting.js';
import { parseJson } from '../json.js';
import { readText } from '../text.js';

/** Whose name changes with what is in it may be kept for good. */
export const FOR_GOOD = 'public, max-age=31536000, immutable';
export const ASK_AGAIN = 'no-cache';

/** A file in both forms, its media type, and the name of what is in it. */
type Kept = {
  readonly plain: Buffer;
  readonly brotli: Buffer | undefined;
  readonly type: string;
  readonly tag: string;
};

const TYPES: ReadonlyMap<string, string> = new Map([
  ['svg', 'image/svg+xml'],
  ['css', 'text/css; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
]);

export class ServedFiles {
  private readonly files = new Map<string, Promise<Kept>>();
  private listed: Promise<Readonly<Record<string, unknown>>> | undefined;

  /** @param folder that has `files.json`, which lists the others in `names` */
  constructor(private readonly folder: URL) {}

  /** What the build wrote down about its files. @throws Error when there was no build */
  list(): Promise<Readonly<Record<string, unknown>>> {
    return (this.listed ??= this.read());
  }

  private async read(): Promise<Readonly<Record<string, unknown>>> {
    const text = await readText(fileURLToPath(new URL('files.json', this.folder))).catch(
      whereMissing(undefined),
    );
    if (text === undefined) throw new Error('the page is not built: run `npm run build`');
    const list: Readonly<Record<string, unknown>> = Object(parseJson(text));
    return list;
  }

  /**
   * Sends a file that the build listed.
   *
   * @param keep how long a browser may keep it (RFC 9111, section 5.2)
   * @param headers more of them
   * @throws DomainError `route_not_found`
   */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    keep: (name: string) => string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<FastifyReply> {
    const { file }: { readonly file?: unknown } = Object(request.params);
    const { names } = await this.list();
    const name: unknown = Array.isArray(names) ? names.find((one) => one === file) : undefined;
    if (typeof name !== 'string') throw noRoute();
    const { plain, brotli, tag, type } = await this.at(name);
    const takesBrotli = acceptedCoding(request.headers['accept-encoding']?.toString()) === 'br';
    const bytes = takesBrotli && brotli !== undefined ? brotli : plain;
    void reply.type(type).headers({
      'cache-control': keep(name),
      etag: tag,
      vary: 'accept-encoding',
      ...headers,
      ...(bytes === brotli ? { 'content-encoding': 'br' } : {}),
    });
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    share(bytes);
    return reply.send(bytes);
  }

  private at(name: string): Promise<Kept> {
    const kept = this.files.get(name) ?? this.fileOf(name);
    this.files.set(name, kept);
    void kept.catch(() => this.files.delete(name));
    return kept;
  }

  private async fileOf(name: string): Promise<Kept> {
    const plain = await readFile(new URL(name, this.folder));
    const brotli = await readFile(new URL(`${name}.br`, this.folder)).catch(whereMissing(undefined));
    const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
    const type = TYPES.get(name.slice(name.lastIndexOf('.') + 1)) ?? 'application/octet-stream';
    return { plain, brotli, type, tag };
  }
}
