/** The OpenAPI document at `/openapi.json` and a page to read and try it at `/docs`. */
import { readFileSync } from 'node:fs';
import { HttpException, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { loadSwagger } from './described.js';
import { share } from './waiting.js';

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'request_id'],
  properties: {
    type: { type: 'string', description: '`urn:assent:problem:` and the error code' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'what happened, and what to do next' },
    member: { type: 'string', description: 'the member at fault, as a JSON Pointer' },
    request_id: { type: 'string' },
  },
};

/** The addresses that the documentation answers at. */
const ADDRESSES = ['/openapi.json', '/docs', '/docs/*'];

/** A file of the documentation as everybody gets it. */
type Page = { readonly type: string; readonly bytes: Buffer };

/** Names of files as the documentation has them; another spelling of one would be kept as another one. */
const FILE = /^\/(openapi\.json|docs(\/[\w.-]*)?)$/;

/** Serves the documentation, which is made when it is first asked for: a start does not wait for it. */
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

/** A server of its own, asked in memory only, because the one that listens takes no further routes. */
async function makePages(app: NestFastifyApplication, publicUrl: string): Promise<FastifyInstance> {
  const { DocumentBuilder, SwaggerModule } = await loadSwagger();
  const description = new DocumentBuilder()
    .setTitle('Assent')
    .setDescription('May this purpose use this field of this user, now?')
    .setVersion(versionOfPackage())
    .addServer(publicUrl)
    .addBearerAuth()
    .build();
  const document = withProblems(SwaggerModule.createDocument(app, description));
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

const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

/** Every operation can fail, and always in the same form. */
function withProblems(document: OpenAPIObject): OpenAPIObject {
  const problem = {
    description: 'what went wrong, as problem details (RFC 9457)',
    content: { 'application/problem+json': { schema: PROBLEM } },
  };
  for (const path of Object.values(document.paths))
    for (const method of METHODS) {
      const operation = path[method];
      if (operation !== undefined) operation.responses = { ...operation.responses, default: problem };
    }
  return document;
}

function versionOfPackage(): string {
  const description: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return typeof description === 'object' && description !== null && 'version' in description
    ? String(description.version)
    : '0';
}
