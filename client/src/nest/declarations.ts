/** What handlers declare: the data that they use, and what their responses show. */
import { type ExecutionContext, UseGuards, applyDecorators } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import type { Context } from '../terms/question.js';
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
 * @throws TypeError in words when the purpose or the fields cannot be asked about, or a method declares its data twice
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
  );
  return (prototype, key, descriptor) => {
    if (Reflect.hasOwnMetadata(DATA_USE.KEY, Object(descriptor.value)))
      throw new TypeError(
        `\`${String(key)}\` has @UsesData twice: list all fields in one, or split the handler`,
      );
    noteDeclared(prototype, key);
    decorate(prototype, key, descriptor);
    interceptAll(descriptor.value);
  };
}

/** Has it intercepted around the other interceptors of the method, so that what they add is examined as well. */
function interceptAll(method: unknown): void {
  if (typeof method !== 'function') return;
  const others: unknown = Reflect.getMetadata(INTERCEPTORS_METADATA, method);
  const all = [AssentInterceptor, ...(Array.isArray(others) ? others : [])];
  Reflect.defineMetadata(INTERCEPTORS_METADATA, all, method);
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
