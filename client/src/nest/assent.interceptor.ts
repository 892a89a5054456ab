import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  StreamableFile,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Observable, type OperatorFunction, concatMap, defer, finalize, from, tap } from 'rxjs';
import { Assent } from '../assent.js';
import { maskOf } from '../responses/mask.js';
import { UnreadableResponse } from '../responses/values.js';
import { DATA_USE, SHAPE } from './metadata.js';

/** Takes out of each value that a handler answers with what may not be read. */
@Injectable()
export class AssentInterceptor implements NestInterceptor {
  constructor(
    @Inject(Assent) private readonly assent: Assent,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const use = this.reflector.get(DATA_USE, context.getHandler());
    const shape = this.reflector.get(SHAPE, context.getHandler());
    if (use === undefined || shape === undefined)
      throw new Error('the handler does not say what its response shows: add @UsesData and @Shows');
    // before the handler, which may change the request
    return from(use.askingOf(context)).pipe(
      concatMap((asking) =>
        next.handle().pipe(
          inTurn((value) => {
            if (value instanceof StreamableFile)
              throw new UnreadableResponse('', 'is a file, which cannot be looked into: answer with objects');
            return maskOf(this.assent, asking, shape, value);
          }),
        ),
      ),
    );
  }
}

/** Most values that wait until those before them are examined. */
const MOST_WAITING = 10_000;

/** Each value when those before it are done; a source does not wait for that, so an endless one would fill the memory. */
function inTurn<T>(examine: (value: T) => Promise<unknown>): OperatorFunction<T, unknown> {
  return (source) =>
    defer(() => {
      let waiting = 0;
      return source.pipe(
        tap(() => {
          if (++waiting > MOST_WAITING)
            throw new UnreadableResponse(
              '',
              `has more than ${MOST_WAITING} values that wait to be examined: send them slower, or answer with an async iterable, which waits`,
            );
        }),
        concatMap((value) => from(examine(value)).pipe(finalize(() => waiting--))),
      );
    });
}
