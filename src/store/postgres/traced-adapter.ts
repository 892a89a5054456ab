/** A span for each statement that belongs to a trace, see `src/traces.ts`. */
import type {
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
  SqlQueryable,
} from '@prisma/driver-adapter-utils';
import { inClientSpan, isTraced } from '../../traces.js';

/**
 * What a statement does and with which table: what it writes, if it writes. Of its text nothing is kept, so no value can be.
 */
const SUMMARIES = [
  /\b(INSERT)\s+INTO\s+"?(\w+)"?(?:\."?(\w+))?/i,
  /\b(DELETE)\s+FROM\s+"?(\w+)"?(?:\."?(\w+))?/i,
  /\b(?<!FOR\s|NO\sKEY\s)(UPDATE)\s+"?(\w+)"?(?:\."?(\w+))?/i,
  /\b(SELECT)\b(?:[^;]*?\bFROM\s+"?(\w+)"?(?:\."?(\w+))?)?/i,
];

/** Database semantic conventions of OpenTelemetry. */
function described({ sql }: SqlQuery): {
  readonly name: string;
  readonly attributes: Record<string, string>;
} {
  const found = SUMMARIES.map((summary) => summary.exec(sql)).find((match) => match !== null);
  const [, verb = 'statement', schema, table] = found ?? [];
  const operation = verb.toUpperCase();
  const collection = table ?? schema;
  const name = collection === undefined ? operation : `${operation} ${collection}`;
  const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': operation };
  return {
    name,
    attributes: { ...attributes, ...(collection === undefined ? {} : { 'db.collection.name': collection }) },
  };
}

function tracedQueries<Q extends SqlQueryable>(on: Q): Q {
  const queryRaw = on.queryRaw.bind(on);
  const executeRaw = on.executeRaw.bind(on);
  const inOne = <T>(query: SqlQuery, send: (query: SqlQuery) => Promise<T>): Promise<T> => {
    const { name, attributes } = described(query);
    return inClientSpan(name, attributes, () => send(query));
  };
  return Object.assign(on, {
    queryRaw: (query: SqlQuery) => inOne(query, queryRaw),
    executeRaw: (query: SqlQuery) => inOne(query, executeRaw),
  });
}

function tracedTransactions(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const startTransaction = adapter.startTransaction.bind(adapter);
  return Object.assign(adapter, {
    startTransaction: async (...level: Parameters<typeof startTransaction>) =>
      tracedQueries(await startTransaction(...level)),
  });
}

/** The same adapter, with a span for each statement that belongs to a trace, if there are traces. */
export function tracedAdapter(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  if (!isTraced) return factory;
  const connect = factory.connect.bind(factory);
  return Object.assign(factory, {
    connect: async () => tracedTransactions(tracedQueries(await connect())),
  });
}
