/** What handlers declare: the data that they use, and what their responses show. */
import { type ExecutionContext, UseGuards, UseInterceptors, applyDecorators } from '@nestjs/common';
import type { Context } from '../question.js';
import { type Users, askingOf, mustBeUse } from '../responses/asking.js';
import { type ShowsOptions, shows } from '../responses/shape.js';
import { AssentGuard } from './assent.guard.js';
import { AssentInterceptor } from './assent.interceptor.js';
import { DATA_USE, NO_DATA, SHAPE, noteDeclared } from './metadata.js';

export type UsesDataOptions<Request> = {
  /**
   * Whose data it is: of one user or of several, of whom each must permit. Absent: of the user whom the route names as
   * `:user`.
   *
   * @param request of HTTP; of anything else, the first argument that Nest hands on
   */
  readonly user?: (request: Request, context: ExecutionContext) => Users | Promise<Users>;
  /** Facts of the request. */
  readonly context?: (request: Request, context: ExecutionContext) => Context | undefined;
  /**
   * `refuse`, by default: unless all fields may be read of the user, the handler does not run, and 403 is answered.
   * `mask`: it runs, and what may not be read is taken out of its response.
   */
  readonly onDeny?: 'refuse' | 'mask';
};

/**
 * Declares that a handler uses these fields for a purpose. Either way, its response has only what `@Shows` maps and the
 * purpose may read.
 *
 * @throws TypeError in words when the purpose or the fields cannot be asked about
 */
export function UsesData<Request = unknown>(
  purpose: string,
  fields: readonly string[],
  { user, context: facts, onDeny = 'refuse' }: UsesDataOptions<Request> = {},
): MethodDecorator {
  mustBeUse(purpose, fields);
  if (!['refuse', 'mask'].includes(onDeny))
    throw new TypeError('`onDeny` is neither `refuse` nor `mask`: choose one');
  const decorate = applyDecorators(
    DATA_USE({
      purpose,
      fields,
      onDeny,
      namesUser: user !== undefined,
      askingOf: (context) =>
        askingOf<Request>(
          purpose,
          {
            ...(user === undefined ? {} : { user: (request) => user(request, context) }),
            ...(facts === undefined ? {} : { context: (request) => facts(request, context) }),
          },
          context.switchToHttp().getRequest<Request>(),
        ),
    }),
    UseGuards(AssentGuard),
    UseInterceptors(AssentInterceptor),
  );
  return (prototype, key, descriptor) => {
    noteDeclared(prototype, key);
    decorate(prototype, key, descriptor);
  };
}

/** Declares that a handler, or each of a class, uses no data of users. */
export function UsesNoData(): ClassDecorator & MethodDecorator {
  return NO_DATA(true);
}

/**
 * Declares which field each property of a response is, by its path: `'experience.title': 'member.experience'`; or which
 * the whole response is.
 *
 * @throws TypeError as `shows` does
 */
export function Shows(
  fields: string | Readonly<Record<string, string>>,
  options?: ShowsOptions,
): MethodDecorator {
  return SHAPE(shows(fields, options));
}
