import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Assent } from '../assent.js';
import { refusalOf } from '../responses/asking.js';
import { DATA_USE } from './metadata.js';

/** Refuses a handler that uses what may not be read, unless its response is masked. */
@Injectable()
export class AssentGuard implements CanActivate {
  constructor(
    @Inject(Assent) private readonly assent: Assent,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  /** @throws ForbiddenException whose body says why */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const use = this.reflector.get(DATA_USE, context.getHandler());
    if (use === undefined) return false;
    if (use.onDeny === 'mask') return true;
    const refusal = await refusalOf(this.assent, await use.askingOf(context), use.fields);
    if (refusal !== undefined) throw new ForbiddenException(refusal);
    return true;
  }
}
