/** What decorators note of handlers. */
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Asking } from '../responses/asking.js';
import type { Shape } from '../responses/shape.js';

/** The data that a handler uses. */
export type DataUse = {
  readonly purpose: string;
  readonly fields: readonly string[];
  /** What is done where a field is denied: nothing is answered, or an answer without it. */
  readonly onDeny: 'refuse' | 'mask';
  /** Whether the program says whose data it is; otherwise the route does. */
  readonly namesUser: boolean;
  readonly askingOf: (context: ExecutionContext) => Promise<Asking>;
};

export const DATA_USE = Reflector.createDecorator<DataUse>();
export const NO_DATA = Reflector.createDecorator<true>();
export const SHAPE = Reflector.createDecorator<Shape>();
