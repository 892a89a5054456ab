/**
 * The decorators that describe routes for the OpenAPI document: those of `@nestjs/swagger`, put off until the document
 * is first asked for. Loading that package is a tenth of a start, and most processes are never asked.
 */
import type * as Swagger from '@nestjs/swagger';

const descriptions: ((swagger: typeof Swagger) => void)[] = [];

/** Loads `@nestjs/swagger` and tells it everything that was described since it was last loaded. */
export async function loadSwagger(): Promise<typeof Swagger> {
  const swagger = await import('@nestjs/swagger');
  for (const describe of descriptions.splice(0)) describe(swagger);
  return swagger;
}

function ofClass(decorator: (swagger: typeof Swagger) => ClassDecorator): ClassDecorator {
  return (target) => void descriptions.push((swagger) => decorator(swagger)(target));
}

function ofMethod(decorator: (swagger: typeof Swagger) => MethodDecorator): MethodDecorator {
  return (target, key, descriptor) =>
    void descriptions.push((swagger) => decorator(swagger)(target, key, descriptor));
}

export const ApiTags = (...tags: string[]) => ofClass((swagger) => swagger.ApiTags(...tags));
export const ApiBearerAuth = () => ofClass((swagger) => swagger.ApiBearerAuth());
export const ApiOperation = (options: Swagger.ApiOperationOptions) =>
  ofMethod((swagger) => swagger.ApiOperation(options));
export const ApiBody = (options: Swagger.ApiBodyOptions) => ofMethod((swagger) => swagger.ApiBody(options));
export const ApiQuery = (options: Swagger.ApiQueryOptions) =>
  ofMethod((swagger) => swagger.ApiQuery(options));
export const ApiHeader = (options: Swagger.ApiHeaderOptions) =>
  ofMethod((swagger) => swagger.ApiHeader(options));
export const ApiConsumes = (...types: string[]) => ofMethod((swagger) => swagger.ApiConsumes(...types));
export const ApiProduces = (...types: string[]) => ofMethod((swagger) => swagger.ApiProduces(...types));
export const ApiOkResponse = (options: Swagger.ApiResponseOptions) =>
  ofMethod((swagger) => swagger.ApiOkResponse(options));
