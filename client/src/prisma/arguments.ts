/** The arguments of a query, before anything is looked for in them. */
import { types } from 'node:util';
import { isPlain } from '../terms/json.js';
import { notUnderstood } from './conditions.js';

/** An object with this member Prisma hands on as it is: whatever stands there, also what is no value of JSON. */
const UNREAD = '__prismaRawParameters__';

/**
 * A copy of which each member was read once, so that what is checked is what is asked. Decimals are texts in it. An object
 * of another class stays what it is, for the checks to refuse.
 *
 * @throws QueryRefused where Prisma would not read it as it stands
 */
export function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (types.isDate(value)) return new Date(Date.prototype.getTime.call(value));
  if (types.isUint8Array(value)) return new Uint8Array(value);
  if (isDecimal(value)) return String(value.toFixed());
  const copy = partsOf(value);
  if (UNREAD in copy) throw notUnderstood(`\`${UNREAD}\``);
  return copy;
}

function partsOf(value: object): object {
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_item, at) => copyOf(value[at]));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)]));
}

/** Whether Prisma would take it for a decimal. */
function isDecimal(value: object): value is { toFixed(): unknown } {
  return (
    !isPlain(value) &&
    Array.isArray(Reflect.get(value, 'd')) &&
    typeof Reflect.get(value, 'e') === 'number' &&
    typeof Reflect.get(value, 's') === 'number' &&
    typeof Reflect.get(value, 'toFixed') === 'function'
  );
}
