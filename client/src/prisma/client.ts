/** What we need of a Prisma client, as far as it is one that we know: Prisma 7 keeps the text of its schema. */
import { isObject } from '../terms/json.js';
import { QueryRefused } from './query-refused.js';
import { type Mapping, mappingOf } from './mapping.js';
import { type SchemaModel, readSchema } from './schema-text.js';

type Callable = (this: unknown, ...args: readonly unknown[]) => unknown;

/** The mapping of each client that was asked for one: clients for many purposes are made of one. */
const MAPPINGS = new WeakMap<object, Mapping>();

/** The mapping that the schema of this very client has, so that it cannot be out of date. @throws TypeError */
export function mappingIn(client: object): Mapping {
  const mapping = MAPPINGS.get(client) ?? readMapping(client);
  MAPPINGS.set(client, mapping);
  return mapping;
}

function readMapping(client: object): Mapping {
  const schema = memberAt(client, '_engineConfig', 'inlineSchema');
  const models = memberAt(client, '_runtimeDataModel', 'models');
  const hasNoExtension = memberAt(client, '_extensions', 'isEmpty');
  if (typeof schema !== 'string' || !isObject(models) || !isCallable(hasNoExtension))
    throw new TypeError('`prisma` is not a client of Prisma 7: send what `new PrismaClient` made');
  if (hasNoExtension.call(memberAt(client, '_extensions')) !== true)
    throw new TypeError(
      '`prisma` has extensions, which would see what may not be read: send the client without them',
    );
  const read = readSchema(schema);
  for (const [name, model] of Object.entries(models))
    if (!isRead(read, name, memberAt(model, 'fields')))
      throw new TypeError(
        `the model \`${name}\` of the schema is not understood, so nothing is asked: report the lines of it`,
      );
  const known = read.filter(({ name }) => Object.hasOwn(models, name));
  return mappingOf(known, memberAt(client, '_engineConfig', 'activeProvider')).mapping;
}

/** Whether we read of the schema what Prisma read of it. */
function isRead(read: readonly SchemaModel[], name: string, fields: unknown): boolean {
  const model = read.find((one) => one.name === name);
  return (
    model !== undefined &&
    Array.isArray(fields) &&
    fields.every((field: unknown) =>
      model.fields.some(
        (one) =>
          one.name === memberAt(field, 'name') &&
          one.type === memberAt(field, 'type') &&
          (memberAt(field, 'kind') === 'object') === read.some((other) => other.name === one.type),
      ),
    )
  );
}

/** A function of the client. @throws QueryRefused when it has none */
export function functionOf(owner: unknown, name: string): Callable {
  const found = isObject(owner) ? Reflect.get(owner, name) : undefined;
  if (isCallable(found)) return found;
  throw new QueryRefused(`this client of Prisma has no \`${name}\``);
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}

/** What is at the end of these names. */
export function memberAt(value: unknown, ...names: readonly string[]): unknown {
  let at = value;
  for (const name of names) at = isObject(at) ? Reflect.get(at, name) : undefined;
  return at;
}
