/** The OpenAPI document at `/openapi.json` and a page to read and try it at `/docs`. */
import { readFileSync } from 'node:fs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

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

export function serveDocumentation(app: NestFastifyApplication, publicUrl: string): void {
  const description = new DocumentBuilder()
    .setTitle('Assent')
    .setDescription('May this purpose use this field of this user, now?')
    .setVersion(versionOfPackage())
    .addServer(publicUrl)
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => withProblems(SwaggerModule.createDocument(app, description)), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: 'Assent',
  });
}

/** Every operation can fail, and always in the same form. */
function withProblems(document: OpenAPIObject): OpenAPIObject {
  const problem = {
    description: 'what went wrong, as problem details (RFC 9457)',
    content: { 'application/problem+json': { schema: PROBLEM } },
  };
  for (const path of Object.values(document.paths))
    for (const operation of [path.get, path.put, path.post])
      if (operation !== undefined) operation.responses = { ...operation.responses, default: problem };
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
