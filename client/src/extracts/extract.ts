/**
 * The register of what is taken for training (docs/extracts.md): who is in it, and who may not be any more. What is asked
 * here throws where it has no whole answer: of half a list of people who withdrew, the others would be trained on.
 */
import { malformed } from '../terms/failure.js';
import { isText, memberOf, readJson } from '../terms/json.js';
import { type Members, contextIn, invalidQuestion, membersOf, nameIn, signalIn } from '../terms/question.js';
import type { ExtractSent } from '../transport.js';

/** Asks the service about extracts. @throws Failure */
export type SendExtract = (sent: ExtractSent, signal: AbortSignal | undefined) => Promise<string>;

/** Who may not be in an extract any more, as decided now. */
export type Look = {
  /** The handles of those who withdrew something that was taken of them, or were erased. */
  readonly members: ReadonlySet<string>;
  /** Names this look: for `withdrawn` to leave out whom it told of, and for `unlearned`. */
  readonly since: string;
  /** Whether all who withdrew are in it, and not only those since an earlier look. */
  readonly isComplete: boolean;
};

const OPTIONS = ['purpose', 'title', 'context', 'signal'] as const;
const FACTS = ['actor', 'legal_reference'] as const;
/** Bytes of a description of an extract, which has up to 1,000 statements, and of a list of who withdrew. */
const MOST_OF_ONE = 1_048_576;
const MOST_OF_LOOK = 268_435_456;

export class Extract {
  constructor(
    /** The `training_snapshot_id`. */
    readonly id: string,
    private readonly send: SendExtract,
  ) {}

  /**
   * Those who may not be in it any more. Ask before each training run, and leave them out.
   *
   * @param options `since`: who was told by an earlier look is left out, unless something about them changed
   * @throws Failure when the answer is not whole: then train on nothing
   */
  async withdrawn(options: { readonly since?: string; readonly signal?: AbortSignal } = {}): Promise<Look> {
    const given = membersOf('options', options, ['since', 'signal']);
    const { since } = given;
    const query = since === undefined ? '' : `?since=${encodeURIComponent(nameIn('since', since))}`;
    const path = `v1/extracts/${this.id}/withdrawn${query}`;
    return lookIn(
      await this.send({ path, accept: 'application/x-ndjson', most: MOST_OF_LOOK }, signalIn(given)),
    );
  }

  /** Says that those of a look are left out, or unlearned. @param since of the look @throws Failure */
  async unlearned(since: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.tell('unlearned', { since: nameIn('since', since) }, options);
  }

  /** Takes nobody in any more. @throws Failure when that is not known to hold */
  async close(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.tell('close', {}, options);
  }

  private async tell(what: string, body: object, options: unknown): Promise<void> {
    const path = `v1/extracts/${this.id}/${what}`;
    const signal = signalIn(membersOf('options', options, ['signal']));
    const sent = { path, body, accept: 'application/json', most: MOST_OF_ONE } as const;
    if (memberOf(readJson(await this.send(sent, signal)), 'id') !== this.id)
      throw malformed('it is about another extract');
  }
}

/** Opens one. @throws Failure */
export async function openExtract(
  fields: readonly unknown[],
  options: unknown,
  withDefaults: (given: Members) => Members,
  send: SendExtract,
): Promise<Extract> {
  const given = membersOf('options', options, OPTIONS);
  const { title } = given;
  const { purpose, context } = withDefaults(given);
  const body = {
    purpose: nameIn('purpose', purpose),
    fields: fields.map((field) => nameIn('field', field)),
    ...(title === undefined ? {} : { title: nameIn('title', title) }),
    context: contextIn(context, FACTS),
  };
  const sent = {
    path: 'v1/extracts',
    body,
    accept: 'application/json',
    most: MOST_OF_ONE,
    answeredBy: 201,
  } as const;
  const id = memberOf(readJson(await send(sent, signalIn(given))), 'id');
  if (!isId(id)) throw malformed('it does not say what was opened');
  return new Extract(id, send);
}

/** One that was opened before. @throws Failure `invalid_question` when it is no id */
export function extractOf(id: unknown, send: SendExtract): Extract {
  if (!isId(id)) throw invalidQuestion('`id` is no id of an extract: send its `training_snapshot_id`');
  return new Extract(id, send);
}

function isId(id: unknown): id is string {
  return isText(id) && /^[\w-]{1,64}$/.test(id);
}

/** @throws Failure `malformed_answer` when it was cut off */
function lookIn(text: string): Look {
  const lines = text.split('\n');
  const isEnded = lines.pop() === '';
  const end = readJson(lines.pop() ?? '');
  const [since, complete] = [memberOf(end, 'since'), memberOf(end, 'complete')];
  const counted = Number(memberOf(end, 'withdrawn')) + Number(memberOf(end, 'erased'));
  if (!isEnded || !isText(since) || typeof complete !== 'boolean' || counted !== lines.length)
    throw malformed('it does not end with how many withdrew: it was cut off');
  const members = new Set<string>();
  for (const line of lines) {
    const member = memberOf(readJson(line), 'member');
    if (!isText(member)) throw malformed('a line of it names nobody');
    members.add(member);
  }
  return { members, since, isComplete: complete };
}
