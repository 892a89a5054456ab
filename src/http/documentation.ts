/** The OpenAPI document at `/openapi.json` and a page to read and try it at `/docs`. */
import { readFileSync } from 'node:fs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

export function serveDocumentation(app: NestFastifyApplication, publicUrl: string): void {
  const description = new DocumentBuilder()
    .setTitle('Assent')
    .setDescription('May this purpose use this field of this user, now?')
    .setVersion(versionOfPackage())
    .addServer(publicUrl)
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, description), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: 'Assent',
  });
}

function versionOfPackage(): string {
  const description: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return typeof description === 'object' && description !== null && 'version' in description
    ? String(description.version)
    : '0';
}
