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
/** Names of the methods of a prototype that declare data: what another decorator puts in their place has no guard. */
const DECLARED = Symbol('methods with @UsesData');

export function noteDeclared(prototype: object, key: string | symbol): void {
  const keys = declaredIn(prototype);
  Reflect.defineMetadata(DECLARED, [...keys, key], prototype);
}

/** Those of the prototypes that it is made of as well. */
export function declaredIn(prototype: object): readonly (string | symbol)[] {
  const keys: unknown = Reflect.getMetadata(DECLARED, prototype);
  return Array.isArray(keys) ? keys : [];
}

export const NO_DATA = Reflector.createDecorator<true>();
export const SHAPE = Reflector.createDecorator<Shape>();
