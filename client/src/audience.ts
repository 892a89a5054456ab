import { settled } from './terms/settled.js';
import type { ClientReason } from './terms/reasons.js';

/** What may be read of one user of an audience. */
export type AudienceAnswer<Field extends string> = {
  readonly user: string;
  /** Whether every field may be read that was asked about. */
  readonly permitted: boolean;
  /** Those that may be read, in the order asked. */
  readonly fields: readonly Field[];
  /** What the caller must do with what it reads: all that is asked of anything in the same part. */
  readonly obligations: readonly string[];
  /** The handle by which the extract names the user; absent: nothing was taken in. */
  readonly member?: string;
  /** What the decision rests on; absent: there was none. */
  readonly policy?: string;
  readonly revision?: string;
  /** Why there was no decision to rest on; absent: the service decided. */
  readonly reason?: ClientReason;
  readonly message?: string;
};

/**
 * Takes users in parts of this size. It ends when the signal is aborted, and then, as when nobody goes on, tells the
 * source.
 *
 * @throws TypeError when it is no source of users
 */
export async function* partsOf(
  users: Iterable<string> | AsyncIterable<string>,
  size: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<string[], void, undefined> {
  const source = iteratorOf(users);
  let hasEnded = false;
  const isOver = () => hasEnded || signal?.aborted === true;
  try {
    while (!isOver()) {
      const part: string[] = [];
      while (!isOver() && part.length < size) {
        const next = await nextOf(source, signal);
        if (next === undefined) continue;
        // an iterator may end with anything that is true
        if (next.done) hasEnded = true;
        else part.push(next.value);
      }
      if (part.length > 0) yield part;
    }
  } finally {
    // not awaited: a source that hangs would hang this as well
    if (!hasEnded) void stopped(source).catch(() => undefined);
  }
}

type Source = Iterator<string> | AsyncIterator<string>;

function iteratorOf(users: Iterable<string> | AsyncIterable<string>): Source {
  // a text is a source of its letters
  if (typeof users === 'object' && users !== null) {
    if (Symbol.asyncIterator in users) return users[Symbol.asyncIterator]();
    if (Symbol.iterator in users) return users[Symbol.iterator]();
  }
  throw new TypeError('`users` is not a list of ids: send an array, or something else to iterate over');
}

/** The next of the source; `undefined`: the signal was aborted before it came. */
async function nextOf(
  source: Source,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<string, unknown> | undefined> {
  const next: unknown = source.next();
  if (!isThenable(next)) return resultIn(next);
  try {
    return resultIn(await settled(Promise.resolve(next), signal));
  } catch (error) {
    if (signal?.aborted === true) return undefined;
    throw error;
  }
}

/** Tells the source that no more is taken. */
async function stopped(source: Source): Promise<void> {
  await source.return?.();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';
}

/** @throws TypeError when it is no result of an iterator */
function resultIn(result: unknown): IteratorResult<string, unknown> {
  if (isResult(result)) return result;
  throw new TypeError('`users` is no source of ids: its iterator gives something else than objects');
}

/** What the values are is checked where they are asked about. */
function isResult(result: unknown): result is IteratorResult<string, unknown> {
  return typeof result === 'object' && result !== null;
}
