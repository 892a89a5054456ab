import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  StreamableFile,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Observable, concatMap, from } from 'rxjs';
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
          concatMap((value) => {
            if (value instanceof StreamableFile)
              throw new UnreadableResponse('', 'is a file, which cannot be looked into: answer with objects');
            return from(maskOf(this.assent, asking, shape, value));
          }),
        ),
      ),
    );
  }
}
