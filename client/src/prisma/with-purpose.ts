import type { Assent } from '../assent.js';
import { faultOfName } from '../terms/question.js';
import { isObject } from '../terms/json.js';
import { functionOf, mappingIn, memberAt } from './client.js';
import { notUnderstood } from './conditions.js';
import type { Mapping } from './mapping.js';
import { OPERATION_NAMES, queryOf } from './operations.js';
import { QueryRefused } from './query-refused.js';
import { withoutRows } from './query-failed.js';
import { type Treatment, shown } from './rows.js';

export type PurposeSettings = {
  /** Whom to ask. */
  readonly assent: Assent;
  /**
   * What is done where the owner of a row does not permit a column that is read: it is `null` (`mask`, the default), or
   * the row is left out (`drop`).
   */
  readonly rows?: Treatment;
};

/** What of a client beside its models can be used with a purpose. */
const KEPT = ['$transaction', '$connect', '$disconnect'] as const;
const REFUSED = {
  ...withReason(
    ['$queryRaw', '$queryRawUnsafe', '$queryRawTyped', '$executeRaw', '$executeRawUnsafe', '$runCommandRaw'],
    'nobody can tell which columns SQL reads',
  ),
  ...withReason(['$extends', '$on'], 'it would see what may not be read'),
};

/** The models of a client, without what could show more than the purpose may read. */
export type PurposeClient<Client> = {
  [
    Name in keyof Client as Client[Name] extends { readonly findMany: unknown }
      ? Name
      : Extract<Name, (typeof KEPT)[number]>
  ]: Client[Name];
};

/**
 * A client that reads for a purpose: of each row, only what its owner permits the purpose. What would tell of a column
 * without showing it is refused: a condition, an order or a figure of a field, and SQL. See client/docs/prisma.md.
 *
 * Where a column is masked, `null` stands in it, whatever its type says.
 *
 * @param prisma a client of Prisma 7 without extensions
 * @throws TypeError in words when nothing can be asked so
 */
export function withPurpose<Client extends object>(
  prisma: Client,
  purpose: string,
  { assent, rows = 'mask' }: PurposeSettings,
): PurposeClient<Client> {
  const fault = faultOfName('purpose', purpose);
  if (fault !== undefined) throw new TypeError(fault);
  if (rows !== 'mask' && rows !== 'drop') throw new TypeError('`rows` is neither `mask` nor `drop`: set one');
  if (typeof assent?.checkMany !== 'function')
    throw new TypeError('`assent` is no client of Assent: make one with `createAssent`');
  const mapping = mappingIn(prisma);
  const guarded = functionOf(prisma, '$extends').call(prisma, {
    name: 'assent',
    query: {
      async $allOperations(asked: Asked) {
        const { query, plan } = admitted(mapping, asked);
        const found = await asked.query(query).catch((error: unknown) => {
          throw withoutRows(error, mapping);
        });
        if (plan === undefined) return found;
        // what was written is told, masked: that it was written is nothing to hide
        const isRead = String(asked.operation).startsWith('find');
        const visible = await shown(found, plan, assent, purpose, isRead ? rows : 'mask');
        if (visible === null && String(asked.operation).endsWith('OrThrow'))
          throw new QueryRefused('the row is left out, for its owner does not permit what is read of it');
        return visible;
      },
    },
  });
  const surface = surfaceOf(guarded, mapping);
  if (isSurface(surface, prisma, mapping)) return surface;
  throw new TypeError('`prisma` does not have the models of its own schema: generate it anew');
}

/** What Prisma hands to an extension. */
type Asked = {
  readonly model?: unknown;
  readonly operation: unknown;
  readonly args: unknown;
  readonly query: (args: unknown) => Promise<unknown>;
};

/** @throws QueryRefused */
function admitted(mapping: Mapping, asked: Asked) {
  const operation = String(asked.operation);
  const model = typeof asked.model === 'string' ? mapping.get(asked.model) : undefined;
  if (model === undefined) throw notUnderstood(`the operation \`${operation}\` of no model that is known`);
  const path = memberAt(asked, '__internalParams', 'dataPath');
  if (!Array.isArray(path) || path.length > 0)
    throw new QueryRefused(
      'a relation is read of a query that is not awaited: name it in `select` or `include`',
    );
  const { args, plan } = queryOf(mapping, model, operation, asked.args);
  return { query: args, plan };
}

/** An object with the models and functions that there are with a purpose, and nothing that leads to the client itself. */
function surfaceOf(client: unknown, mapping: Mapping): object {
  const surface: Record<string, unknown> = {};
  for (const name of mapping.keys()) {
    const delegate = memberAt(client, propertyOf(name));
    const operations: Record<string, unknown> = {};
    for (const operation of OPERATION_NAMES) {
      if (!isObject(delegate) || !(operation in delegate)) continue;
      operations[operation] = (args: unknown) => functionOf(delegate, operation).call(delegate, args);
    }
    surface[propertyOf(name)] = Object.freeze(operations);
  }
  for (const [name, reason] of Object.entries(REFUSED))
    surface[name] = () => {
      throw new QueryRefused(`\`${name}\` is refused, as ${reason}: use a client that has no purpose`);
    };
  surface['$connect'] = () => functionOf(client, '$connect').call(client);
  surface['$disconnect'] = () => functionOf(client, '$disconnect').call(client);
  surface['$transaction'] = (work: unknown, options: unknown) => transaction(client, mapping, work, options);
  return Object.freeze(surface);
}

async function transaction(
  client: unknown,
  mapping: Mapping,
  work: unknown,
  options: unknown,
): Promise<unknown> {
  const own = new Set<unknown>();
  const guarded = async (tx: unknown): Promise<unknown> => {
    try {
      return await (typeof work === 'function' && Reflect.apply(work, undefined, [surfaceOf(tx, mapping)]));
    } catch (error) {
      own.add(error);
      throw error;
    }
  };
  try {
    return await functionOf(client, '$transaction').call(
      client,
      typeof work === 'function' ? guarded : work,
      options,
    );
  } catch (error) {
    // the database tells only at the end of the transaction what does not fit
    throw own.has(error) ? error : withoutRows(error, mapping);
  }
}

/** How Prisma names a model in a client. */
function propertyOf(model: string): string {
  return model.slice(0, 1).toLowerCase() + model.slice(1);
}

/** Whether the surface has the models of the client, with their operations as the client has them. */
function isSurface<Client extends object>(
  surface: object,
  client: Client,
  mapping: Mapping,
): surface is PurposeClient<Client> {
  return [...mapping.keys()].every((name) => {
    const property = propertyOf(name);
    return isObject(memberAt(client, property)) && isObject(memberAt(surface, property));
  });
}

function withReason(names: readonly string[], reason: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, reason]));
}
