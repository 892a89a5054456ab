/** The OpenAPI document at `/openapi.json` and a page to read and try it at `/docs`. */
import { HttpException, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { openApiOf, routeNamed } from './openapi.js';
import { share } from '../waiting.js';

/** The addresses that the documentation answers at. */
const ADDRESSES = ['/openapi.json', '/docs', '/docs/*'];

/** A file of the documentation, the same for everybody. */
type Page = { readonly type: string; readonly bytes: Buffer };

/** Valid file names: another spelling of one would be cached as another file. */
const FILE = /^\/(openapi\.json|docs(\/[\w.-]*)?)$/;

/** Serves the documentation, which is built at the first request: a start does not wait for it. */
export function serveDocumentation(app: NestFastifyApplication, publicUrl: string): void {
  let pages: Promise<FastifyInstance> | undefined;
  const kept = new Map<string, Promise<Page>>();
  const read = async (path: string): Promise<Page> => {
    const page = await (await (pages ??= makePages(app, publicUrl))).inject({ url: path });
    if (page.statusCode >= 400) throw notFound();
    share(page.rawPayload);
    return { type: String(page.headers['content-type']), bytes: page.rawPayload };
  };
  const pageAt = (path: string): Promise<Page> => {
    const known = kept.get(path);
    if (known !== undefined) return known;
    const page = read(path);
    kept.set(path, page);
    void page.catch(() => kept.delete(path));
    return page;
  };
  const answer = async ({ url }: FastifyRequest, reply: FastifyReply) => {
    const path = url.split('?', 1)[0] ?? '';
    if (!FILE.test(path)) throw notFound();
    const { type, bytes } = await pageAt(path);
    return reply.type(type).send(bytes);
  };
  for (const address of ADDRESSES) app.getHttpAdapter().get(address, answer);
}

function notFound(): HttpException {
  return new HttpException('there is no such page', 404);
}

/** A separate server, used only in memory, because the listening one takes no further routes. */
async function makePages(app: NestFastifyApplication, publicUrl: string): Promise<FastifyInstance> {
  // this takes a tenth of a start, and most processes never need it
  const { SwaggerModule } = await import('@nestjs/swagger');
  const routes = SwaggerModule.createDocument(app, NOTHING, { operationIdFactory: routeNamed });
  const document = openApiOf(routes.paths, publicUrl);
  const pages = await NestFactory.create<NestFastifyApplication>(Pages, new FastifyAdapter(), {
    logger: false,
  });
  SwaggerModule.setup('docs', pages, document, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: 'Assent',
  });
  await pages.init();
  return pages.getHttpAdapter().getInstance();
}

@Module({})
class Pages {}

/** The document without its routes. */
const NOTHING = { openapi: '3.1.0', info: { title: '', version: '' } };
