/** Takes out of a response what may not be read. Whatever is not mapped is not there. */
import { Readable } from 'node:stream';
import type { Assent } from '../assent.js';
import { type Asking, permitsOf } from './asking.js';
import { Properties, type Shape, Whole } from './shape.js';
import { UnreadableResponse, Walk, itemsOf, ownValue, put } from './values.js';

/**
 * A new response with what may be read of this one, of all owners in one go. Of an async iterable, each value as it
 * comes.
 *
 * Of a nested object or list in which nothing is left, nothing is left: how many there are is data as well.
 *
 * @throws UnreadableResponse when something in it cannot be looked into
 * @throws TypeError when the shape is none
 */
export async function maskOf(
  assent: Assent,
  asking: Asking,
  shape: Shape,
  response: unknown,
): Promise<unknown> {
  // anything else, also what another copy of this package made, would be taken for a value that nobody can refuse
  if (!(shape instanceof Properties || shape instanceof Whole))
    throw new TypeError('`shape` is not what `shows` of this package made: pass that');
  if (isAsyncIterable(response))
    return new MaskedStream(response, (value) => maskOfOne(assent, asking, shape, value));
  return maskOfOne(assent, asking, shape, response);
}

async function maskOfOne(assent: Assent, asking: Asking, shape: Shape, response: unknown): Promise<unknown> {
  const hasParts = shape instanceof Properties;
  if (hasParts && (response === undefined || response === null)) return response;
  if (hasParts && typeof response !== 'object')
    throw new UnreadableResponse(
      '',
      `is a ${typeof response}, which has no properties: answer with an object`,
    );
  // read once, so that what is asked about is what is sent
  const examination = new Examination();
  const made = examination.partOf(response, shape, asking.users);
  const permits = await permitsOf(assent, asking, examination.questions);
  const left = made((question) => permits[question] === true);
  if (left !== undefined || !hasParts) return left;
  return Array.isArray(response) ? [] : Object.create(null);
}

/** What is left of a value; `undefined`: nothing. */
type Made = (isPermitted: (question: number) => boolean) => unknown;

const NOTHING: Made = () => undefined;

class Examination {
  readonly questions: { readonly user: string; readonly field: string }[] = [];
  private readonly numbers = new Map<string, Map<string, number>>();
  private readonly walk = new Walk();

  partOf(value: unknown, shape: Shape, users: readonly string[]): Made {
    return shape instanceof Properties
      ? this.partsOf(value, shape, users)
      : this.wholeOf(value, shape, users);
  }

  private partsOf(value: unknown, shape: Properties, users: readonly string[]): Made {
    if (typeof value !== 'object' || value === null) return NOTHING;
    return this.walk.into(value, shape.path, () =>
      Array.isArray(value) ? this.listOf(value, shape, users) : this.objectOf(value, shape, users),
    );
  }

  private listOf(list: readonly unknown[], shape: Properties, users: readonly string[]): Made {
    const items = itemsOf(list).map((item) => this.partsOf(item, shape, users));
    return (isPermitted) => {
      const left = items.map((made) => made(isPermitted)).filter((item) => item !== undefined);
      return left.length === 0 ? undefined : left;
    };
  }

  private objectOf(object: object, shape: Properties, users: readonly string[]): Made {
    const { owner } = shape;
    const owners = owner === undefined ? users : ownersIn(ownValue(object, owner));
    const members = [...shape.inner].map(
      ([name, part]) => [name, this.partOf(ownValue(object, name), part, owners)] as const,
    );
    return (isPermitted) => {
      const left = members.map(([name, made]) => [name, made(isPermitted)] as const);
      const there = left.filter(([, value]) => value !== undefined);
      if (there.length === 0) return undefined;
      const shown: object = Object.create(null);
      for (const [name, value] of there) put(shown, name, value);
      return shown;
    };
  }

  private wholeOf(value: unknown, { path, field }: Whole, users: readonly string[]): Made {
    const copy = this.walk.copyOf(value, path);
    if (copy === undefined) return NOTHING;
    if (field === undefined) return () => copy;
    // of nobody, everybody would permit it
    if (users.length === 0) return NOTHING;
    const asked = users.map((user) => this.numberOf(user, field));
    return (isPermitted) => (asked.every(isPermitted) ? copy : undefined);
  }

  private numberOf(user: string, field: string): number {
    let ofUser = this.numbers.get(user);
    if (ofUser === undefined) this.numbers.set(user, (ofUser = new Map()));
    let number = ofUser.get(field);
    if (number === undefined) ofUser.set(field, (number = this.questions.push({ user, field }) - 1));
    return number;
  }
}

function ownersIn(id: unknown): readonly string[] {
  return typeof id === 'string' && id !== '' ? [id] : [];
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/**
 * Values as they come. It ends its source at once when nobody goes on, also while a value is awaited. Nothing of the
 * source is in a property, where whoever made a text of this would find it.
 */
class MaskedStream implements AsyncIterableIterator<unknown> {
  readonly #source: AsyncIterable<unknown>;
  readonly #values: AsyncIterator<unknown>;
  readonly #mask: (value: unknown) => Promise<unknown>;

  constructor(source: AsyncIterable<unknown>, mask: (value: unknown) => Promise<unknown>) {
    this.#source = source;
    this.#values = source[Symbol.asyncIterator]();
    this.#mask = mask;
    // who reads it is told; without a listener, the process would end as well
    if (source instanceof Readable) source.on('error', () => undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    const { done, value } = await this.#values.next();
    if (done === true) return { done, value: undefined };
    try {
      return { done: false, value: await this.#mask(value) };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#source instanceof Readable) this.#source.destroy();
    // not awaited: a source that hangs would hang this as well
    void Promise.resolve(this.#values.return?.()).catch(() => undefined);
    return { done: true, value: undefined };
  }
}
