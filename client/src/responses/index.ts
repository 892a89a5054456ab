/** What every framework shares. */
import type { Assent } from '../assent.js';
import type { Context } from '../terms/question.js';
import { type Users, mustBeUse, usersOf } from './asking.js';
import { maskOf } from './mask.js';
import type { Shape } from './shape.js';

export type { Refusal, RequestOptions, Users } from './asking.js';
export { type Shape, type ShowsOptions, shows } from './shape.js';
export { UnreadableResponse } from './values.js';

export type MaskOptions = {
  /** Whose data it is, where the shape names no owner. */
  readonly user?: Users;
  readonly context?: Context;
};

/**
 * A new response with what the purpose may read of this one. An async iterable becomes another, of what may be read of
 * each value.
 *
 * @param shape see `shows`: what it does not map is left out
 * @throws UnreadableResponse when something in it cannot be looked into
 * @throws TypeError when the purpose cannot be asked about, or the shape is none
 */
export function mask(
  assent: Assent,
  purpose: string,
  shape: Shape,
  response: unknown,
  { user, context }: MaskOptions = {},
): Promise<unknown> {
  mustBeUse(purpose, ['any']);
  return maskOf(assent, { purpose, users: usersOf(user), context }, shape, response);
}
