/** Routes that hear Global Privacy Control: whatever else a request asks, the signal it carries is recorded first. */
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
  applyDecorators,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { addressedIn, callerOfRequest } from '../../access/request-caller.js';
import { Adds } from '../../http/described.js';
import { changedBy } from './addressed-user.js';
import { signalOf } from './gpc.js';
import { Hearing } from './hearing.js';

@Injectable()
class GpcInterceptor implements NestInterceptor {
  constructor(private readonly hearing: Hearing) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const by = changedBy(callerOfRequest(request));
    await this.hearing.hear(addressedIn(request), by, signalOf(request.headers));
    return next.handle();
  }
}

/** Has a route on a user record the `Sec-GPC` of its requests before it does anything else. */
export const HearsGpc = () =>
  applyDecorators(
    UseInterceptors(GpcInterceptor),
    Adds({ headers: ['Sec-GPC'], problems: ['consent_unavailable', 'not_confirmed'] }),
  );
