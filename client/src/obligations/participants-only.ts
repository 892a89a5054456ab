import { inspect } from 'node:util';
import { mustBeId } from './ids.js';
import { refuse } from './obligation-error.js';
import { itemsOf } from './rows.js';

/** Data that only its participants get, and that no log, JSON or text of it contains. */
export class ParticipantsOnly<T> {
  readonly #data: T;
  readonly #participants: ReadonlySet<string>;

  /**
   * @param participants ids of the users it is meant for, at least one
   * @throws ObligationError `bad_input`
   */
  constructor(data: T, participants: readonly string[]) {
    this.#data = data;
    this.#participants = new Set(
      itemsOf(participants, 'what should be participants').map((id) => mustBeId(id, 'a participant')),
    );
    if (this.#participants.size === 0)
      refuse('bad_input', 'nobody is a participant: pass those it is meant for');
  }

  /** @throws ObligationError `not_a_participant` */
  for(viewer: string): T {
    if (!this.#participants.has(viewer))
      refuse('not_a_participant', 'the viewer is not one of the participants: do not show it');
    return this.#data;
  }

  /** @throws ObligationError `not_for_output`, always: what is in JSON is on its way out */
  toJSON(): never {
    return refuse(
      'not_for_output',
      'this is for its participants alone: leave it out of what is sent or stored',
    );
  }

  toString(): string {
    return '[for participants only]';
  }

  /** What Node.js writes into logs. */
  [inspect.custom](): string {
    return this.toString();
  }
}
