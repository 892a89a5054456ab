/** What can be looked into: values as JSON has them, and dates. */
import { types } from 'node:util';

/** A response that cannot be looked into, so that nothing of it may be sent. The message names no value of it. */
export class UnreadableResponse extends Error {
  override readonly name = 'UnreadableResponse';

  /** @param path where it is, as the program mapped it */
  constructor(path: string, fault: string) {
    super(`${path === '' ? 'the response' : `\`${path}\` of the response`} ${fault}`);
  }
}

/** The value of an own enumerable data property. To run a getter is to read, so what it would make is not there. */
export function ownValue(object: object, name: string): unknown {
  const property = Object.getOwnPropertyDescriptor(object, name);
  return property?.enumerable === true ? property.value : undefined;
}

/** Puts a property there, whatever its name means in a prototype. */
export function put(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

/** The items of a list, holes and getters being `undefined`. */
export function itemsOf(list: readonly unknown[]): unknown[] {
  return Array.from({ length: list.length }, (_item, at) => ownValue(list, String(at)));
}

/** Most objects and lists within each other: who walks them must not run out of stack. */
const DEEPEST = 1_000;

/**
 * Walks objects, and refuses those whose content is not in their own properties, those that say themselves what they are
 * sent as, and those that hold themselves.
 */
export class Walk {
  private readonly around = new Set<object>();

  /** @throws UnreadableResponse */
  into<T>(value: object, path: string, step: () => T): T {
    if (this.around.has(value))
      throw new UnreadableResponse(path, 'holds itself: answer with objects that end somewhere');
    if (this.around.size === DEEPEST)
      throw new UnreadableResponse(path, `has more than ${DEEPEST} levels: answer with fewer`);
    const isList = Array.isArray(value);
    if (!isList && Object.prototype.toString.call(value) !== '[object Object]')
      throw new UnreadableResponse(path, CLOSED);
    if (!isList && (Symbol.iterator in value || Symbol.asyncIterator in value))
      throw new UnreadableResponse(path, CLOSED);
    if ('toJSON' in value)
      throw new UnreadableResponse(
        path,
        'has a `toJSON`, which may send anything: answer with what it would send',
      );
    this.around.add(value);
    const result = step();
    this.around.delete(value);
    return result;
  }

  /**
   * A copy without prototypes. What JSON has no value for is left out.
   *
   * @throws UnreadableResponse
   */
  copyOf(value: unknown, path: string): unknown {
    if (typeof value === 'bigint')
      throw new UnreadableResponse(path, 'is a BigInt, which JSON does not have: answer with a text');
    if (typeof value === 'function' || typeof value === 'symbol') return undefined;
    if (typeof value !== 'object' || value === null) return value;
    if (types.isDate(value)) return new Date(Date.prototype.getTime.call(value));
    return this.into(value, path, () => {
      if (Array.isArray(value)) return itemsOf(value).map((item) => this.copyOf(item, path));
      const copy: object = Object.create(null);
      for (const name of Object.keys(value)) put(copy, name, this.copyOf(ownValue(value, name), path));
      return copy;
    });
  }
}

const CLOSED = 'is nothing that can be looked into: answer with objects, lists, texts, numbers and dates';
